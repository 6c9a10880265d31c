/**
 * Puts published and own points on one axis, as crate/src/api/pareto.rs does for the command line.
 * What dominates what is the core's to say: this file only lays out the question and the answer.
 */
import type { ParetoReport, Published, ReluPrice } from '../contract/core';
import type { ParetoSettings } from './pareto';

/** Parallel lists: what each point costs and how accurate it is. */
export interface Marks {
  costs: number[];
  accuracies: number[];
}

export interface Comparison {
  /** One for each method, and all together as the last. */
  groups: Marks[];
  budgets: number[];
  accuracies: number[];
}

/** Indices into the groups' lists. */
export interface Compared {
  fronts: number[][];
  best: (number | null)[];
  fewest: (number | null)[];
}

const units = { relus: 'ReLUs', latency: 's', traffic: 'B', macs: 'MACs' } as const;

export function compareAll(
  { points }: Published,
  settings: ParetoSettings,
  price: ReluPrice | null,
): { ask: Comparison; report: (compared: Compared) => ParetoReport } {
  const { axis, dataset } = settings;
  const place = (relus: number | null, macs: number | null): number | null => {
    if (axis === 'macs') return macs;
    if (relus === null || axis === 'relus' || !price) return relus;
    return relus * (axis === 'latency' ? price.seconds : price.bytes);
  };
  const shown = points.flatMap((point, index) => {
    const isAsked = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);
    const takesPart =
      point.dataset === dataset && isAsked(settings.methods, point.method) && isAsked(settings.statuses, point.status);
    return takesPart ? [{ index, point, cost: place(point.relus, point.computed?.macs ?? null) }] : [];
  });
  const placed = shown.flatMap(({ index, point, cost }) => (cost === null ? [] : [{ index, point, cost }]));
  const methods = [...new Set(placed.map(({ point }) => point.method))].sort();
  const members = [...methods.map((method) => placed.filter(({ point }) => point.method === method)), placed];
  const own = settings.own.map((each) => ({ ...each, cost: place(each.relus, each.macs) ?? 0 }));
  const known = own.flatMap(({ accuracy }) => (accuracy === null ? [] : [accuracy]));
  const ask: Comparison = {
    groups: members.map((group) => ({
      costs: group.map(({ cost }) => cost),
      accuracies: group.map(({ point }) => point.accuracy),
    })),
    budgets: [...own.map(({ cost }) => cost), ...(settings.budget === null ? [] : [settings.budget])],
    accuracies: [...known, ...(settings.accuracy === null ? [] : [settings.accuracy])],
  };

  function report({ fronts, best, fewest }: Compared): ParetoReport {
    const indices = fronts.map((front, group) => front.flatMap((at) => members[group]?.[at]?.index ?? []));
    let next = 0;
    return {
      schema: 'reluctant.pareto/1',
      dataset,
      axis,
      unit: units[axis],
      price,
      points: shown.map(({ index, cost }) => ({ index, cost })),
      fronts: methods.map((method, i) => ({ method, points: indices[i] ?? [] })),
      front: indices.at(-1) ?? [],
      own: own.map(({ cost, accuracy }, i) => {
        const above = placed[best[i] ?? -1];
        const left = accuracy === null ? undefined : placed[fewest[next++] ?? -1];
        const distance =
          accuracy === null
            ? null
            : {
                at_budget: above?.index ?? null,
                accuracy_gap: above ? above.point.accuracy - accuracy : null,
                at_accuracy: left?.index ?? null,
                cost_factor: left && left.cost > 0 ? cost / left.cost : null,
              };
        return { cost, distance, best_at_cost: above?.index ?? null };
      }),
      best_at_budget: settings.budget === null ? null : (placed[best[own.length] ?? -1]?.index ?? null),
      fewest_at_accuracy: settings.accuracy === null ? null : (placed[fewest[known.length] ?? -1]?.index ?? null),
    };
  }
  return { ask, report };
}
