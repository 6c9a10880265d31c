import { expect, test } from 'vitest';
import type { LiveLayer } from '../contract/core';
import { best, measurements, pricedOn, rowsOf, secondsOn, totalsOf } from './live';

const layer = (name: string, at: number[], measured: [string, string] | null = null): LiveLayer => ({
  index: 0,
  name,
  op: 'Relu',
  at,
  shape: [],
  predicted_bytes: null,
  measured,
});
const told = (from: 'client' | 'server' | 'dealer', layer: number, bytes: number, at: number, kind = 'comparison') => ({
  from,
  to: 'server' as const,
  layer,
  kind,
  online: kind === 'comparison',
  bytes,
  at,
});
const all = [
  told('dealer', 0, 32, 0, 'seed'),
  told('client', 0, 8, 0, 'input'),
  told('client', 0, 100, 1),
  told('server', 0, 100, 2),
  told('client', 2, 50, 3),
  told('server', 2, 50, 4),
  told('server', 2, 4, 5, 'output'),
];

test('traffic is told by layer, and what is not priced stands apart', () => {
  const rows = rowsOf([layer('a', [0]), layer('b', [1]), layer('c', [2, 3])], all);
  expect(rows.map(({ traffic }) => traffic)).toEqual([
    { bytes: 200, messages: 2, rounds: 1 },
    { bytes: 0, messages: 0, rounds: 0 },
    { bytes: 100, messages: 2, rounds: 1 },
  ]);
  expect(totalsOf(all)).toEqual({
    bytes: 300,
    messages: 4,
    rounds: 2,
    byParty: [150, 150],
    apart: { sharing: 8, opening: 4, dealer: 32 },
    seconds: 5,
  });
});

test('a link is priced both ways, one after the other', () => {
  const pace = { up: 100, down: 50, roundTrip: 0.04 };
  // 200 / 100 + 200 / 50 + 54 x 0.04.
  expect(secondsOn(pace, [200, 200], 54)).toBeCloseTo(2 + 4 + 2.16, 12);
  const view = { layers: [], input: [], predicted_bytes: null, predicted_rounds: null };
  expect(pricedOn(pace, view)).toBeNull();
});

test('what is one operation is a measurement, the rest is none', () => {
  const rows = rowsOf([layer('a', [0], ['relu', '64']), layer('b', [2])], all);
  expect(measurements(rows, new Map([[0, 0.5]]))).toBe('op\tsize\tbytes\trounds\tseconds\nrelu\t64\t200\t1\t0.5');
  expect(measurements(rows, new Map())).toBe('');
});

test('the best class is the first of the largest scores', () => {
  expect(best([-3, -1, -2])).toBe(1);
  expect(best([1, 2, 2])).toBe(1);
});
