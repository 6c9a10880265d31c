import { expect, test } from 'vitest';
import { agreement, rowsOf } from './validation';

test('agreement counts rows that nothing was fitted to, alike in both directions', () => {
  const columns = [
    'system',
    'subject',
    'setting',
    'quantity',
    'predicted',
    'measured',
    'ratio',
    'protocol',
    'status',
    'against',
    'note',
    'unit',
  ];
  const rows = rowsOf({
    columns,
    rows: [
      ['s', 'a', '', 'offline bytes', 50, 100, 0.5, 'p@2', 'checked', 'another source', '', 'bytes'],
      ['s', 'b', 'x', 'bytes', 100, 100, 1, 'p@2', 'validated', 'another source', '', 'bytes'],
      ['s', 'c', '', 'bytes', 300, 100, 3, 'p@2', 'fitted', '', '', 'bytes'],
      ['s', 'd', '', 'seconds', null, 7, null, null, 'not-predicted', '', 'why', 'seconds'],
      ['s', 'e', '', 'bytes', 9, 3, 3, 'p@2', 'bound', '', '', 'bytes'],
      ['s', 'f', '', 'bytes', null, null, null, null, 'not-recomputable', '', 'ratios only', 'bytes'],
    ],
  });
  expect(rows[0]).toMatchObject({ quantity: 'bytes', protocol: 'p', version: 2, where: 's', status: 'checked' });
  expect(rows[3]).toMatchObject({ quantity: 'seconds', protocol: null, predicted: null, note: 'why' });
  // 50 for 100 is as far as 200 would be.
  // Neither a bound nor what was fitted to counts.
  expect(agreement(rows)).toEqual({ rows: 6, predicted: 4, free: 2, validated: 1, middle: 0, most: 1 });
  expect(rows[5]).toMatchObject({ measured: null, predicted: null });
});
