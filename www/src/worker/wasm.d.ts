/** The face of the core (crate/src/wasm/core.rs) as the worker sees it; the package itself is built, not kept. */
declare module 'reluctant-wasm' {
  import type { CostCard, CostSettings, CostTable, Link, Protocol, Report, Setting, Terms, WorkRow } from '../lib/cost';
  import type { Calibrated, CalibrateSettings, CalibrationReport, OwnProfile } from '../lib/calibrate';
  import type { LinkState, LinkView } from '../lib/link';
  import type { WhatIf } from '../lib/what-if';
  import type { ReluPrice } from '../lib/pareto';
  import type { Card, Example, Score, Settings } from '../lib/types';

  /** Fetches and starts the core; call once before anything else. */
  export default function init(): Promise<unknown>;

  export class Model {
    /** The first file that is ONNX is the model, the others are its external data. Throws a `Fault`. */
    static open(files: File[], progress: (done: number, total: number) => void): Model;
    /** A model built from its spec, such as `resnet18-cifar100`. */
    static example(id: string): Model;
    score(settings: { set: Settings }): Score;
    /** `index`: that of a row; undefined for a total. */
    card(index: number | undefined, column: string): Card;
    /** Of the last score, as every cost below. `layers`: with a cost for each row. */
    cost(settings: CostSettings, layers: boolean): Report;
    cost_table(settings: CostSettings): CostTable;
    cost_card(index: number, settings: CostSettings): CostCard;
    /** What a link holds. This and what follows are . */
    static from_link(text: string): Model;
    /** null for a model that is no link. */
    link_state(): LinkState | null;
    what_if(terms: Terms): WhatIf;
    link(view: LinkView, names: boolean): string;
    free(): void;
  }

  export function cost_table_of(rows: WorkRow[], terms: Terms): CostTable;
  export function cost_card_of(rows: WorkRow[], position: number, terms: Terms): CostCard;
  export function protocols(terms: Terms): Protocol[];
  export function links(): Link[];

  /** The settings of the menu, in its order. */
  export function settings(): Setting[];
  export function calibrate(settings: CalibrateSettings): Calibrated;
  export function calibration(profile: OwnProfile): CalibrationReport;
  export function open_profile(text: string): CalibrationReport;

  export function relu_price(terms: Terms): ReluPrice;
  /** Indices of the points that no other dominates, by rising cost. */
  export function front(costs: Float64Array, accuracies: Float64Array): Uint32Array;
  export function best_at_budget(costs: Float64Array, accuracies: Float64Array, budget: number): number | undefined;
  export function fewest_at_accuracy(
    costs: Float64Array,
    accuracies: Float64Array,
    accuracy: number,
  ): number | undefined;

  /** The models that need no file. */
  export function examples(): Example[];

  /** Bytes of the core's linear memory. */
  export function memory_bytes(): number;
}

/** What runs models, in the core: it prepares them and drives the engines (crate/src/wasm/run.rs, replace.rs). */
declare module 'reluctant-wasm' {
  import type { BenchInfo, LayerView, Measured, Planned, SweepPoint, Wish } from '../lib/replace';
  import type {
    EngineId,
    FixedReport,
    FixedSettings,
    NumberArray,
    Outcome,
    ProbeId,
    RunInfo,
    RunRequest,
    Summary,
  } from '../lib/run';
  import type { Settings } from '../lib/types';

  export type RunData = { inputs: NumberArray[]; labels: NumberArray | null } | { samples: number; seed: number };

  export class Runner {
    /** The first file that is ONNX is the model, the others are its external data. Throws a `Fault`. */
    static open(
      files: File[],
      settings: { set: Settings },
      options: { engine: EngineId; batch: number },
      progress: (done: number, total: number) => void,
    ): Runner;
    info(): RunInfo;
    run(settings: RunRequest, data: RunData, progress: (done: number, total: number) => void): Promise<Outcome>;
    /** The same in the arithmetic of a ring. */
    fixed(settings: FixedSettings, data: RunData, progress: (done: number, total: number) => void): FixedReport;
    /** Of a value of the last run. */
    channels(value: string): Summary[];
    /** The first output of the last run as a .npy file. */
    output(): { name: string; bytes: Uint8Array<ArrayBuffer> };
    free(): void;
  }

  type Progress = (done: number, total: number) => void;

  /** A model on the bench (crate/src/wasm/replace.rs). Throws a `Fault`. */
  export class Bench {
    static open(files: File[], settings: { set: Settings }, options: { engine: EngineId; batch: number }): Bench;
    static example(id: string, settings: { set: Settings }): Bench;
    info(): BenchInfo;
    inputs(): { name: string; shape: number[] }[];
    set_data(data: RunData | null): void;
    set_test(data: RunData | null): void;
    plan(wish: Wish, progress: Progress): Promise<Planned>;
    plan_file(text: string): Planned;
    layer(wish: Wish, output: string, channel: number | undefined, progress: Progress): Promise<LayerView>;
    measure(wish: Wish, plan: unknown, progress: Progress): Promise<Measured>;
    sweep_point(wish: Wish, progress: Progress): Promise<SweepPoint>;
    /** New bytes, and ranges of the file at `place`. */
    export(plan: unknown): {
      place: number;
      bytes_read: number;
      pieces: (Uint8Array<ArrayBuffer> | [start: number, end: number])[];
    };
    masks(plan: unknown): Uint8Array<ArrayBuffer>;
    free(): void;
  }

  /** All arrays of a .npy or .npz file. */
  export function read_arrays(name: string, bytes: Uint8Array): NumberArray[];
  /** What opens an engine on the CPU, for each model that is to run. */
  export function opens_cpu(open: (weightBytes: number) => import('reluctant-cpu-wasm').Library): void;
  /** What opens a GPU, for every model that is to run on one; throws a `Fault` where there is none. */
  export function opens_gpu(open: () => Promise<import('reluctant-gpu-wasm').Gpu>): void;
  /** A model that measures speed. */
  export function probe(kind: ProbeId, layers: number): { bytes: Uint8Array<ArrayBuffer>; macs: number };
  /** As float32, in a copy. */
  export function floats(array: NumberArray): Float32Array<ArrayBuffer>;
}

/** What runs ONNX bytes on the CPU (crate/src/wasm/cpu.rs); the core calls it by itself. */
declare module 'reluctant-cpu-wasm' {
  export default function init(): Promise<unknown>;

  export class Library {
    /** With room for so many bytes of weights. Throws where there is none. */
    constructor(weightBytes: number);
    free(): void;
  }

  export function memory_bytes(): number;
}

/** What runs kernels on a GPU (crate/src/wasm/gpu.rs); the engine calls it by itself. */
declare module 'reluctant-gpu-wasm' {
  import type { Device } from '../lib/run';

  export default function init(): Promise<unknown>;

  export class Gpu {
    /** `name`: of the adapter, as the browser says it. Throws a `Fault`. */
    static open(name: string): Promise<Gpu>;
    opened(): Device;
    alive(): boolean;
    destroy(): void;
    free(): void;
  }
}
