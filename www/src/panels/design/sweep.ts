/** A sweep as the page asks it: ranges of the chosen network's numbers, a bound, and two objectives. */
import type { Choice, CostSettings, ExploreReport, ExploreSettings, Objective, Spec, Vary } from '../../contract/core';
import { ALWAYS } from '../../lib/costing';
import { bytes, seconds, short } from '../../lib/format';
import { wholes } from '../../lib/wholes';

export interface Ranges {
  /** Widths of the first stage. */
  readonly base: string;
  /** Least and largest multiplier of each later stage. */
  readonly from: number;
  readonly to: number;
  /** Blocks of each stage, from and to; null leaves them as they are. */
  readonly blocks: readonly [number, number] | null;
  /** Other numbers of the spec, a line each: `side = 32, 64`, `stages.2.mid = 8..12`. */
  readonly more: string;
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
    vary: [
      { what: 'base', values: wholes(ranges.base).filter((n) => n > 0) },
      ...later,
      ...depths,
      ...moreOf(ranges.more),
    ],
    constraints: ranges.mostRelus === null ? [] : [{ of: 'relus', most: ranges.mostRelus }],
    objectives,
    cost,
  };
}

/** What else varies, as it is written; the core refuses what is none. */
export const moreOf = (text: string): Vary[] =>
  text
    .split(/[;\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [what = '', list = ''] = line.split('=').map((part) => part.trim());
      const range = /^(\d+)\s*\.\.\s*(\d+)$/.exec(list);
      if (range) return { what, from: Number(range[1]), to: Number(range[2]) };
      const values = list.split(/[\s,]+/).filter((value) => value !== '');
      return { what, values: values.map((value) => (/^\d+$/.test(value) ? Number(value) : value) as Choice) };
    });

/** How many values one number takes: counted, for a range that was written may be of any length. */
function countOf({ values, from = 0, to = 0, step = 1 }: Vary): number {
  const count = values?.length ?? Math.floor((to - from) / step) + 1;
  return count > 0 ? count : 0;
}

/** Candidates of a sweep, before it is asked. */
export function sizeOf({ vary }: ExploreSettings): number {
  const counts = vary.map(countOf);
  return counts.includes(0) ? 0 : counts.reduce((all, count) => all * count, 1);
}

/** What varies, of the candidate at a place: the last changes fastest. */
export function choicesOf({ vary }: ExploreSettings, place: number): Choice[] {
  let rest = place;
  const found = vary.toReversed().map((one) => {
    const { values, from = 0, step = 1 } = one;
    const count = countOf(one);
    const at = rest % count;
    rest = Math.floor(rest / count);
    return values ? (values[at] ?? 0) : from + at * step;
  });
  return found.reverse();
}

/** The same in words. */
export const noteOf = (settings: ExploreSettings, place: number): string =>
  choicesOf(settings, place)
    .map((value, i) => `${settings.vary[i]?.what} ${value}`)
    .join(', ');

const TITLES: Readonly<Record<string, string>> = {
  relus: 'ReLUs',
  macs: 'MACs',
  params: 'parameters',
  bytes: 'traffic',
  seconds: 'time',
};

/** A figure in words; of a price with its protocol, where `named` says what that is called. */
export function titleOf(figure: string, named?: (protocol: string) => string): string {
  const [kind = '', ...protocol] = figure.split(':');
  const title = TITLES[kind];
  if (title === undefined) return figure;
  return named && protocol.length > 0 ? `${title} under ${named(protocol.join(':'))}` : title;
}

/** Under what the prices of a sweep are: a protocol and a link; null where it asks for none. */
export function pricedUnder({ objectives = [], constraints = [], cost }: ExploreSettings): {
  protocol: string;
  link: string;
} | null {
  const priced = [...objectives, ...constraints].find(({ of }) => of.includes(':'));
  if (!priced) return null;
  const byHand = cost?.up != null || cost?.down != null;
  return {
    protocol: priced.of.slice(priced.of.indexOf(':') + 1),
    link: byHand ? 'custom' : (cost?.link ?? ALWAYS.link),
  };
}

/** Its value with its unit; a figure that is not known has none. */
export function textOf(figure: string, value: number): string {
  if (Number.isNaN(value)) return 'not known';
  if (figure.startsWith('bytes')) return bytes(value);
  return /^(seconds|offline|online)/.test(figure) ? seconds(value) : short(value);
}

/** Where the objectives stand among a report's figures. */
export function axesOf(report: ExploreReport): { x: number; y: number; titles: readonly [string, string] } | null {
  const [first, second] = report.settings.objectives ?? [];
  if (!first || !second) return null;
  const [x, y] = [report.figures.indexOf(first.of), report.figures.indexOf(second.of)];
  return x < 0 || y < 0 ? null : { x, y, titles: [first.of, second.of] };
}
