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
    'note',
  ];
  const rows = rowsOf({
    columns,
    rows: [
      ['s', 'a', '', 'offline bytes', 50, 100, 0.5, 'p@2', 'checked', ''],
      ['s', 'b', 'x', 'bytes', 100, 100, 1, 'p@2', 'checked', ''],
      ['s', 'c', '', 'bytes', 300, 100, 3, 'p@2', 'fitted', ''],
      ['s', 'd', '', 'seconds', null, 7, null, null, 'not-predicted', 'why'],
    ],
  });
  expect(rows[0]).toMatchObject({ quantity: 'bytes', protocol: 'p', version: 2, where: 's', fitted: false });
  expect(rows[3]).toMatchObject({ quantity: 'seconds', protocol: null, predicted: null, note: 'why' });
  // 50 for 100 is as far as 200 would be.
  expect(agreement(rows)).toEqual({ rows: 4, predicted: 3, free: 2, middle: 0, most: 1 });
});
