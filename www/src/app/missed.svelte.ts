/** What a trained network would miss of each layer, and the step that follows from it. */
import type { Missed } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import type { Run } from './train-run.svelte';
import { away } from './train-away';
import { train } from './train.svelte';
import { respec } from './respec';
import type { Fault } from '../lib/types';
import { Question } from './question.svelte';
import { Work } from './work.svelte';

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

  readonly work = new Work();

  /** The step that was found: ReLUs as a plan in Replace, widths as a network in Design. */
  take(run: Run): Promise<void> {
    const { answer } = this.#asked;
    const net = run.bytes.network;
    if (!answer || !net) return Promise.resolve();
    const { moves } = answer.missed;
    return this.work.do('Taking one step', async (_, signal) => {
      if (answer.of === 'relu') {
        const moved = await trainers.call('relus', { net, moves, seed: run.seed }, { signal, brief: true });
        // A step keeps what its run kept, or less: the budget stays that run's, and a whole network has none.
        if (!signal.aborted) await away.openAsPlan(run, { net: moved, by: 'utilisation', budget: run.budget });
        return;
      }
      const { view } = await train.again(signal);
      if (!view.spec) {
        const hint = 'Train a resnet or a network of Design: their widths can be written down.';
        throw { code: 'not-supported', message: 'This network is in no spec.', place: {}, hint } satisfies Fault;
      }
      const widths = await trainers.call('widths', { net, moves }, { signal, brief: true });
      const { design } = await import('./design.svelte');
      if (signal.aborted) return;
      design.choose({ name: 'one-step', spec: respec(view.spec, widths) });
      location.hash = '#/design';
    });
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
