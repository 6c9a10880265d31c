/** What a trained network would miss of each layer, and the step that follows from it. */
import type { Missed } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import type { Run } from './train-run.svelte';
import { away } from './train-away';
import { train } from './train.svelte';
import { Question } from './question.svelte';

export type Of = 'relu' | 'flops';
/** As the released code draws, at CIFAR's sizes. */
const [DRAWS, SHARE] = [5, 0.05];

class MissedStore {
  of = $state<Of>('relu');
  /** The network that is measured: an answer about another one goes. */
  readonly #asked = new Question<{ of: Of; missed: Missed }, Run>(() => train.shown);

  get question(): Question<{ of: Of; missed: Missed }, Run> {
    return this.#asked;
  }

  /** The network in Replace: with the plan of its run where it has one. */
  take(run: Run): Promise<void> {
    return run.method === null ? away.openIn(run, 'replace') : away.openAsPlan(run);
  }

  measure(): void {
    const { of } = this;
    void this.#asked.ask(async (run, asking) => {
      const net = run.bytes.network;
      if (!net) {
        const hint = 'Train it anew.';
        throw { code: 'missing-data', message: 'This network is not kept.', place: {}, hint };
      }
      const images = await train.images();
      const ask = { images, net, of, share: SHARE, draws: DRAWS, seed: 0 };
      return { of, missed: await trainers.call('missed', ask, asking) };
    });
  }
}

export const missed = new MissedStore();
