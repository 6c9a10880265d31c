/**
 * The columns of the layer table, one entry each: what a row shows, what it adds to the total, and
 * the core's name of the number, by which its card is asked. An unknown row has no numbers (null).
 */
import type { Layer, Score, Totals } from '../../contract/core';
import { boundText } from '../../lib/cost-view';
import { exact, shape } from '../../lib/format';

interface Base {
  id: string;
  title: string;
  /** Pixels; 0 takes what is left. */
  width: number;
  /** Shown unless the person says otherwise. */
  shown: (score: Score) => boolean;
  /** Opens what stands behind a cell, where that is not the core's card of a count. */
  open?: (anchor: HTMLElement, layer: Layer) => void;
}

export interface TextColumn extends Base {
  kind: 'text';
  text: (layer: Layer) => string;
}

export interface CountColumn extends Base {
  kind: 'count';
  value: (layer: Layer) => number | null;
  /** How a number reads, where it is not a count. */
  text?: (value: number) => string;
  /** What stands in place of a number, and why; else the row is unknown. */
  none?: (layer: Layer) => string;
  why?: (layer: Layer) => string;
  openTotal?: (anchor: HTMLElement) => void;
  /** The number of the row, or the total, is a lower bound. */
  bound?: (layer: Layer | null) => boolean;
  /** What the row adds to the total, where it is not its value. */
  adds?: (layer: Layer) => number;
  total: (score: Score) => number;
  /** The core's name of the row's number, or of the total; null where the core has none. */
  card: (layer: Layer) => string | null;
  totalCard: (score: Score) => string | null;
  /** A word before the number. */
  tag?: (layer: Layer) => string | null;
}

/** A number of the column as the table shows it. */
export function shownText(column: CountColumn, value: number | null, layer?: Layer): string {
  if (value !== null) return boundText(column.text?.(value) ?? exact(value), column.bound?.(layer ?? null) ?? false);
  return (layer && column.none?.(layer)) ?? 'unknown';
}

export type Column = TextColumn | CountColumn;

const always = (): boolean => true;
const never = (): boolean => false;

/** Totals that are one number. */
type Counted = { [K in keyof Totals]-?: Totals[K] extends number ? K : never }[keyof Totals];

/** A column whose id is also its field in the totals, and its name in the core. */
function count(
  id: Counted,
  title: string,
  of: (layer: Layer) => number | null,
  shown: Base['shown'] = never,
): CountColumn {
  return {
    kind: 'count',
    id,
    title,
    width: 128,
    shown,
    value: (layer) => (layer.status === 'unknown' ? null : of(layer)),
    total: (score) => score.totals[id],
    card: () => id,
    totalCard: () => id,
  };
}

/** The same, whose id is its field in a row too. */
const plain = (id: Counted & keyof Layer, title: string, shown?: Base['shown']): CountColumn =>
  count(id, title, (layer) => layer[id], shown);

const otherElements = (layer: Layer): number =>
  layer.activation && layer.activation.kind !== 'ReLU' ? layer.activation.elements : 0;

const otherTotal = (score: Score): number =>
  Object.values(score.totals.activations).reduce((sum, tally) => sum + tally.elements, 0);

export const reluOf = (layer: Layer): number => (layer.activation?.kind === 'ReLU' ? layer.activation.elements : 0);

export const known =
  (count: (layer: Layer) => number) =>
  (layer: Layer): number | null =>
    layer.status === 'unknown' ? null : count(layer);

export const notes = (layer: Layer): string => [layer.reason, ...(layer.marks ?? [])].filter(Boolean).join('; ');

export const columns: readonly Column[] = [
  { kind: 'text', id: 'name', title: 'Name', width: 0, shown: always, text: (layer) => layer.name },
  { kind: 'text', id: 'op', title: 'Operator', width: 160, shown: always, text: (layer) => layer.op },
  {
    kind: 'text',
    id: 'shape',
    title: 'Output shape',
    width: 120,
    shown: always,
    text: (layer) => shape(layer.shape) ?? 'unknown',
  },
  {
    kind: 'text',
    id: 'stage',
    title: 'Stage',
    width: 64,
    shown: always,
    text: (layer) => (layer.block > 0 ? `${layer.stage}.${layer.block}` : layer.stage),
  },
  {
    kind: 'count',
    id: 'relu',
    title: 'ReLUs',
    width: 104,
    shown: always,
    value: known(reluOf),
    total: (score) => score.totals.relu.elements,
    card: () => 'relu',
    totalCard: () => 'relu',
  },
  {
    kind: 'count',
    id: 'other',
    title: 'Other activations',
    width: 152,
    shown: (score) => otherTotal(score) > 0,
    value: known(otherElements),
    total: otherTotal,
    card: (layer) => (otherElements(layer) > 0 ? `activation:${layer.activation?.kind}` : null),
    totalCard: (score) => {
      const kinds = Object.keys(score.totals.activations);
      return kinds.length === 1 ? `activation:${kinds[0]}` : null;
    },
    tag: (layer) => (otherElements(layer) > 0 ? (layer.activation?.kind ?? null) : null),
  },
  plain('macs', 'MACs', always),
  {
    kind: 'count',
    id: 'params',
    title: 'Parameters',
    width: 104,
    shown: always,
    value: (layer) => layer.params,
    adds: (layer) => (layer.params ?? 0) - layer.params_shared,
    total: (score) => score.totals.params,
    card: () => 'params',
    totalCard: () => 'params',
  },
  plain('macs_valid', 'Valid MACs'),
  {
    kind: 'count',
    id: 'average_pool',
    title: 'Average pool',
    width: 128,
    shown: never,
    value: known((layer) => layer.average_pool),
    total: (score) => score.totals.average_pool.elements,
    card: () => 'average_pool',
    totalCard: () => 'average_pool',
  },
  plain('truncations', 'Truncations'),
  plain('products', 'Products'),
  plain('adds', 'Adds'),
  plain('bias', 'Bias adds'),
  plain('batch_norm', 'BatchNorm'),
  count('comparisons', 'Comparisons', (layer) => layer.activation?.comparisons ?? 0),
  {
    kind: 'count',
    id: 'weight_bytes',
    title: 'Weight bytes',
    width: 128,
    shown: never,
    value: known((layer) => layer.weight_bytes),
    total: (score) => score.totals.weight_bytes,
    card: () => 'weight_bytes',
    totalCard: () => 'weight_bytes',
  },
  plain('activation_bytes', 'Output bytes'),
  { kind: 'text', id: 'output', title: 'Output', width: 176, shown: never, text: (layer) => layer.output },
  {
    kind: 'text',
    id: 'notes',
    title: 'Notes',
    width: 200,
    shown: (score) => score.layers.some((layer) => notes(layer) !== ''),
    text: notes,
  },
];
