/** The loop of adjusting a trained network: rounds as they end, each beside the same training without its move. */
import { budgetsOf } from '../lib/train';
import type { Fault } from '../lib/types';
import type { AdjustRound } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import type { Of } from './missed.svelte';
import { away } from './train-away';
import type { Run } from './train-run.svelte';
import { train } from './train.svelte';
import { Work } from './work.svelte';

/** How long a worker goes on before it says how it stands. */
const SLICE_MS = 250;
/** Rounds, at most: what a person waits for. */
export const MOST_ROUNDS = 50;

/** What came of a network so far. */
export interface Found {
  run: Run;
  of: Of;
  budget: number;
  rounds: readonly AdjustRound[];
  best: number;
  ended: 'runs' | 'done' | 'cancelled';
  /** The network that is kept, once it is known. */
  net: Uint8Array | null;
}

class AdjustStore {
  of = $state<Of>('relu');
  /** ReLUs that stay, or a share of all. */
  budget = $state('25%');
  rounds = $state(6);
  readonly work = new Work();
  found = $state.raw<Found | null>(null);

  start(run: Run): Promise<void> {
    const { of, rounds } = this;
    return this.work.do('Adjusting round by round', async (step, signal) => {
      const net = run.bytes.network;
      if (!net) throw fault('The network that it begins from is not kept.', 'Train it anew.');
      const { of: images, view } = await train.again(signal);
      const { budgets, odd } = budgetsOf(this.budget, view.relus);
      const [budget = 0] = budgets;
      if (of === 'relu' && (budgets.length !== 1 || odd.length > 0 || budget === 0 || budget === view.relus)) {
        const hint = `Give one number of ReLUs between 0 and ${view.relus}, or a share such as 25%.`;
        throw fault('ReLUs move within one budget.', hint);
      }
      const epochs = Math.max(1, Math.floor((view.epochs[2] ?? 3) / 3));
      const { options } = view;
      const ask = { images, net, options, of, budget, rounds, epochs, seed: run.seed };
      this.found = { run, of, budget, rounds: [], best: 0, ended: 'runs', net: null };
      step('Waiting for a worker that trains', '');
      await trainers.lend(async (member) => {
        const { progress } = step('Adjusting: each round trains with the move and without it', '');
        await member.call('adjust', ask);
        for (let done = false; !done && !signal.aborted;) {
          const slice = await member.call('adjusted', SLICE_MS);
          if (signal.aborted) break;
          progress?.(Math.round(100 * slice.share), 100);
          ({ done } = slice);
          this.#take(run, { rounds: slice.rounds, best: slice.best });
        }
        // What was found until a cancel is kept as well.
        if (this.found?.run !== run || this.found.rounds.length === 0) return;
        this.#take(run, { net: await member.call('adjustedBest', null), ended: signal.aborted ? 'cancelled' : 'done' });
      });
    });
  }

  #take(run: Run, part: Partial<Found>): void {
    if (this.found?.run === run) this.found = { ...this.found, ...part };
  }

  /** The network that is kept, as a plan for the one with all its ReLUs. */
  open({ run, net, budget }: Found): Promise<void> {
    return net ? away.openAsPlan(run, { net, by: 'adjust', budget }) : Promise.resolve();
  }
}

const fault = (message: string, hint: string): Fault => ({ code: 'invalid-setting', message, place: {}, hint });

export const adjust = new AdjustStore();
