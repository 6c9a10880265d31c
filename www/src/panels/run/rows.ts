/** The rows of the layer table: what was measured of each layer, joined. Pure. */
import type { ActivationReport, FixedLayer, FixedReport, ValueReport } from '../../contract/core';
import type { Outcome } from '../../lib/run';

export interface Row {
  key: string;
  index: number;
  node: string;
  op: string;
  seconds: number | null;
  value: ValueReport | null;
  /** Of an activation: what is free to remove, and what goes into it. */
  activation: ActivationReport | null;
  before: ValueReport | null;
  fixed: FixedLayer | null;
  /** Token of the colour of its kind. */
  colour: string;
}

const LINEAR =
  /^(Conv|ConvTranspose|ConvInteger|Gemm|MatMul|MatMulInteger|QLinearConv|QLinearMatMul|FusedConv|LSTM|GRU|RNN)$/;
const POOL = /Pool$/;

export function colourOf(op: string, activation: boolean): string {
  if (activation) return 'activation';
  if (LINEAR.test(op)) return 'linear';
  return POOL.test(op) ? 'pool' : 'weight';
}

/** One row a layer that has a time or statistics, in the graph's order. */
export function rowsOf({ report, stats }: Outcome, fixed: FixedReport | null): Row[] {
  const rows = new Map<number, Row>();
  const activations = new Map(stats?.activations.map((one) => [one.index, one]));
  const values = new Map(stats?.values.map((value) => [value.name, value]));
  const rings = new Map(fixed?.layers.map((layer) => [layer.index, layer]));
  const row = (index: number, node: string, op: string): Row => {
    const known = rows.get(index);
    if (known) return known;
    const activation = activations.get(index) ?? null;
    const made: Row = {
      key: String(index),
      index,
      node,
      op,
      seconds: null,
      value: null,
      activation,
      before: activation ? (values.get(activation.input) ?? null) : null,
      fixed: rings.get(index) ?? null,
      colour: colourOf(op, activation !== null),
    };
    rows.set(index, made);
    return made;
  };
  for (const { index, node, op, seconds } of report.layers) row(index, node, op).seconds = seconds;
  for (const value of stats?.values ?? []) {
    if (value.index === null || value.node === null) continue;
    const made = row(value.index, value.node, value.op ?? '');
    made.value ??= value;
  }
  return [...rows.values()].sort((a, b) => a.index - b.index);
}

export interface Free {
  channels: number;
  dead: number;
  alwaysOn: number;
  /** Elements of one sample behind those channels, of all such elements. */
  elements: number;
  of: number;
}

/** What the run says is free to remove. */
export function freeOf({ stats }: Outcome): Free {
  const free: Free = { channels: 0, dead: 0, alwaysOn: 0, elements: 0, of: 0 };
  for (const one of stats?.activations ?? []) {
    const value = stats?.values.find(({ name }) => name === one.output);
    const elements = value?.sample_shape.reduce((product, extent) => product * extent, 1) ?? 0;
    const idle = one.dead.length + one.always_on.length;
    free.channels += one.channels;
    free.dead += one.dead.length;
    free.alwaysOn += one.always_on.length;
    free.of += elements;
    free.elements += one.channels > 0 ? (elements / one.channels) * idle : 0;
  }
  return free;
}

/** `3, 17, 40-42`. */
export function listed(channels: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const channel of channels) {
    const last = runs.at(-1);
    if (last && last[1] === channel - 1) last[1] = channel;
    else runs.push([channel, channel]);
  }
  return runs
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}\u2013${to}`))
    .join(', ');
}
