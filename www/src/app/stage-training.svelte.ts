/**
 * Which stages need their ReLUs, by training: the network with the ReLUs of each stage alone, with all and with none, each from the
 * start, side by side in the workers that train. The order feeds the equaliser.
 */
import type { StagesRanked } from '../contract/core';
import { plural } from '../lib/format';
import type { Part, PartTrained } from '../lib/stage-training';
import { measuredOn, partOf, partsOf } from '../lib/stage-training';
import type { Form } from '../lib/train';
import { FIRST, MOST_RUNS, seedsOf } from '../lib/train';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import { designers } from '../worker/design-client';
import type { Bridge, Outcome, TrainVerbs } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import { design } from './design.svelte';
import { Question, anywhere } from './question.svelte';
import { AGAIN, SLICE_MS } from './train-carry';
import type { Asked, Start } from './train-start';
import { paced, prepared } from './train-start';
import { train } from './train.svelte';
import { Work } from './work.svelte';

const DATA: Record<Form['data'], string> = {
  shapes: 'drawn figures',
  digits: 'the digits',
  own: 'arrays of one\u2019s own',
};

export interface StagesForm {
  data: Form['data'];
  /** `chosen`: the network that is chosen above. */
  net: 'resnet-1-1-1-1' | 'resnet-2-2-2-2' | 'chosen';
  width: number;
  seeds: string;
  epochs: number | null;
}

/** What would be trained. */
export interface StagesPlan {
  runs: number;
  odd: string[];
  /** Of the network with all ReLUs, as they are where none are asked for. */
  epochs: number;
  /** Seconds, about; null while that is not measured. */
  seconds: number | null;
}

export interface StagesResult {
  parts: PartTrained[];
  ranked: StagesRanked;
  /** What it was measured on. */
  on: string;
}

const refuse = (code: Fault['code'], message: string, hint: string): Fault => ({ code, message, place: {}, hint });

/** Trains to the end; `tell` is given the share that is done. */
async function trained(
  member: Bridge<TrainVerbs>,
  { of: images, net, view: { options } }: Start,
  seed: number,
  tell: (share: number) => void,
  over: () => boolean,
): Promise<Outcome> {
  await member.call('begin', { images, run: { kind: 'base', net, options, seed } });
  for (;;) {
    if (over()) throw refuse('cancelled', 'Cancelled.', '');
    const { progress } = await member.call('advance', SLICE_MS);
    tell(progress.share);
    if (progress.done) return (await member.call('end', null)).outcome;
  }
}

class StageTraining {
  form = $state.raw<StagesForm>({ data: 'shapes', net: 'resnet-1-1-1-1', width: 8, seeds: '0', epochs: null });
  result = $state.raw<StagesResult | null>(null);
  readonly work = new Work();
  readonly #plan = new Question<StagesPlan>(anywhere);

  get plan(): StagesPlan | null {
    return this.#plan.answer;
  }

  get fault(): Fault | null {
    return this.#plan.fault;
  }

  get workers(): number {
    return trainers.size;
  }

  change(part: Partial<StagesForm>): void {
    this.form = { ...this.form, ...part };
  }

  /** The same as what is asked for one network to be trained. */
  #asked(): Asked {
    const { data, net, width, seeds, epochs } = this.form;
    const { chosen } = design;
    const of: Form['net'] = net === 'chosen' ? (chosen ?? 'digits-cnn') : net;
    const form: Form = { ...FIRST, data, net: of, width, seeds, epochs: [epochs, null, null] };
    return { form, own: data === 'own' ? train.own : null, given: null };
  }

  /** Counts and times what the form asks for. */
  look(): void {
    const asked = this.#asked();
    void this.#plan.ask(async (_, { signal }, soFar) => {
      const start = await prepared({ ...asked, only: [] }, signal);
      const { seeds, odd } = seedsOf(asked.form.seeds);
      const [epochs] = start.view.epochs;
      const runs = partsOf(start.view.stages).length * seeds.length;
      const plan: StagesPlan = { runs, odd, epochs, seconds: null };
      if (this.work.busy || train.busy || runs > MOST_RUNS) return plan;
      soFar(plan);
      const seconds = await paced(start, runs * epochs, signal);
      return { ...plan, seconds: seconds / Math.min(trainers.size, Math.max(1, runs)) };
    });
  }

  measure(): Promise<void> {
    const asked = this.#asked();
    const { form } = asked;
    return this.work.do('Training the ReLUs of each stage alone', async (step, signal) => {
      const { progress } = step('Training the ReLUs of each stage alone, epochs', '');
      const whole = await prepared(asked, signal);
      const { seeds, odd } = seedsOf(form.seeds);
      const parts = partsOf(whole.view.stages);
      const runs = parts.length * seeds.length;
      if (odd.length > 0 || runs === 0 || runs > MOST_RUNS)
        throw refuse(
          'invalid-setting',
          'This cannot be trained as it is asked.',
          `Seeds are whole numbers; at most ${MOST_RUNS} runs.`,
        );
      const [epochs] = whole.view.epochs;
      const shares = new Float64Array(runs);
      const tell = (place: number) => (share: number) => {
        shares[place] = share;
        const done = shares.reduce((sum, one) => sum + one, 0);
        progress?.(Math.floor(done * epochs), runs * epochs);
      };
      const found = await this.#outcomes(asked, parts, seeds, tell, signal);
      if (signal.aborted) return;
      const trainedParts = parts.map((part, at) => partOf(part, found[at] ?? []));
      const measured = trainedParts.flatMap(({ stage, validation, relus }): [number, number, number][] =>
        stage === null ? [] : [[stage, validation, relus]],
      );
      const ranked = await designers.call('rankStages', measured, { signal, brief: true });
      const net = typeof form.net === 'object' ? form.net.name : `${form.net} of ${plural(form.width, 'channel')}`;
      const on = measuredOn(DATA[form.data], whole.about.images, net, seeds, epochs);
      this.result = { parts: trainedParts, ranked, on };
    });
  }

  /** Of each part each seed; the first fault ends all. */
  async #outcomes(
    asked: Asked,
    parts: readonly Part[],
    seeds: readonly number[],
    tell: (place: number) => (share: number) => void,
    signal: AbortSignal,
  ): Promise<Outcome[][]> {
    let over = false;
    const ended = (): boolean => over || signal.aborted;
    const one = async (start: Start, seed: number, place: number): Promise<Outcome> => {
      for (let failures = 0; ; failures += 1) {
        try {
          return await trainers.lend((member) => trained(member, start, seed, tell(place), ended));
        } catch (error) {
          // A worker that stopped takes a run with it: the run begins anew.
          if (!isFault(error) || error.code !== 'worker' || failures >= AGAIN) throw error;
        }
      }
    };
    try {
      const starts = await Promise.all(parts.map(({ only }) => prepared({ ...asked, only }, signal)));
      return await Promise.all(
        starts.map((start, at) => Promise.all(seeds.map((seed, place) => one(start, seed, at * seeds.length + place)))),
      );
    } finally {
      over = true;
    }
  }
}

export const stageTraining = new StageTraining();
