import type { ParetoReport, Published } from '../contract/core';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ParetoSettings } from './pareto';
import type { Compared, Comparison, Marks } from './pareto-report';
import { compareAll } from './pareto-report';
import list from './published.json';

const published = list as Published;
const golden = JSON.parse(
  readFileSync(new URL('../../../tests/golden/pareto-cifar100.json', import.meta.url), 'utf8'),
) as ParetoReport;

/** Every pair is compared: slow, and easy to believe. */
function naive({ groups, budgets, accuracies }: Comparison): Compared {
  const all = groups.at(-1) ?? { costs: [], accuracies: [] };
  const dots = (marks: Marks) => marks.costs.map((cost, at) => ({ at, cost, accuracy: marks.accuracies[at] ?? 0 }));
  const cheapest = (a: { cost: number }, b: { cost: number }): number => a.cost - b.cost;
  const best = (a: { accuracy: number }, b: { accuracy: number }): number => b.accuracy - a.accuracy;
  return {
    fronts: groups.map((group) =>
      dots(group)
        .filter(
          (a) =>
            !dots(group).some(
              (b) => (b.cost <= a.cost && b.accuracy > a.accuracy) || (b.cost < a.cost && b.accuracy >= a.accuracy),
            ),
        )
        .sort(cheapest)
        .map(({ at }) => at),
    ),
    best: budgets.map(
      (budget) =>
        dots(all)
          .filter(({ cost }) => cost <= budget)
          .sort((a, b) => best(a, b) || cheapest(a, b))[0]?.at ?? null,
    ),
    fewest: accuracies.map(
      (least) =>
        dots(all)
          .filter(({ accuracy }) => accuracy >= least)
          .sort((a, b) => cheapest(a, b) || best(a, b))[0]?.at ?? null,
    ),
  };
}

const settings: ParetoSettings = {
  dataset: 'CIFAR-100',
  axis: 'relus',
  methods: [],
  statuses: [],
  own: [
    { relus: 557_056, macs: 1_000_000, accuracy: null },
    { relus: 25_000, macs: 1_000_000, accuracy: 68 },
    { relus: 5, macs: 1_000_000, accuracy: 99 },
  ],
  budget: 15_000,
  accuracy: 70,
};

test('the page compares as the command line does', () => {
  const { ask, report } = compareAll(published, settings, null);
  expect(report(naive(ask))).toEqual(golden);
});

test('a price scales the axis and keeps the fronts', () => {
  const price = {
    protocol: 'p',
    profile_version: 1,
    link: 'lan',
    bytes: 20_000,
    seconds: 1e-5,
    compute_included: true,
  };
  const { ask, report } = compareAll(published, { ...settings, axis: 'traffic', budget: 3e8 }, price);
  const compared = report(naive(ask));
  expect(compared.fronts).toEqual(golden.fronts);
  expect(compared.own[0]?.cost).toBe(557_056 * 20_000);
  expect(compared.best_at_budget).toBe(golden.best_at_budget);
});

test('methods, statuses and missing counts', () => {
  const snl = compareAll(published, { ...settings, methods: ['SNL'], statuses: ['verified'] }, null);
  expect(snl.report(naive(snl.ask)).fronts.map(({ method }) => method)).toEqual(['SNL']);
  const imagenet = compareAll(published, { ...settings, dataset: 'ImageNet' }, null);
  const { points, fronts, best_at_budget } = imagenet.report(naive(imagenet.ask));
  expect(points.map(({ cost }) => cost)).toEqual([null, null, null]);
  expect([fronts, best_at_budget]).toEqual([[], null]);
});
