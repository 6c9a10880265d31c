import type { Estimate } from '../contract/core';
import { expect, test } from 'vitest';
import {
  budgetAt,
  budgetOf,
  changeOf,
  costsMore,
  placeOf,
  reductionText,
  sortedChanges,
  STEPS,
  sweepBudgets,
  verdict,
} from './replace-view';
import { estimate, phase } from './testing';

test('budgets are elements or a share, never more than there are', () => {
  expect(budgetOf('47,104', 188_416)).toBe(47_104);
  expect(budgetOf(' 25 % ', 188_416)).toBe(47_104);
  expect(budgetOf('33.3%', 1000)).toBe(333);
  // Rounded down, as the core does: a budget is never more than was asked for.
  expect(budgetOf('12.5%', 1001)).toBe(125);
  expect(budgetOf('99.9%', 1)).toBe(0);
  expect(budgetOf('7.9', 1001)).toBe(7);
  for (const bad of ['', '-1', '101%', '188417', 'many', '1e9']) expect(budgetOf(bad, 188_416)).toBeNull();
});

test('a slider goes from nothing to everything and back, on both scales', () => {
  for (const log of [false, true]) {
    for (const total of [4, 1568, 8_803_536]) {
      expect([budgetAt(0, total, log), budgetAt(STEPS, total, log)]).toEqual([0, total]);
      expect([placeOf(0, total, log), placeOf(total, total, log)]).toEqual([0, STEPS]);
      for (let place = 1; place < STEPS; place += 111) {
        const budget = budgetAt(place, total, log);
        // The slider stands where that budget is, to the nearest element.
        expect(Math.abs(budgetAt(placeOf(budget, total, log), total, log) - budget)).toBeLessThanOrEqual(
          Math.max(1, total / 400),
        );
      }
    }
  }
});

test('a sweep has both ends and no budget twice', () => {
  expect(sweepBudgets(1568, 8, false)).toEqual([1568, 1344, 1120, 896, 672, 448, 224, 0]);
  const few = sweepBudgets(4, 64, true);
  expect(new Set(few).size).toBe(few.length);
  expect([few[0], few.at(-1)]).toEqual([4, 0]);
});

test('the claim of AutoReP', () => {
  expect(reductionText(8_803_536, 50_000)).toBe('8,803,536 / 50,000 = 176.1x fewer');
  expect(reductionText(1568, 0)).toBe('all 1,568 replaced');
});

const bytes = (total: number, changes: Partial<Estimate> = {}): Estimate =>
  estimate({}, { bytes_total: total, online: phase([1, 2, 3], 1), ...changes });
const untimed = (total: number, changes: Partial<Estimate> = {}): Estimate =>
  bytes(total, { online: phase(null, 1), ...changes });

test('a plan that costs more is said to, with its sign', () => {
  expect(verdict(changeOf(untimed(100), untimed(112)), 'P')).toBe(
    'Under P this plan costs more than it saves: +12\u00a0% bytes.',
  );
  expect(verdict(changeOf(untimed(100), untimed(69)), 'P')).toBe('Under P this plan saves: \u221231\u00a0% bytes.');
  const quicker = changeOf(bytes(100), bytes(226, { online: phase([0, 1, 2], 1) }));
  expect(verdict(quicker, 'P')).toBe(
    'Under P this plan saves time and sends more: +126\u00a0% bytes, \u221225\u00a0% time.',
  );
  expect(costsMore(quicker)).toBe(false);
});

test('what has no price is not called cheaper', () => {
  const gap: Partial<Estimate> = { unpriced: [{ index: 3, reason: 'no product of two secrets' }] };
  const after = untimed(10, gap);
  const status = { ...after.status, 'not-supported': { parts: 1 } };
  const change = changeOf(untimed(100), { ...after, status });
  expect(verdict(change, 'P')).toContain('no product of two secrets');
  expect(costsMore(change)).toBe(false);
  // Nor dearer, where it is the original that has none.
  const other = changeOf({ ...after, status }, untimed(100));
  expect([verdict(other, 'P').includes('of the original, no product'), costsMore(other)]).toEqual([true, false]);
  const [first, second, last] = sortedChanges(
    [
      change,
      changeOf(untimed(9, { protocol: 'b' }), untimed(8, { protocol: 'b' })),
      changeOf(untimed(9, { protocol: 'c' }), untimed(10, { protocol: 'c' })),
    ],
    'c',
  );
  expect([first?.protocol, second?.protocol, last?.protocol]).toEqual(['c', 'b', 'p']);
});

test('a time without some of the plan\u2019s work decides nothing', () => {
  const gap = { unpriced: [{ index: 3, reason: 'no compute time' }] };
  const change = changeOf(bytes(100), bytes(90, { ...gap, online: phase([9, 9, 9], 1) }));
  expect([change.untimed, costsMore(change)]).toEqual([true, false]);
  expect(verdict(change, 'P')).toBe('Under P this plan saves: \u221210\u00a0% bytes.');
});
