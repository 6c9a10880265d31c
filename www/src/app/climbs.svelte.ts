/**
 * Inputs that maximise a class, of three networks: the digits' with all its ReLUs, and with 20 % and 5 % of them, trained for it
 * here; or the model on the page with its weights, under the plan in force, and with 20 % and 5 % of its ReLUs.
 */
import type { TrainingAsk } from '../contract/core';
import type { Fault } from '../lib/types';
import { designers } from '../worker/design-client';
import type { Begin, Climbed } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import { costs } from './cost.svelte';
import { plan } from './replace/plan.svelte';
import { planFile } from './replace/take';
import { session } from './session.svelte';
import { bytesOf, imagesOf } from './train-images';
import type { Step } from './work.svelte';
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

/** What is climbed. */
export interface Subject {
  nets: readonly Climber[];
  shape: readonly [number, number, number];
  /** The model of the page; null: the digits' networks. */
  model: string | null;
  classes: number;
}

/** What was climbed: classes by networks, and of what. */
export interface Found extends Subject {
  slope: number;
  climbed: Climbed[][];
}

class Climbs {
  readonly work = new Work();
  /** What a change of slope or box climbs. */
  subject = $state.raw<Subject | null>(null);
  /** Smallest and largest number of an input of the model on the page. */
  box = $state.raw<readonly [number, number]>([0, 1]);
  slope = $state(0.3);
  /** The last good climb. */
  found = $state.raw<Found | null>(null);
  /** Networks are in the making, and are climbed then. */
  #making = false;

  begin(): Promise<void> {
    this.#making = true;
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
      await this.#climb({ nets: made, shape: about.shape, model: null, classes: about.classes }, step, signal);
    });
  }

  /** The model on the page, as it is under the plan in force; fewer of its ReLUs at random. */
  onScreen(): Promise<void> {
    this.#making = true;
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
      // A plan in force is known by its costs: the plan itself is looked up in Replace.
      const held = !costs.replaced ? '' : plan.planned && (await planFile());
      if (held === null)
        throw fault('The plan in force is not at hand.', 'Open Replace once: it is looked up there. Then climb again.');
      const bytes = await bytesOf(file, file.name);
      if (signal.aborted) return;
      const from = { of: ask, file: bytes, plan: held };
      const { view, net } = await designers.call('trainStart', from, step('Reading its layers', ''));
      const masks = view.held?.masks ?? '';
      const all = view.held?.kept ?? view.relus;
      const made: Climber[] = [];
      for (const share of SHARES) {
        const thin = await trainers.call('thinned', { net, masks, share, seed: SEED }, { signal, brief: true });
        made.push({ share, relus: Math.round(share * all), accuracy: null, net: thin });
      }
      if (signal.aborted) return;
      await this.#climb({ nets: made, shape: [c, h, w], model: score.model.name, classes }, step, signal);
    });
  }

  /** Anew, of another slope or box; what is still in the making will be climbed with them. */
  climb(): Promise<void> {
    const { subject } = this;
    if (!subject || (this.#making && this.work.busy)) return Promise.resolve();
    return this.work.do('Climbing', (step, signal) => this.#climb(subject, step, signal));
  }

  /** Every class of every network. */
  async #climb(subject: Subject, step: Step, signal: AbortSignal): Promise<void> {
    this.#making = false;
    this.subject = subject;
    const { nets, classes, model } = subject;
    const { slope } = this;
    const box: [number, number] = model === null ? [0, 1] : [...this.box];
    const climbed: Climbed[][] = Array.from({ length: Math.min(classes, MOST_CLASSES) }, () => []);
    const asks = climbed.flatMap((_, of) => nets.map(({ net }) => ({ net, class: of, slope, steps: STEPS, box })));
    const answers: Climbed[] = [];
    const what = `Climbing: ${nets.length} networks, ${climbed.length} classes, ${STEPS} steps each by both gradients`;
    await trainers.share('climbed', asks, (answer, place) => void (answers[place] = answer), step(what, ''));
    if (signal.aborted) return;
    answers.forEach((answer, place) => climbed[Math.floor(place / nets.length)]?.push(answer));
    this.found = { ...subject, slope, climbed };
  }
}

export const climbs = new Climbs();
