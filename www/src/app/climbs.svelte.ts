/**
 * Inputs that maximise a class, of three networks that are trained for it here: the digits' with all its ReLUs, and with 20 %
 * and 5 % of them.
 */
import type { TrainingAsk } from '../contract/core';
import { designers } from '../worker/design-client';
import type { Begin, Climbed } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import { Question, anywhere } from './question.svelte';
import { imagesOf } from './train-images';
import { Work } from './work.svelte';

/** Shares of the ReLUs that stay. */
export const SHARES = [1, 0.2, 0.05] as const;
/** Epochs of the network with all ReLUs, of the search, of fine-tuning: enough to see, not to compare. */
const EPOCHS = [8, 6, 4] as const;
const [SEED, SLICE_MS, STEPS] = [0, 200, 64];

export interface Climber {
  share: number;
  relus: number;
  accuracy: number;
  net: Uint8Array;
}

class Climbs {
  readonly work = new Work();
  nets = $state.raw<readonly Climber[]>([]);
  shape = $state.raw<readonly [number, number, number]>([1, 8, 8]);
  slope = $state(0.3);
  /** Classes by networks. */
  readonly #found = new Question<{ slope: number; climbed: Climbed[][] }>(anywhere);

  get found(): Question<{ slope: number; climbed: Climbed[][] }> {
    return this.#found;
  }

  begin(): Promise<void> {
    return this.work.do('Training three networks of the digits', async (step, signal) => {
      const images = await imagesOf('digits', null);
      const about = await trainers.call('about', images, { signal, brief: true });
      const ask: TrainingAsk = {
        shape: about.shape,
        classes: about.classes,
        figures: false,
        net: { kind: 'digits-cnn' },
        epochs: [...EPOCHS],
        chosen_on: 'validation',
        degree: 0,
        channels: false,
        only: null,
      };
      const { view, net } = await designers.call(
        'trainStart',
        { of: ask, file: new Uint8Array(), plan: '' },
        { signal, brief: true },
      );
      const { options } = view;
      const made: Climber[] = [];
      step('Waiting for a worker that trains', '');
      await trainers.lend(async (member) => {
        let base = net;
        for (const share of SHARES) {
          const what = `Training the network with ${100 * share} % of its ReLUs`;
          const budget = Math.round(share * view.relus);
          const run: Begin =
            share === 1
              ? { kind: 'base', net, options, seed: SEED }
              : { kind: 'reduce', net: base, options, method: 'snl', budget, seed: SEED };
          const { progress } = step(what, '');
          await member.call('begin', { images, run });
          for (let done = false; !done && !signal.aborted;) {
            const slice = await member.call('advance', SLICE_MS);
            progress?.(Math.round(100 * slice.progress.share), 100);
            ({ done } = slice.progress);
          }
          if (signal.aborted) return;
          const { network, outcome } = await member.call('end', null);
          if (share === 1) base = network as Uint8Array<ArrayBuffer>;
          made.push({ share, relus: outcome.relus, accuracy: outcome.test_accuracy, net: network });
        }
      });
      if (signal.aborted) return;
      [this.nets, this.shape] = [made, about.shape];
      this.climb();
    });
  }

  /** Every class of every network. */
  climb(): void {
    const { nets, slope } = this;
    if (nets.length === 0) return;
    void this.#found.ask(async (_, { signal }) => {
      const climbed: Climbed[][] = Array.from({ length: 10 }, () => []);
      const asks = climbed.flatMap((_, of) =>
        nets.map(({ net }) => ({ net, class: of, slope, steps: STEPS, box: [0, 1] as [number, number] })),
      );
      const answers: Climbed[] = [];
      await trainers.share('climbed', asks, (answer, place) => void (answers[place] = answer), { signal });
      answers.forEach((answer, place) => climbed[Math.floor(place / nets.length)]?.push(answer));
      return { slope, climbed };
    });
  }
}

export const climbs = new Climbs();
