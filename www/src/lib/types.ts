/**
 * The report `reluctant.score/1` as the core writes it (crate/src/api/score.rs), and the card and
 * the error that go with it. Field names are a contract: they are added, never renamed.
 */

/** A number, or a symbol, an expression, or `?`. */
export type Extent = number | string;

/** What another tool would print. */
export interface View {
  tool: string;
  value: number | null;
  formula: string;
}

export interface Score {
  schema: string;
  model: ModelInfo;
  coverage: Coverage;
  totals: Totals;
  stages: Stage[];
  layers: Layer[];
  views: View[];
}

export interface ModelInfo {
  name: string;
  file_bytes: number;
  bytes_read: number;
  ir_version: number;
  opset: number;
  opsets: Record<string, number>;
  producer: string;
  inputs: Port[];
  outputs: Port[];
  symbols: Dimension[];
  hash: string;
  weights: Weights;
}

export interface Port {
  name: string;
  dtype: string | null;
  /** In force; null when the rank is unknown. */
  shape: Extent[] | null;
  /** As the file declares it. */
  declared: Extent[] | null;
  /** The person set it. */
  set: boolean;
}

/** A symbolic dimension of the model's inputs. */
export interface Dimension {
  name: string;
  value: number | null;
  origin: 'guessed' | 'set' | 'unset';
}

export interface Weights {
  inside_bytes: number;
  external_bytes: number;
  missing_files: string[];
  faults: string[];
}

export interface Coverage {
  nodes: number;
  counted: number;
  unknown: UnknownNode[];
}

export interface UnknownNode {
  node: string;
  op: string;
  reason: string;
}

export interface Tally {
  nodes: number;
  elements: number;
}

export interface Totals {
  params: number;
  macs: number;
  macs_valid: number;
  relu: Tally;
  activations: Record<string, Tally>;
  average_pool: Tally;
  truncations: number;
  products: number;
  adds: number;
  bias: number;
  batch_norm: number;
  weight_bytes: number;
  activation_bytes: number;
}

export interface Stage {
  name: string;
  resolution: number[] | null;
  blocks: number;
  layers: number;
  params: number;
  macs: number;
  relu: Tally;
  activations: Record<string, Tally>;
}

export interface LayerActivation {
  kind: string;
  elements: number;
  rows: number;
  row_length: number;
  comparisons: number;
  folded: boolean;
}

export interface Layer {
  index: number;
  name: string;
  op: string;
  output: string;
  shape: Extent[] | null;
  macs: number | null;
  macs_valid: number | null;
  params: number | null;
  /** Of `params`, those already shown by an earlier row; they count once in the total. */
  params_shared: number;
  activation: LayerActivation | null;
  average_pool: number;
  truncations: number;
  products: number;
  adds: number;
  bias: number;
  batch_norm: number;
  weight_bytes: number;
  activation_bytes: number | null;
  stage: string;
  block: number;
  status: 'counted' | 'unknown';
  reason?: string;
  marks?: string[];
}

/** Where a number comes from: what opens beside it. */
export interface Card {
  title: string;
  value: number | null;
  unit: string;
  formula: string;
  with_values: string;
  source: string;
  leaves_out: string;
  /** The rows that sum to it, by their `index`. */
  rows: number[];
  /** The same figure as other tools give it. */
  also?: View[];
}

/** A network that the core builds from its spec. */
export interface Example {
  id: string;
  title: string;
  dataset: string;
  /** The convention that its figures hang on; may be empty. */
  note: string;
}

export interface Place {
  file?: string;
  offset?: number;
  node?: string;
  op?: string;
  value?: string;
}

/** A fault as the core tells it; made once, where it is seen, and passed on unchanged. */
export interface Fault {
  code: string;
  message: string;
  place: Place;
  hint: string;
}

/** What the person set: `input` -> `1x3x32x32`, `batch` -> `4`. */
export type Settings = Record<string, string>;

export function isFault(value: unknown): value is Fault {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Fault).code === 'string' &&
    typeof (value as Fault).message === 'string'
  );
}
