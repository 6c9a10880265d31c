/** Runs: what the core says of them, and what the page and its workers add. */
import type { EngineKind as EngineId, ProbeId, RunReport, StatsReport } from '../contract/core';
import type { NumberArray } from '../contract/core-package';

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
