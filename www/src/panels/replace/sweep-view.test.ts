import { expect, test } from 'vitest';
import type { SweepPoint } from '../../lib/replace';
import { estimate, phase } from '../../lib/testing';
import { dotsOf, linesOf, pointsOf, sweepCsv, timeOf } from './sweep-view';

const point = (kept: number, accuracy: number | null): SweepPoint => ({
  budget: String(kept),
  policy: 'error',
  kept,
  total: 100,
  accuracy,
  accuracy_interval: accuracy === null ? null : [accuracy - 0.25, accuracy + 0.0625],
  agreement: 0.5,
  kl: 0,
  relative_error: 0,
  replaced: [],
});
/** Offline 4 s in the middle of 2 to 8; online 0.5 s on the link, its compute not known. */
const priced = (bytes: number) =>
  estimate({}, { offline: phase([2, 4, 8], 1), online: phase(null, 0.5), bytes_total: bytes });

test('a time is the middle of its range in both phases, the link alone where compute is not known', () => {
  expect(timeOf(priced(1))).toBe(4.5);
  expect(timeOf(estimate({}, { offline: phase([2, 4, 8], 1), online: phase([16, 32, 64], 1) }))).toBe(36);
});

test('a point stands where its axis says', () => {
  const points = { error: [point(10, 0.9), point(40, null)] };
  const estimates = [priced(70), priced(90)];
  const places = (axis: 'relus' | 'bytes' | 'seconds') => pointsOf(points, estimates, axis).map(({ x }) => x);
  expect([places('relus'), places('bytes'), places('seconds')]).toEqual([
    [10, 40],
    [70, 90],
    [4.5, 4.5],
  ]);
  expect(pointsOf(points, [], 'seconds').map(({ x }) => x)).toEqual([null, null]);
  // In per cent; what is not known is on no line.
  expect(linesOf(pointsOf(points, estimates, 'bytes'), 'accuracy')[0]?.points).toEqual([[70, 90]]);
});

test('the plan stands on the axis until it is measured, then where it came out', () => {
  const places = (reached: Parameters<typeof dotsOf>[3]) =>
    dotsOf([], 'accuracy', 25, reached).map(({ x, y, span }) => [x, y, span]);
  expect(places(null)).toEqual([[25, null, undefined]]);
  expect(places({ share: 0.75, interval: [0.5, 1] })).toEqual([[25, 75, [50, 100]]]);
  expect(places({ share: 0.75, interval: null })).toEqual([[25, 75, undefined]]);
});

test('an accuracy has its interval, an agreement none', () => {
  const placed = pointsOf({ error: [point(10, 0.75), point(40, null)] }, [], 'relus');
  expect(dotsOf(placed, 'accuracy', null).map(({ span }) => span)).toEqual([[50, 81.25], undefined]);
  expect(dotsOf(placed, 'agreement', null).map(({ span }) => span)).toEqual([undefined, undefined]);
});

test('a file has the same figures', () => {
  const [head = '', line = ''] = sweepCsv({ error: [point(10, 0.9)] }, [priced(70)], 'here')
    .trim()
    .split('\r\n');
  const cells = line.split(',');
  const at = (name: string) => cells[head.split(',').indexOf(name)];
  expect([at('kept'), at('bytes'), at('seconds'), at('accuracy')]).toEqual(['10', '70', '4.5', '0.9']);
});
