/**
 * Inputs that maximise a class, of three networks: the digits' with all its ReLUs, and with 20 % and 5 % of them, trained for it
 * here; or the model on the page with its weights, under the plan in force, and with 20 % and 5 % of its ReLUs.
 */
import type { TrainingAsk } from '../contract/core';
import type { Fault } from '../lib/types';
import { designers } from '../worker/design-client';
import type { Begin, Climbed } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import { Question, anywhere } from './question.svelte';
import { plan } from './replace/plan.svelte';
import { planFile } from './replace/take';
import { session } from './session.svelte';
import { bytesOf, imagesOf } from './train-images';
import { Work } from './work.svelte';

/** Shares of the ReLUs that stay. */
export const SHARES = [1, 0.2, 0.05] as const;
/** Epochs of the network with all ReLUs, of the search, of fine-tuning: enough to see, not to compare. */
const EPOCHS = [8, 6, 4] as const;
const [SEED, SLICE_MS, STEPS] = [0, 200, 64];
/** Classes that are climbed: the first ones. */
export const MOST_CLASSES = 20;

const fault = (message: string, hint: string): Fault => ({ code: 'not-supported', message, place: {}, hint });

export interface Climber {
  share: number;
  relus: number;
  /** On the test images; null where nobody told. */
  accuracy: number | null;
  net: Uint8Array;
}

class Climbs {
  readonly work = new Work();
  nets = $state.raw<readonly Climber[]>([]);
  shape = $state.raw<readonly [number, number, number]>([1, 8, 8]);
  /** The model of the page that is climbed; null: the digits' networks. */
  model = $state.raw<string | null>(null);
  classes = $state(10);
  /** Smallest and largest number of an input of the model on the page. */
  box = $state.raw<readonly [number, number]>([0, 1]);
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
      [this.nets, this.shape, this.model, this.classes] = [made, about.shape, null, about.classes];
      this.climb();
    });
  }

  /** The model on the page, as it is under the plan in force; fewer of its ReLUs at random. */
  onScreen(): Promise<void> {
    return this.work.do('Reading the model on the page', async (step, signal) => {
      const { source, score } = session;
      const file = source?.kind === 'files' ? source.files.find(({ name }) => name.endsWith('.onnx')) : undefined;
      if (!score || !file)
        throw fault('The model on the page has no weights here.', 'Drop an .onnx file with its weights in it.');
      const [input, output] = [score.model.inputs[0]?.shape ?? [], score.model.outputs[0]?.shape ?? []];
      const shape = input.slice(1).map(Number);
      const classes = Number(output.at(-1));
      if (shape.length !== 3 || !shape.every((size) => size > 0) || !(classes > 1))
        throw fault('It does not read images of known size and tell classes apart.', 'Climb a network that does.');
      const [c = 0, h = 0, w = 0] = shape;
      const ask: TrainingAsk = {
        shape: [c, h, w],
        classes,
        figures: false,
        net: { kind: 'given' },
        epochs: [...EPOCHS],
        chosen_on: 'validation',
        degree: 0,
        channels: false,
        only: null,
      };
      const { planned } = plan;
      const held = planned && planned.kept < planned.total ? await planFile() : '';
      const bytes = await bytesOf(file, file.name);
      if (signal.aborted || held === null) return;
      const from = { of: ask, file: bytes, plan: held };
      const { view, net } = await designers.call('trainStart', from, step('Reading its layers', ''));
      const masks = view.held?.masks ?? '';
      const all = view.held?.kept ?? view.relus;
      const made: Climber[] = [];
      for (const share of SHARES) {
        const thin = await trainers.call('thinned', { net, masks, share, seed: SEED }, { signal });
        made.push({ share, relus: Math.round(share * all), accuracy: null, net: thin });
      }
      if (signal.aborted) return;
      Object.assign(this, { nets: made, shape: [c, h, w], model: score.model.name, classes });
      this.climb();
    });
  }

  /** Every class of every network. */
  climb(): void {
    const { nets, slope, classes } = this;
    const box: [number, number] = this.model === null ? [0, 1] : [...this.box];
    if (nets.length === 0) return;
    void this.#found.ask(async (_, { signal }) => {
      const climbed: Climbed[][] = Array.from({ length: Math.min(classes, MOST_CLASSES) }, () => []);
      const asks = climbed.flatMap((_, of) => nets.map(({ net }) => ({ net, class: of, slope, steps: STEPS, box })));
      const answers: Climbed[] = [];
      await trainers.share('climbed', asks, (answer, place) => void (answers[place] = answer), { signal });
      answers.forEach((answer, place) => climbed[Math.floor(place / nets.length)]?.push(answer));
      return { slope, climbed };
    });
  }
}

export const climbs = new Climbs();
