/** How plans and their costs are read: budgets, rows, before and after, sentences. Pure. */
import type { Estimate, Layer, LayerActivation, Method, Planned, Policy, Score } from '../contract/core';
import { isBound } from './cost-view';
import { change, exact } from './format';
import type { Stay } from '../contract/core';
import type { Wish } from './replace';

export const POLICIES: readonly { id: Policy; title: string; note: string }[] = [
  {
    id: 'error',
    title: 'Expected error',
    note: 'keeps what its polynomial would get most wrong, weighted by measured sensitivity',
  },
  {
    id: 'senet',
    title: 'SENet difference',
    note: 'keeps where the output moves most when an activation goes; forward passes only',
  },
  {
    id: 'criticality',
    title: 'Criticality by stage',
    note: 'DeepReDuce: thins and culls the least critical stages first',
  },
  {
    id: 'balance',
    title: 'Dead and always-on first',
    note: 'lets go first of what is nearly always zero, or nearly always passed on',
  },
  { id: 'uniform', title: 'Uniform', note: 'the same share everywhere' },
  { id: 'random', title: 'Random', note: 'by lot, from the seed' },
  { id: 'nested', title: 'One map for all', note: 'by lot, the same places in every layer' },
  {
    id: 'senet-ratios',
    title: 'SENet\u2019s ratios',
    note: 'the shares that SENet publishes, where a list fits this network',
  },
  {
    id: 'bcd',
    title: 'Block descent',
    note: 'tries blocks on a batch of the data and lets go of the one that hurts least; slow',
  },
];

export const policyTitle = (id: Policy): string => POLICIES.find((policy) => policy.id === id)?.title ?? id;

export const GRANULARITIES: readonly { id: string; title: string; note: string }[] = [
  { id: 'pixel', title: 'Pixel', note: 'each scalar by itself' },
  { id: 'spatial', title: 'Spatial', note: 'one map, shared by all channels' },
  { id: 'channel', title: 'Channel', note: 'whole channels' },
  { id: 'patch:4', title: 'Patch', note: 'squares of 4\u00d74' },
  { id: 'layer', title: 'Layer', note: 'whole layers, chosen exactly' },
  { id: 'stage', title: 'Stage', note: 'whole stages, chosen exactly' },
];

/** `degree`: the method has degrees, these ones. */
export const METHODS: readonly { id: Method; title: string; note: string; degrees: readonly number[] }[] = [
  {
    id: 'dapa',
    title: 'DaPa',
    note: 'best under a normal law of the mean and deviation that were seen',
    degrees: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  {
    id: 'fit',
    title: 'Fit to histogram',
    note: 'best under what was seen, bin by bin',
    degrees: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  { id: 'minimax', title: 'Minimax', note: 'smallest largest error on the range', degrees: [1, 2, 3, 4, 5, 6, 7, 8] },
  { id: 'chebyshev', title: 'Chebyshev', note: 'a Chebyshev series on the range', degrees: [1, 2, 3, 4, 5, 6, 7, 8] },
  {
    id: 'autorep',
    title: 'AutoReP\u2019s start',
    note: 'the values that AutoReP\u2019s code starts its training from',
    degrees: [],
  },
  { id: 'pillar', title: 'PILLAR', note: 'degree 4 on [\u22125, 5]', degrees: [] },
  { id: '0.25x2+0.5x', title: '0.25x\u00b2 + 0.5x', note: 'the same everywhere', degrees: [] },
  { id: 'x2+x', title: 'x\u00b2 + x', note: 'the same everywhere', degrees: [] },
  { id: 'identity', title: 'Identity', note: 'the activation is left out', degrees: [] },
];

export const methodTitle = (id: Method): string => METHODS.find((method) => method.id === id)?.title ?? id;
export const degreesOf = (id: Method): readonly number[] => METHODS.find((method) => method.id === id)?.degrees ?? [];

const TARGETS: Record<string, string> = {
  relu: 'ReLU',
  relu6: 'ReLU6',
  'leaky-relu': 'LeakyReLU',
  silu: 'SiLU',
  gelu: 'GELU',
  'hard-swish': 'HardSwish',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
};

/** What an activation is called. */
export const targetTitle = (target: string): string => TARGETS[target] ?? target;

/** A budget in elements; null for text that is none. */
export function budgetOf(text: string, total: number): number | null {
  const found = /^\s*(\d[\d,_ ]*(?:\.\d+)?)\s*(%?)\s*$/.exec(text);
  if (!found) return null;
  const value = Number((found[1] ?? '').replace(/[,_ ]/g, ''));
  const budget = found[2] ? Math.floor((total * value) / 100) : Math.floor(value);
  return budget >= 0 && budget <= total ? budget : null;
}

/** Positions of a slider over 0..total; a logarithmic one spends most of its way on small budgets. */
export const STEPS = 1000;
const SMALLEST = 1e-4;

export function placeOf(budget: number, total: number, log: boolean): number {
  if (budget <= 0 || total <= 0) return 0;
  if (!log) return Math.round((STEPS * budget) / total);
  const least = Math.max(1, total * SMALLEST);
  return Math.max(1, Math.round(1 + ((STEPS - 1) * Math.log(Math.max(1, budget / least))) / Math.log(total / least)));
}

export function budgetAt(place: number, total: number, log: boolean): number {
  if (place <= 0) return 0;
  if (place >= STEPS) return total;
  if (!log) return Math.round((total * place) / STEPS);
  const least = Math.max(1, total * SMALLEST);
  return Math.round(least * (total / least) ** ((place - 1) / (STEPS - 1)));
}

/** Budgets of a sweep, falling, ends included; by equal steps or by equal factors (and 0). */
export function sweepBudgets(total: number, count: number, log: boolean): number[] {
  const places = Array.from({ length: count }, (_, i) => (STEPS * (count - 1 - i)) / (count - 1));
  return [...new Set(places.map((place) => budgetAt(place, total, log)))];
}

export interface PlanRow {
  index: number;
  name: string;
  /** Name of its result; null where only the costs of the plan are known. */
  output: string | null;
  stage: string;
  target: string;
  elements: number;
  kept: number;
  method: Method | null;
  degree: number | null;
  mse: number | null;
  outside: number | null;
  /** Has a method or a degree of its own. */
  own: boolean;
}

/** The activations that a plan is about, where only its costs are known: those of the kinds that it changes. */
export function stayingOf(
  score: Score,
  replaced: readonly Stay[] | null,
): { layer: Layer; activation: LayerActivation; stay: Stay | undefined }[] {
  const stays = new Map(replaced?.map((stay) => [stay.index, stay]));
  const kinds = new Set(
    score.layers.flatMap(({ index, activation }) => (activation && stays.has(index) ? [activation.kind] : [])),
  );
  return score.layers.flatMap((layer) => {
    const { activation } = layer;
    return activation && kinds.has(activation.kind) ? [{ layer, activation, stay: stays.get(layer.index) }] : [];
  });
}

/** What a plan file that came with a link says of its activations, by the name of the node; nothing where it cannot be read. */
function toldBy(
  file: string | null,
): ReadonlyMap<string, { mse: number | null; outside: number | null; degree: number | null }> {
  const figure = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  try {
    const { layers } = JSON.parse(file ?? '{}') as { layers?: Record<string, unknown>[] };
    return new Map(
      (layers ?? []).map(({ node, mse, outside, coefficients }) => {
        const rows = Array.isArray(coefficients) ? (coefficients as unknown[][]) : [];
        const longest = Math.max(0, ...rows.map((row) => (Array.isArray(row) ? row.length : 0)));
        return [String(node), { mse: figure(mse), outside: figure(outside), degree: longest > 0 ? longest - 1 : null }];
      }),
    );
  } catch {
    return new Map();
  }
}

/** The activations under a plan; of a plan that came with a link what its costs say, and its file. */
export function rowsOf(
  score: Score,
  planned: Planned | null,
  replaced: readonly Stay[] | null,
  wish: Wish,
  file: string | null = null,
): PlanRow[] {
  const layers = new Map(score.layers.map((layer) => [layer.index, layer]));
  const stage = (index: number, otherwise: number | null): string =>
    layers.get(index)?.stage ?? (otherwise === null ? '' : `S${otherwise}`);
  const own = new Set(wish.layers?.map(({ output }) => output));
  if (planned) {
    return planned.layers.map((layer) => ({
      ...layer,
      name: layer.node,
      stage: stage(layer.index, layer.stage),
      own: own.has(layer.output),
    }));
  }
  const told = toldBy(file);
  return stayingOf(score, replaced).map(({ layer, activation, stay }) => {
    const { kept, scales, products } = stay ?? { kept: activation.elements, scales: 0, products: 0 };
    return {
      index: layer.index,
      name: layer.name,
      output: null,
      stage: layer.stage,
      target: activation.kind,
      elements: activation.elements,
      kept,
      method: null,
      degree: scales + products > 0 ? products + 1 : 1,
      mse: null,
      outside: null,
      own: false,
      ...told.get(layer.name),
    };
  });
}

/** `8,803,536 / 50,000 = 176.1x fewer`. */
export function reductionText(total: number, kept: number): string {
  if (kept === 0) return `all ${exact(total)} replaced`;
  const times = total / kept;
  return `${exact(total)} / ${exact(kept)} = ${times >= 1000 ? exact(Math.round(times)) : times.toFixed(times < 10 ? 2 : 1)}x fewer`;
}

export interface Pair {
  before: number;
  after: number;
}

/** One protocol, before and after. */
export interface Change {
  protocol: string;
  before: Estimate;
  after: Estimate;
  bytes: Pair;
  rounds: Pair;
  /** Offline and online; null where the compute time is not known. */
  seconds: Pair | null;
  link: Pair;
  /** Why a piece of the one or the other has no price: their figures are not of the same work. */
  unpriced: string | null;
  /** Some of the work of the one or the other has bytes and no compute time: their times are lower bounds. */
  untimed: boolean;
}

const secondsOf = ({ offline, online }: Estimate): number | null =>
  offline.seconds && online.seconds ? offline.seconds[1] + online.seconds[1] : null;
const linkOf = ({ offline, online }: Estimate): number => offline.link_seconds + online.link_seconds;
const roundsOf = ({ offline, online }: Estimate): number => offline.rounds + online.rounds;

/** The first reason of the one that is not among the other's. */
function reasonOf(one: Estimate, other: Estimate): string {
  const known = new Set(other.unpriced.map(({ index, reason }) => `${index} ${reason}`));
  return (
    (one.unpriced.find(({ index, reason }) => !known.has(`${index} ${reason}`)) ?? one.unpriced[0])?.reason ??
    'a piece of work has no price'
  );
}

export function changeOf(before: Estimate, after: Estimate): Change {
  const [was, is] = [secondsOf(before), secondsOf(after)];
  const gaps = ({ status }: Estimate): number => status['not-supported'].parts;
  const missing = [after, before].filter((estimate) => gaps(estimate) > 0);
  return {
    protocol: after.protocol,
    before,
    after,
    bytes: { before: before.bytes_total, after: after.bytes_total },
    rounds: { before: roundsOf(before), after: roundsOf(after) },
    seconds: was !== null && is !== null ? { before: was, after: is } : null,
    link: { before: linkOf(before), after: linkOf(after) },
    unpriced: missing[0]
      ? `of ${missing.length === 2 ? 'both' : missing[0] === after ? 'the plan' : 'the original'}, ${reasonOf(missing[0], missing[0] === after ? before : after)}`
      : null,
    untimed: isBound(before, 'online') || isBound(after, 'online'),
  };
}

const part = ({ before, after }: Pair): number => (before > 0 ? after / before - 1 : after > 0 ? Infinity : 0);

/** The chosen protocol first, then from what saves most to what costs most; those without a price last. */
export function sortedChanges(changes: readonly Change[], chosen: string): Change[] {
  const rank = ({ protocol, unpriced }: Change): number => (protocol === chosen ? 0 : unpriced === null ? 1 : 2);
  return changes.toSorted(
    (a, b) => rank(a) - rank(b) || part(a.bytes) - part(b.bytes) || a.protocol.localeCompare(b.protocol),
  );
}

/** The time, where it is known of all the work. */
const wholeTime = ({ seconds, untimed }: Change): Pair | null => (untimed ? null : seconds);

/** Time decides where it is known, as bytes do elsewhere. */
export const costsMore = (change: Change): boolean =>
  change.unpriced === null && part(wholeTime(change) ?? change.bytes) > 0;

const said = ({ before, after }: Pair, what: string): string =>
  `${change(before, after) ?? `+${exact(after)}`} ${what}`;

/** What the plan does under one protocol, in a sentence. */
export function verdict(change: Change, title: string): string {
  const { bytes, unpriced } = change;
  const seconds = wholeTime(change);
  if (unpriced !== null) return `Under ${title} original and plan cannot be compared, a price is missing: ${unpriced}.`;
  const all = [said(bytes, 'bytes'), ...(seconds ? [said(seconds, 'time')] : [])].join(', ');
  const signs = [bytes, ...(seconds ? [seconds] : [])].map(part);
  if (signs.every((sign) => sign === 0)) return `Under ${title} this plan changes nothing.`;
  if (signs.every((sign) => sign >= 0)) return `Under ${title} this plan costs more than it saves: ${all}.`;
  if (signs.every((sign) => sign <= 0)) return `Under ${title} this plan saves: ${all}.`;
  return costsMore(change)
    ? `Under ${title} this plan costs more time than it saves: ${all}.`
    : `Under ${title} this plan saves time and sends more: ${all}.`;
}
