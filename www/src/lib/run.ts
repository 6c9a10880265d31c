/**
 * The reports `reluctant.run/1` and `reluctant.stats/1` as the core writes them
 * (crate/src/api/run_report.rs), and what a run is asked for. Field names are a contract: they are
 * added, never renamed.
 */

/** Elements as they stand in a file: little-endian, row-major. */
export interface NumberArray {
  name: string;
  dtype: string;
  shape: number[];
  bytes: Uint8Array<ArrayBuffer>;
}

/** The same without its elements. */
export type ArrayHead = Omit<NumberArray, 'bytes'>;

export type EngineId = 'cpu' | 'gpu';

/** A GPU that is open (crate/src/engines/gpu/mod.rs). */
export interface Device {
  adapter: {
    name: string;
    backend: string;
    /** It runs on the CPU. */
    software: boolean;
    /** Times of single kernels can be measured. */
    timings: boolean;
  };
  limits: {
    /** Bytes of one tensor. */
    binding_bytes: number;
    /** Along one dimension of a dispatch. */
    workgroups: number;
  };
}

export type ProbeId = 'conv' | 'gemm';

/** How fast an engine is on a chain of equal layers. */
export interface Speed {
  kind: ProbeId;
  engine: EngineId;
  layers: number;
  /** Multiply-accumulates of the chain. */
  macs: number;
  /** Of the fastest run, what is given to it and read back included. */
  seconds: number;
}

export interface About {
  engine: EngineId;
  /** Library, version, threads; or the adapter. */
  detail: string;
  /** What it does differently from the file. */
  notes: string[];
  /** Of what the GPU gave and the CPU repeated, as a share of the largest magnitude. */
  largest_difference: number | null;
  /** Why the CPU runs where the GPU was asked for. */
  fallback: string | null;
}

export interface RunPort {
  name: string;
  dtype: string | null;
  /** Of one slice; null where it is not known beforehand. */
  shape: number[] | null;
  op: string | null;
}

/** A model that is open for running. */
export interface RunInfo {
  model: string;
  engine: About;
  inputs: RunPort[];
  outputs: RunPort[];
  values: RunPort[];
  /** Samples of one slice. */
  batch: number | null;
  any_batch: boolean;
  peak_bytes: number;
}

export interface Accuracy {
  samples: number;
  correct: number;
  top1: number;
  /** Wilson, 95 %. */
  top1_interval: [number, number];
  correct5: number | null;
  top5: number | null;
  top5_interval: [number, number] | null;
}

export interface Guess {
  class: number;
  score: number;
}

export interface LayerSeconds {
  index: number;
  node: string;
  op: string;
  seconds: number;
  share: number;
}

export interface RunReport {
  schema: string;
  model: string;
  engine: About;
  samples: number;
  slices: number;
  seconds: number;
  outputs: RunPort[];
  accuracy: Accuracy | null;
  /** The best classes of each sample. */
  top: Guess[][];
  layers: LayerSeconds[];
  notes: string[];
}

export interface Histogram {
  /** Where the first bin starts; bins are equally wide, a power of two, and start at its multiples. */
  low: number;
  width: number;
  counts: number[];
}

/** Moments of a value, or of one channel of it; null where there is no finite number. */
export interface Summary {
  count: number;
  /** Values that are no number or infinite; left out of the rest. */
  not_finite: number;
  mean: number | null;
  std: number | null;
  min: number | null;
  max: number | null;
  /** Share of exact zeros. */
  zeros: number;
  histogram: Histogram;
}

export interface ValueReport {
  name: string;
  /** Index of the node that makes it. */
  index: number | null;
  node: string | null;
  op: string | null;
  sample_shape: number[];
  channel_axis: number | null;
  total: Summary;
  /** Empty as the worker sends it: asked for one value at a time. */
  channels: Summary[];
}

export interface ActivationReport {
  index: number;
  node: string;
  op: string;
  /** Names of the values that go in and come out. */
  input: string;
  output: string;
  channels: number;
  /** Channels whose output was 0 for every sample. */
  dead: number[];
  /** Of a ReLU: channels whose input was never below 0. */
  always_on: number[];
}

export interface StatsReport {
  schema: string;
  model: string;
  engine: About;
  samples: number;
  values: ValueReport[];
  activations: ActivationReport[];
  notes: string[];
}

/** `exact`: floor; `probabilistic`: one unit off at random (ABY3); `local`: each party by itself (SecureML). */
export type Truncation = 'exact' | 'probabilistic' | 'local';

/** Ring arithmetic that is simulated beside the run. */
export interface FixedSettings {
  /** 8 to 64. */
  ring_bits: number;
  /** After the point, 1 to half of the ring. */
  fraction_bits: number;
  truncation: Truncation;
  seed: number;
}

export interface FixedLayer {
  index: number;
  node: string;
  op: string;
  /** Numbers that left the ring and came back on its other side. */
  wrapped: number;
  /** That the largest number took before truncation, its sign included. */
  bits: number;
  /** Root mean square of the difference from floating point. */
  rms_difference: number;
  largest_difference: number;
}

/** `reluctant.fixed/1` (crate/src/api/fixed.rs). */
export interface FixedReport {
  schema: string;
  model: string;
  settings: FixedSettings;
  samples: number;
  seconds: number;
  accuracy: Accuracy | null;
  float_accuracy: Accuracy | null;
  /** Samples whose best class is that of floating point. */
  agreement: { samples: number; share: number; interval: [number, number] } | null;
  /** Of the first output. */
  largest_difference: number;
  wrapped: number;
  wrapped_inputs: number;
  layers: FixedLayer[];
  /** Operators that were computed in floating point and encoded again. */
  in_floating_point: { op: string; nodes: number }[];
}

export interface RunRequest {
  stats: 'none' | 'activations' | 'all';
  timings: boolean;
  /** Best classes to list for each sample. */
  top: number;
}

/** What a run gives; the channels of its values stay in the worker. */
export interface Outcome {
  report: RunReport;
  stats: StatsReport | null;
}
