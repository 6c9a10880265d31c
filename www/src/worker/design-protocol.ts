/** What the page asks of the workers that design networks, and of the lab. Plain data. */
import type {
  AscentReport,
  Atlas,
  CellsSettings,
  CellsStart,
  CellView,
  Claim,
  CleanReport,
  CostSettings,
  Diff,
  EqualiseReport,
  EqualiseSettings,
  Estimate,
  ExitSearch,
  ExitSearchSettings,
  ExitsReport,
  ExploreReport,
  ExploreSettings,
  FolderAsk,
  GatedReport,
  Gradient,
  NtkReport,
  PresetView,
  Spec,
  StagesRanked,
  TrainingAsk,
  TrainingView,
} from '../contract/core';
import type { Subject } from './protocol';

/** A network with a name, as a spec. */
export interface Named {
  readonly name: string;
  readonly spec: Spec;
}

/** Part of a sweep, with those of its candidates that are drawn: their places, and their figures one after the other. */
export interface Swept {
  report: ExploreReport;
  places: Float64Array<ArrayBuffer>;
  figures: Float64Array<ArrayBuffer>;
}

/** An export without what trained it, and what both take under the settings' first protocol. */
export interface Cleaned {
  report: CleanReport;
  file: File;
  before: Estimate | null;
  after: Estimate | null;
}

/** The network of a cell. */
export interface MadeCell {
  view: CellView;
  /** For the engine. */
  net: Uint8Array<ArrayBuffer>;
  file: Uint8Array<ArrayBuffer>;
  /** What it takes under each protocol of the settings. */
  estimates: Estimate[];
}

/** What is trained; of a network of Replace its file, and a plan for it. */
export interface TrainFrom {
  of: TrainingAsk;
  file: Uint8Array;
  plan: string;
}

/** What the workers that train made of it. */
export interface TrainedFrom extends TrainFrom {
  numbers: Float32Array;
  /** Linear outputs go with its ReLUs. */
  drops: boolean;
}

export interface DesignVerbs {
  presets: { ask: null; answer: PresetView[] };
  claims: { ask: null; answer: Claim[] };
  equalise: { ask: EqualiseSettings; answer: EqualiseReport };
  equalised: { ask: { settings: EqualiseSettings; multipliers: number[] }; answer: Spec };
  readSpec: { ask: string; answer: Spec };
  /** An ONNX file; without a seed without its weights. */
  onnx: { ask: { spec: Spec; name: string; seed: number | null }; answer: Uint8Array<ArrayBuffer> };
  pytorch: { ask: Spec; answer: string };
  /** One part of a sweep, from 1, with one in `every` of its candidates. */
  sweep: { ask: { settings: ExploreSettings; shard: number; of: number; every: number }; answer: Swept };
  merge: { ask: ExploreReport[]; answer: ExploreReport };
  /** What the workers that train start from. */
  trainStart: { ask: TrainFrom; answer: { view: TrainingView; net: Uint8Array<ArrayBuffer> } };
  /** A network that they trained, as an ONNX file. */
  trainFile: { ask: TrainedFrom; answer: Uint8Array<ArrayBuffer> };
  /** The same with all its ReLUs, and the plan that takes them. */
  trainPlan: {
    ask: TrainedFrom & { settings: [string, string][] };
    answer: { file: Uint8Array<ArrayBuffer>; plan: string };
  };
  /** The folder in which PyTorch trains the same, as a zip. */
  trainFolder: {
    ask: { of: FolderAsk; file: Uint8Array; x: Float32Array; y: Uint16Array; testX: Float32Array; testY: Uint16Array };
    answer: Uint8Array<ArrayBuffer>;
  };
  /** Images and classes: an archive (.npz) of x and y, or two arrays (.npy). */
  trainArrays: {
    ask: { first: Uint8Array; second: Uint8Array };
    answer: { shape: [number, number, number]; x: Float32Array; y: Uint16Array };
  };
  /** Stages by `[stage, accuracy, ReLUs]` of the network with the ReLUs of each alone. */
  rankStages: { ask: [number, number, number][]; answer: StagesRanked };
  explored: { ask: { settings: ExploreSettings; index: number }; answer: Spec };
  /** Two networks side by side. */
  diff: { ask: { a: Named; b: Named; settings: CostSettings }; answer: Diff };
  /** What one channel more costs, of a spec or of the model on the page. */
  gradient: { ask: { of: Named | Subject; settings: CostSettings }; answer: Gradient };
  /** Whether ReLUs order networks as bytes and seconds do: the examples, and the model on the page where it is none. */
  atlas: { ask: Subject | null; answer: { atlas: Atlas; csv: string } };
  /** The model on the page with exits. */
  exits: {
    ask: Subject & { at: string[]; shares: number[]; classes: number; settings: CostSettings };
    answer: ExitsReport;
  };
  /** Number, place and policy of its exits under a budget, by stated shares. Progress in sets of places. */
  exitSearch: { ask: Subject & { wish: Partial<ExitSearchSettings>; settings: CostSettings }; answer: ExitSearch };
  /** It with a gate in the place of each ReLU. */
  gated: { ask: Subject & { settings: CostSettings }; answer: GatedReport };
  /** Its file without sums that cancel and what nobody reads. */
  clean: { ask: Subject & { settings: CostSettings }; answer: Cleaned };
  /** What a budget of cells allows. */
  cellsStart: { ask: Partial<CellsSettings>; answer: CellsStart };
  /** The network of a cell, three numbers a node; with the numbers that it was trained to, or none. Without settings no prices. */
  cell: {
    ask: { nodes: number[]; width: number; numbers: Float32Array; settings: CostSettings | null };
    answer: MadeCell;
  };
  /** Points on a line or in the plane, one after the other. */
  ntk: { ask: { points: number[]; width: number; y: number[]; lambda: number; steps: number }; answer: NtkReport };
  /** Climbs from each start with each slope. */
  ascents: {
    ask: { slopes: number[]; starts: number[]; steps: number; mu: number };
    answer: AscentReport[][];
  };
}

export type DesignVerb = keyof DesignVerbs;

export interface DesignCall<V extends DesignVerb = DesignVerb> {
  id: number;
  verb: V;
  ask: DesignVerbs[V]['ask'];
}
