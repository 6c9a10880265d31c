/**
 * Long work that a person started: how far it is, Cancel, and what went wrong. One piece at a time: a newer one ends
 * the one under way, and no fault of what was ended is shown.
 */
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import type { Options } from '../worker/client';
import { Turns } from './question.svelte';

export interface Progress {
  what: string;
  done: number;
  total: number;
  unit: 'bytes' | 'samples' | '';
}

export interface Problem {
  doing: string;
  fault: Fault;
}

/** Names the step that begins, and gives the options of its call. */
export type Step = (what: string, unit: Progress['unit']) => Options;

export class Work {
  /** What is being done; also of short work beside it, where there is no other. */
  now = $state.raw<Progress | null>(null);
  problem = $state.raw<Problem | null>(null);
  #turns = new Turns();
  #busy = $state(false);

  get busy(): boolean {
    return this.#busy;
  }

  async do(doing: string, work: (step: Step, signal: AbortSignal) => Promise<void>): Promise<void> {
    const signal = this.#turns.next();
    this.#busy = true;
    this.problem = null;
    const show = (now: Progress): void => {
      if (!signal.aborted) this.now = now;
    };
    try {
      await work((what, unit) => {
        show({ what, done: 0, total: 0, unit });
        return { signal, progress: (done, total) => show({ what, done, total, unit }) };
      }, signal);
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code !== 'cancelled' && !signal.aborted) this.problem = { doing, fault: error };
    } finally {
      if (!signal.aborted) this.#idle();
    }
  }

  cancel(): void {
    this.#turns.end();
    this.#idle();
  }

  dismiss(): void {
    this.problem = null;
  }

  #idle(): void {
    this.#busy = false;
    this.now = null;
  }
}
