/** A sweep as the page asks it: ranges of the chosen network's numbers, a bound, and two objectives. */
import type { CostSettings, ExploreReport, ExploreSettings, Objective, Spec } from '../../contract/core';
import { wholes } from '../../lib/wholes';

export interface Ranges {
  /** Widths of the first stage. */
  readonly base: string;
  /** Least and largest multiplier of each later stage. */
  readonly from: number;
  readonly to: number;
  /** Blocks of each stage, from and to; null leaves them as they are. */
  readonly blocks: readonly [number, number] | null;
  readonly mostRelus: number | null;
  /** The second objective: more MACs, more parameters, fewer bytes, fewer seconds. */
  readonly against: 'macs' | 'params' | 'bytes' | 'seconds';
}

export const AGAINST: readonly { id: Ranges['against']; title: string }[] = [
  { id: 'macs', title: 'as many MACs as possible' },
  { id: 'params', title: 'as many parameters as possible' },
  { id: 'bytes', title: 'as little traffic as possible' },
  { id: 'seconds', title: 'as little time as possible' },
];

/** The sweep of `base` under `protocol`. */
export function sweepOf(base: Spec, ranges: Ranges, protocol: string, cost: CostSettings): ExploreSettings {
  const later = base.stages.slice(1).map((_, i) => ({ what: `multiplier.${i + 2}`, from: ranges.from, to: ranges.to }));
  const depths = ranges.blocks
    ? base.stages.map((_, i) => ({
        what: `stages.${i + 1}.blocks`,
        from: ranges.blocks?.[0] ?? 1,
        to: ranges.blocks?.[1] ?? 1,
      }))
    : [];
  const more = ranges.against === 'macs' || ranges.against === 'params';
  const second: Objective = more
    ? { of: ranges.against, sense: 'max' }
    : { of: `${ranges.against}:${protocol}`, sense: 'min' };
  // Fewest ReLUs and least traffic go together: beside a price the network is to be large.
  const objectives: Objective[] = more
    ? [{ of: 'relus', sense: 'min' }, second]
    : [second, { of: 'macs', sense: 'max' }];
  return {
    base,
    vary: [{ what: 'base', values: wholes(ranges.base).filter((n) => n > 0) }, ...later, ...depths],
    constraints: ranges.mostRelus === null ? [] : [{ of: 'relus', most: ranges.mostRelus }],
    objectives,
    cost,
  };
}

/** Candidates of a sweep, before it is asked. */
export function sizeOf({ vary }: ExploreSettings): number {
  return vary.reduce((all, { values, from = 0, to = 0 }) => all * (values?.length ?? Math.max(0, to - from + 1)), 1);
}

/** Where the objectives stand among a report's figures. */
export function axesOf(report: ExploreReport): { x: number; y: number; titles: readonly [string, string] } | null {
  const [first, second] = report.settings.objectives ?? [];
  if (!first || !second) return null;
  const [x, y] = [report.figures.indexOf(first.of), report.figures.indexOf(second.of)];
  return x < 0 || y < 0 ? null : { x, y, titles: [first.of, second.of] };
}
