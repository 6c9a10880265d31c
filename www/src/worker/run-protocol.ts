/** What the page and the worker that runs models say to each other. All of it survives a structured clone. */
import type {
  CostSettings,
  Device,
  EngineKind as EngineId,
  ExitSearch,
  ExitSearchSettings,
  ExitSweep,
  FixedReport,
  FixedSettings,
  LiveView,
  RunInfo,
  RunRequest,
  Summary,
} from '../contract/core';
import type { Thumbnail } from '../lib/arrays';
import type { ArrayHead, Outcome, Speed } from '../lib/run';
import type { Settings } from '../lib/types';
import type { ReplaceVerbs } from './replace-protocol';
import type { Parts } from './live-protocol';
import type { Data, Prepare, Samples } from './samples';

/** A model's files under its settings; the page keeps them, so that a fresh worker can open them again. */
export interface Opened {
  key: number;
  files: readonly File[];
  set: Settings;
  /** Samples of one slice, where the model leaves that open. */
  batch: number;
  engine: EngineId;
}

export interface RunAsk {
  model: Opened;
  data: Data;
  /** Samples at most; of random data exactly. */
  take: number;
  prepare: Prepare | null;
  settings: RunRequest;
  /** Samples that are shown one by one. */
  listed: number;
  /** Names the run: what is asked about it later names it too. */
  run: number;
}

export interface Ran extends Outcome {
  /** Bytes of the engine's memory after the run; it never shrinks while the worker lives. */
  memory: number;
  /** Bytes of the core's, which holds no weights. */
  coreMemory: number;
  /** Of the samples that are listed, where they are images. */
  thumbnails: Thumbnail[];
  /** Of the samples that are listed. */
  labels: number[] | null;
}

export interface LiveAsk {
  model: Opened;
  samples: Samples;
  /** Which of them, from 0. */
  sample: number;
  settings: FixedSettings;
  /** The client learns the best class alone. */
  argmax: boolean;
}

export interface LiveParts extends Parts {
  view: LiveView;
  /** The input as the client sees it, where it is an image. */
  picture: Thumbnail | null;
  /** The class of the sample, where there are labels. */
  label: number | null;
}

export interface HeadsAsk {
  model: Opened;
  samples: Samples;
  /** Outputs of the model's own heads, in the order of the network. */
  at: string[];
  /** What to search with what they say; null: nothing. */
  wish: Partial<ExitSearchSettings> | null;
  settings: CostSettings;
}

export interface RunVerbs extends ReplaceVerbs {
  /** Opens a model with its weights. Progress in bytes. */
  load: { ask: Opened; answer: RunInfo };
  arrays: { ask: { key: number; files: readonly File[] }; answer: ArrayHead[] };
  /** Progress in samples. */
  run: { ask: RunAsk; answer: Ran };
  /** The same in the arithmetic of a ring; the last run stays. Progress in samples. */
  fixed: { ask: { of: RunAsk; settings: FixedSettings }; answer: FixedReport };
  /** The model's own heads by threshold, priced. Progress in samples, then in sets of places. */
  heads: { ask: HeadsAsk; answer: { sweep: ExitSweep; search: ExitSearch | null } };
  /** One sample of a model as the parties of a protocol take it. */
  live: { ask: LiveAsk; answer: LiveParts };
  /** The GPU of this browser. */
  device: { ask: null; answer: Device };
  /** How fast both engines are. Progress in measurements. */
  speeds: { ask: null; answer: Speed[] };
  /** Channel by channel, of the last run. */
  channels: { ask: { run: number; value: string }; answer: Summary[] };
  /** The first output of the last run as a .npy file. */
  output: { ask: { run: number }; answer: { name: string; bytes: Uint8Array<ArrayBuffer> } };
}

export type RunVerb = keyof RunVerbs;

export interface RunCall<V extends RunVerb = RunVerb> {
  id: number;
  verb: V;
  ask: RunVerbs[V]['ask'];
}
