/** What the page asks of the workers that design networks. Plain data. */
import type {
  Claim,
  EqualiseReport,
  EqualiseSettings,
  ExploreReport,
  ExploreSettings,
  PresetView,
  Spec,
  TrainingAsk,
  TrainingView,
} from '../contract/core';

export interface DesignVerbs {
  presets: { ask: null; answer: PresetView[] };
  claims: { ask: null; answer: Claim[] };
  equalise: { ask: EqualiseSettings; answer: EqualiseReport };
  equalised: { ask: { settings: EqualiseSettings; multipliers: number[] }; answer: Spec };
  readSpec: { ask: string; answer: Spec };
  /** An ONNX file; without a seed without its weights. */
  onnx: { ask: { spec: Spec; name: string; seed: number | null }; answer: Uint8Array<ArrayBuffer> };
  pytorch: { ask: Spec; answer: string };
  /** One part of a sweep, from 1. */
  sweep: { ask: { settings: ExploreSettings; shard: number; of: number }; answer: ExploreReport };
  merge: { ask: ExploreReport[]; answer: ExploreReport };
  /** What the workers that train start from. */
  trainStart: { ask: TrainingAsk; answer: { view: TrainingView; net: Uint8Array<ArrayBuffer> } };
  /** A network that they trained, as an ONNX file. */
  trainFile: { ask: { of: TrainingAsk; numbers: Float32Array }; answer: Uint8Array<ArrayBuffer> };
  /** Images and classes of an archive (.npz) of x and y. */
  trainArrays: {
    ask: Uint8Array;
    answer: { shape: [number, number, number]; x: Float32Array; y: Uint16Array };
  };
  explored: { ask: { settings: ExploreSettings; index: number }; answer: Spec };
}

export type DesignVerb = keyof DesignVerbs;

export interface DesignCall<V extends DesignVerb = DesignVerb> {
  id: number;
  verb: V;
  ask: DesignVerbs[V]['ask'];
}
