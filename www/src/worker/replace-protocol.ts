/** What the page asks of the worker that runs models when it replaces activations. Every request carries all that it needs. */
import type {
  BenchInfo,
  Criticality,
  EngineKind as EngineId,
  LayerView,
  Measured,
  PlanFile,
  Planned,
} from '../contract/core';
import type { SweepPoint, Wish } from '../lib/replace';
import type { Settings } from '../lib/types';
import type { Samples } from './samples';

/** A model on the bench: the worker keeps the last one, with what it saw of the data. */
export interface BenchAsk {
  key: number;
  /** Files with weights, or the id of an example: planned and priced, never measured. */
  source: { kind: 'files'; files: readonly File[] } | { kind: 'example'; id: string };
  set: Settings;
  batch: number;
  engine: EngineId;
  /** For statistics; null takes every input as standard normal. */
  data: Samples | null;
  /** For judging; null takes `data`. */
  test: Samples | null;
}

export interface ReplaceVerbs {
  /** Opens the bench. */
  bench: { ask: BenchAsk; answer: BenchInfo };
  /** A plan for a budget. The first of a policy may run the model; then it is quick. Progress in samples. */
  plan: { ask: { bench: BenchAsk; wish: Wish }; answer: Planned };
  /** A plan file against this model; throws a fault where it is for another. */
  planFile: { ask: { bench: BenchAsk; text: string }; answer: Planned };
  /** One activation. */
  layerView: { ask: { bench: BenchAsk; wish: Wish; output: string; channel: number | null }; answer: LayerView };
  /** Original and plan side by side on the test samples. `plan` instead of a wish: a plan file's. */
  measure: { ask: { bench: BenchAsk; wish: Wish; plan?: PlanFile }; answer: Measured };
  /** One point of a sweep; statistics and the original's outputs are taken once. */
  sweepPoint: { ask: { bench: BenchAsk; wish: Wish }; answer: SweepPoint };
  /** Accuracy with the activations of one stage kept, and removed, on the test samples. */
  criticality: { ask: { bench: BenchAsk; weight: number }; answer: Criticality };
  /** The changed model: a file of the original's ranges and new bytes. */
  export: {
    ask: { bench: BenchAsk; plan: PlanFile };
    /** `doubt`: what a reader must know before it is handed out, such as NaN and infinity on a few samples. */
    answer: { name: string; blob: Blob; bytesRead: number; doubt: string | null };
  };
  /** Masks and coefficients for PyTorch. */
  masks: { ask: { bench: BenchAsk; plan: PlanFile }; answer: { name: string; bytes: Uint8Array<ArrayBuffer> } };
}
