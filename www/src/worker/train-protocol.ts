/** What the page asks of the workers that train networks. Plain data, and bytes. */
import type {
  About,
  AdjustRound,
  AdjustedSoFar,
  Climbed,
  InputHistogram,
  Missed,
  NextCell,
  Outcome,
  Progress,
  TiedWidth,
  TrainedSite,
  WidthMove,
} from 'reluctant-train-wasm';

export type {
  About,
  AdjustRound,
  AdjustedSoFar,
  Climbed,
  InputHistogram,
  Missed,
  NextCell,
  Outcome,
  Progress,
  TiedWidth,
  TrainedSite,
  WidthMove,
};

/** Images and classes, to train on and to test on; the figures are drawn where they are needed. */
export type ImagesOf =
  | { kind: 'figures'; key: string; train: number; test: number }
  /** So many to score by, and as many others to test on. */
  | { kind: 'scored'; key: string; train: number; score: number }
  | {
      kind: 'arrays';
      key: string;
      shape: [number, number, number];
      x: Float32Array;
      y: Uint16Array;
      testX: Float32Array;
      testY: Uint16Array;
    };

/** A run that begins: the network with all ReLUs, one that was trained before, a method or given masks on a trained one, a checkpoint. */
export type Begin =
  | { kind: 'base'; net: Uint8Array; options: string; seed: number }
  | { kind: 'reduce'; net: Uint8Array; options: string; method: string; budget: number; seed: number }
  | { kind: 'given'; net: Uint8Array }
  | { kind: 'hold'; net: Uint8Array; options: string; masks: string; seed: number }
  | { kind: 'resume'; bytes: Uint8Array };

/** How a worker stands after a slice. */
export interface Slice {
  progress: Progress;
  /** Of each activation, what decides each ReLU, from 0 to 255; where an epoch ended, and at the end. */
  masks: Uint8Array[] | null;
}

export interface AdjustAsk {
  images: ImagesOf;
  net: Uint8Array;
  options: string;
  of: 'relu' | 'flops';
  budget: number;
  rounds: number;
  epochs: number;
  seed: number;
}

export interface TrainVerbs {
  about: { ask: ImagesOf; answer: About };
  /** Seconds of one step of the network with all ReLUs. */
  pace: { ask: { images: ImagesOf; net: Uint8Array; options: string }; answer: number };
  begin: { ask: { images: ImagesOf; run: Begin }; answer: TrainedSite[] };
  /** Goes on with what was begun, for so many milliseconds. */
  advance: { ask: number; answer: Slice };
  /** What decides each ReLU of each activation, from 0 to 255. */
  masks: { ask: null; answer: Uint8Array[] };
  /** What goes into an activation's channels, and the polynomials that stand for its ReLUs. */
  look: { ask: number; answer: { inputs: InputHistogram[]; polynomials: Float32Array } };
  checkpoint: { ask: null; answer: Uint8Array };
  /** What came out. */
  end: { ask: null; answer: { network: Uint8Array; outcome: Outcome; hits: Uint8Array } };
  /** What a network would miss of each layer: its ReLUs, or its multiplications. */
  missed: {
    ask: { images: ImagesOf; net: Uint8Array; of: 'relu' | 'flops'; share: number; draws: number; seed: number };
    answer: Missed;
  };
  /** Begins a loop of adjusting a network with all its ReLUs: these within a budget, or widths. */
  adjust: { ask: AdjustAsk; answer: null };
  /** Goes on with it, for so many milliseconds. */
  adjusted: { ask: number; answer: AdjustedSoFar };
  /** The best network so far. */
  adjustedBest: { ask: null; answer: Uint8Array };
  /** A network after a step's moves of ReLUs. */
  relus: { ask: { net: Uint8Array; moves: readonly WidthMove[]; seed: number }; answer: Uint8Array };
  /** The widths after a step's moves, at the network's own multiplications. */
  widths: { ask: { net: Uint8Array; moves: readonly WidthMove[] }; answer: TiedWidth[] };
  /** A network under masks of elsewhere (none: as it is), with a share of the ReLUs that stay under them. */
  thinned: { ask: { net: Uint8Array; masks: string; share: number; seed: number }; answer: Uint8Array };
  /** The input that maximises a class, by gradients through a copy whose ReLUs have a slope left of 0. */
  climbed: {
    ask: { net: Uint8Array; class: number; slope: number; steps: number; box: [number, number] };
    answer: Climbed;
  };
  /** The cell that a search trains next, where those before it scored so; null at its end. */
  nextCell: {
    ask: { nodes: number; layers: number; ops: number; evaluations: number; seed: number; scores: number[] };
    answer: NextCell | null;
  };
  /** The numbers of a network, in order. */
  numbers: { ask: Uint8Array; answer: Float32Array };
  /** Right only in the first, only in the second, McNemar's probability. */
  mcnemar: { ask: { first: Uint8Array; second: Uint8Array }; answer: number[] };
}

export type TrainVerb = keyof TrainVerbs;

export interface TrainCall<V extends TrainVerb = TrainVerb> {
  id: number;
  verb: V;
  ask: TrainVerbs[V]['ask'];
}
