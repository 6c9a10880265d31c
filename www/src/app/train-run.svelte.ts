/** One run of a training as the page holds it: how it stands, what it made, what can be seen of it. */
import type { TrainMethod } from '../contract/core';
import type { Fault } from '../lib/types';
import type { Point, RunName, RunOutcome, RunState } from '../lib/train';
import { nameOf } from '../lib/train';
import type { InputHistogram, Progress, TrainedSite } from '../worker/train-client';
import type { Bytes } from './kept/training';

export type Status = 'waiting' | 'running' | 'paused' | 'done' | 'cancelled' | 'failed';

/** What goes into an activation's channels, and the polynomials of them. */
export interface Look {
  site: number;
  inputs: readonly InputHistogram[];
  polynomials: Float32Array;
}

export class Run {
  readonly method: TrainMethod | null;
  readonly budget: number | null;
  readonly seed: number;
  status = $state<Status>('waiting');
  progress = $state.raw<Progress | null>(null);
  curve = $state.raw<readonly Point[]>([]);
  /** ReLUs that came or went in each epoch. */
  flips = $state(0);
  sites = $state.raw<readonly TrainedSite[]>([]);
  masks = $state.raw<readonly Uint8Array[]>([]);
  looks = $state.raw<readonly Look[]>([]);
  outcome = $state.raw<RunOutcome | null>(null);
  fault = $state.raw<Fault | null>(null);
  seconds = $state(0);
  bytes: Bytes = { checkpoint: null, network: null, hits: null, told: 0 };
  /** Its network can be taken away. */
  whole = $state(false);
  failures = 0;
  /** ReLUs that came or went in this epoch so far. */
  flipping = 0;

  constructor({ method, budget, seed }: RunName) {
    this.method = method;
    this.budget = budget;
    this.seed = seed;
  }

  get id(): string {
    return this.method === null ? `base-${this.seed}` : `${this.method}-${this.budget}-${this.seed}`;
  }

  get name(): string {
    return nameOf(this);
  }

  get open(): boolean {
    return this.status === 'waiting' || this.status === 'running' || this.status === 'paused';
  }

  /** As an earlier visit or a link left it; without bytes its network is not here. */
  static revived(state: RunState, bytes: Bytes | null): Run {
    const run = new Run(state);
    run.curve = state.curve;
    run.seconds = state.seconds;
    run.outcome = state.outcome;
    run.bytes = bytes ?? run.bytes;
    run.whole = bytes?.network != null;
    run.status = state.outcome !== null ? 'done' : (state.ended ?? 'paused');
    return run;
  }

  get state(): RunState {
    const { method, budget, seed, curve, outcome, status, seconds } = this;
    const ended = status === 'cancelled' || status === 'failed' ? status : null;
    return { method, budget, seed, curve, outcome, ended, seconds };
  }
}
