/**
 * The reports `reluctant.run/1` and `reluctant.stats/1` as the core writes them
 * (crate/src/api/run_report.rs), and what a run is asked for. Field names are a contract: they are
 * added, never renamed.
 */
import type { EngineKind as EngineId, ProbeId, RunReport, StatsReport } from '../contract/core';
export type {
  About,
  Accuracy,
  ActivationReport,
  Device,
  EngineKind as EngineId,
  FixedLayer,
  FixedReport,
  FixedSettings,
  Guess,
  Histogram,
  LayerSeconds,
  ProbeId,
  RunInfo,
  RunPort,
  RunReport,
  RunRequest,
  StatsScope,
  StatsReport,
  Summary,
  Truncation,
  ValueReport,
} from '../contract/core';

/** Elements as they stand in a file: little-endian, row-major. */
export interface NumberArray {
  name: string;
  dtype: string;
  shape: number[];
  bytes: Uint8Array<ArrayBuffer>;
}

/** The same without its elements. */
export type ArrayHead = Omit<NumberArray, 'bytes'>;

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

/** What a run gives; the channels of its values stay in the worker. */
export interface Outcome {
  report: RunReport;
  stats: StatsReport | null;
}
