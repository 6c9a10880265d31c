/** Layers typed in by hand, as plain rows that the core prices like a model's. */
import type { Activation, ActivationKind, Work, WorkRow } from '../contract/core';

interface Field {
  id: string;
  label: string;
  value: number;
}

/** Each kind of layer: its fields with a first value, and the work it is. */
export const KINDS_OF_LAYER = {
  conv: {
    title: 'Convolution',
    fields: [
      { id: 'cin', label: 'Channels in', value: 64 },
      { id: 'h', label: 'Height', value: 32 },
      { id: 'w', label: 'Width', value: 32 },
      { id: 'cout', label: 'Channels out', value: 64 },
      { id: 'k', label: 'Kernel', value: 3 },
      { id: 's', label: 'Stride', value: 1 },
    ],
  },
  activation: {
    title: 'Activation',
    fields: [{ id: 'n', label: 'Elements', value: 65_536 }],
  },
  maxpool: {
    title: 'Max-pool',
    fields: [
      { id: 'n', label: 'Outputs', value: 16_384 },
      { id: 'k', label: 'Window', value: 2 },
    ],
  },
  avgpool: {
    title: 'Average pool',
    fields: [
      { id: 'n', label: 'Outputs', value: 512 },
      { id: 'k', label: 'Window', value: 4 },
    ],
  },
  matmul: {
    title: 'Matrix product',
    fields: [
      { id: 'm', label: 'Rows', value: 1 },
      { id: 'k', label: 'Inner', value: 512 },
      { id: 'n', label: 'Columns', value: 100 },
    ],
  },
} as const satisfies Record<string, { title: string; fields: readonly Field[] }>;

export type LayerKind = keyof typeof KINDS_OF_LAYER;

/** Comparisons of one element, for those that are made of comparisons. */
export const FUNCTIONS: Partial<Record<ActivationKind, number>> = {
  ReLU: 1,
  ReLU6: 2,
  LeakyReLU: 1,
  GELU: 0,
  SiLU: 0,
  HardSwish: 2,
  Sigmoid: 0,
  Exp: 0,
};

export interface TypedRow {
  id: number;
  kind: LayerKind;
  values: Record<string, number>;
  /** Of an activation. */
  fn: ActivationKind;
}

export function typedRow(id: number, kind: LayerKind): TypedRow {
  const values = Object.fromEntries(KINDS_OF_LAYER[kind].fields.map((field) => [field.id, field.value]));
  return { id, kind, values, fn: 'ReLU' };
}

/** Along one axis: as many outputs as strides begin, zeros around the input where the kernel needs them. */
function same(input: number, kernel: number, stride: number): { output: number; pads: [number, number] } {
  const output = Math.ceil(input / stride);
  const pad = Math.max(0, (output - 1) * stride + kernel - input);
  return { output, pads: [Math.floor(pad / 2), Math.ceil(pad / 2)] };
}

function workOf({ kind, values, fn }: TypedRow): Work {
  const v = (id: string): number => values[id] ?? 1;
  const activation = (rest: Pick<Activation, 'kind' | 'elements' | 'comparisons'> & Partial<Activation>): Work => ({
    type: 'activation',
    rows: 0,
    row_length: 0,
    folded: false,
    ...rest,
  });
  switch (kind) {
    case 'conv': {
      const axes = [same(v('h'), v('k'), v('s')), same(v('w'), v('k'), v('s'))];
      return {
        type: 'conv',
        batch: 1,
        in_channels: v('cin'),
        out_channels: v('cout'),
        groups: 1,
        input: [v('h'), v('w')],
        output: axes.map((axis) => axis.output),
        kernel: [v('k'), v('k')],
        strides: [v('s'), v('s')],
        dilations: [1, 1],
        pads: axes.map((axis) => axis.pads),
      };
    }
    case 'activation':
      return activation({ kind: fn, elements: v('n'), comparisons: v('n') * (FUNCTIONS[fn] ?? 0) });
    case 'maxpool':
      return activation({
        kind: 'MaxPool',
        elements: v('n'),
        row_length: v('k') ** 2,
        comparisons: v('n') * (v('k') ** 2 - 1),
      });
    case 'avgpool':
      return { type: 'avg-pool', elements: v('n'), window: v('k') ** 2 };
    case 'matmul':
      return { type: 'mat-mul', batch: 1, m: v('m'), k: v('k'), n: v('n'), secret: false, steps: 1 };
  }
}

/** What a typed row is called. */
export function nameOf({ kind, values, fn }: TypedRow): string {
  const v = (id: string): string => String(values[id] ?? '?');
  switch (kind) {
    case 'conv':
      return `conv ${v('k')}\u00d7${v('k')}, ${v('cin')} to ${v('cout')}, ${v('h')}\u00d7${v('w')}`;
    case 'activation':
      return `${fn}, ${v('n')}`;
    case 'matmul':
      return `${v('m')}\u00d7${v('k')} by ${v('k')}\u00d7${v('n')}`;
    default:
      return `${KINDS_OF_LAYER[kind].title.toLowerCase()} ${v('k')}\u00d7${v('k')}, ${v('n')}`;
  }
}

export function workRow(row: TypedRow, index: number): WorkRow {
  return { index, name: nameOf(row), op: KINDS_OF_LAYER[row.kind].title, work: [workOf(row)], unknown: null };
}
