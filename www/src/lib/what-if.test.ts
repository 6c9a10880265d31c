import { expect, test } from 'vitest';
import { tableOf } from './calibrate';
import { agreement, rowsOf } from './validation';
import type { Effect } from './what-if';
import { tally, verdict } from './what-if';

const effect = (bytes: number, link_seconds: number, seconds: number | null = null): Effect => ({
  index: 0,
  change: 'poly2:public',
  elements: 1,
  difference: { bytes, offline_bytes: 0, storage_bytes: null, rounds: 0, link_seconds, seconds },
  reason: null,
});
const unpriced: Effect = { index: 1, change: 'poly2:public', elements: 1, difference: null, reason: 'no formula' };

test('a verdict keeps what is sent and how long it takes apart', () => {
  expect(verdict([effect(5, 1, -2), effect(6, 1, -3)])).toBe('all 2 send more; all 2 are faster');
  expect(verdict([effect(-5, -1), effect(6, 1), effect(0, 0)])).toBe(
    '1 of 3 sends less; 1 of 3 sends more; 1 of 3 is faster, 1 of 3 is slower on the link (compute is not known)',
  );
  expect(verdict([effect(0, 0, 1)])).toBe('nothing changes what is sent; it is slower');
});

test('what has no figure is in no count', () => {
  expect(tally([unpriced, effect(-1, 0)], 'bytes')).toEqual({ less: 1, more: 0, same: 0 });
  expect(tally([effect(1, 1)], 'seconds')).toEqual({ less: 0, more: 0, same: 0 });
  expect(verdict([unpriced])).toBe('no figure is known');
});

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
  ];
  const rows = rowsOf({
    columns,
    rows: [
      ['s', 'a', '', 'offline bytes', 50, 100, 0.5, 'p@2', 'checked', 'another source', ''],
      ['s', 'b', 'x', 'bytes', 100, 100, 1, 'p@2', 'validated', 'another source', ''],
      ['s', 'c', '', 'bytes', 300, 100, 3, 'p@2', 'fitted', '', ''],
      ['s', 'd', '', 'seconds', null, 7, null, null, 'not-predicted', '', 'why'],
      ['s', 'e', '', 'bytes', 9, 3, 3, 'p@2', 'bound', '', ''],
      ['s', 'f', '', 'bytes', null, null, null, null, 'not-recomputable', '', 'ratios only'],
    ],
  });
  expect(rows[0]).toMatchObject({ quantity: 'bytes', protocol: 'p', version: 2, where: 's', status: 'checked' });
  expect(rows[3]).toMatchObject({ quantity: 'seconds', protocol: null, predicted: null, note: 'why' });
  // 50 for 100 is as far as 200 would be.
  // Neither a bound nor what was fitted to counts.
  expect(agreement(rows)).toEqual({ rows: 6, predicted: 4, free: 2, validated: 1, middle: 0, most: 1 });
  expect(rows[5]).toMatchObject({ measured: null, predicted: null });
});

test('measurements as a table leave out columns that nothing is in', () => {
  const row = {
    op: 'relu',
    size: '16',
    calls: 1,
    phase: null,
    bytes: 9,
    bytes_up: null,
    bytes_down: null,
    rounds: null,
    seconds: 0.5,
  } as const;
  expect(tableOf([row, { ...row, bytes: null }])).toBe('op\tsize\tbytes\tseconds\nrelu\t16\t9\t0.5\nrelu\t16\t\t0.5');
});
