/**
 * A protocol run for real: the model on the page, or handwritten digits where it cannot be run; beside it, if wanted, the same
 * network with a plan. Each inference is workers of its own; what is here is what they show.
 */
import type { FixedSettings, LiveView, PlanFile } from '../contract/core';
import type { Thumbnail } from '../lib/arrays';
import { rolesOf } from '../lib/arrays';
import { sentence, where } from '../lib/faults';
import type { Pace, Told } from '../lib/live';
import { AT_ONCE, measurements, rowsOf } from '../lib/live';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import type { Shown, Who } from '../worker/live-client';
import { Inference, WHO } from '../worker/live-client';
import type { LiveParts, Opened, Samples } from '../worker/run-client';
import { runner } from '../worker/run-client';
import { Bound } from './bound.svelte';
import { calibration } from './calibrate.svelte';
import { costs } from './cost.svelte';
import { TEST_DIGITS } from './inputs.svelte';
import { plan } from './replace/plan.svelte';
import { FIRST } from './replace/wishes.svelte';
import { run } from './run.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';
import type { Step } from './work.svelte';
import { Work } from './work.svelte';

/** What is left of the ReLUs in a plan that nobody made. */
export const BUDGET = '25%';
/** Samples that its polynomials are fitted to. */
const FITTED = 64;

/** Samples that can be asked for where any number can. */
const MOST = 10_000;

/** Faults of a network that the protocol's engine does not take. */
const REFUSALS: readonly string[] = ['not-supported', 'missing-data'];

const NO_SAMPLES: Fault = {
  code: 'missing-data',
  message: 'No samples yet: there are none to run the model on the page on, or they are still being read.',
  place: {},
  hint: 'Start again in a moment, or choose under Run what it runs on.',
};

/** The sample there is that is nearest to a number. */
const nearest = (sample: number, most: number | null): number =>
  Math.min(Math.max(0, Math.round(sample) || 0), (most ?? MOST) - 1);

type Party = 'client' | 'server';

/** A model with its samples. */
interface Subject {
  title: string;
  model: Opened;
  samples: Samples;
  /** Where they come from, in words. */
  inputs: string;
  /** How many there are; null for any number. */
  count: number | null;
  /** What the statistics of a plan are taken from; read by whoever makes one. */
  fitted: (step: Step) => Promise<Samples>;
  classes: readonly string[] | null;
  /** Of the model on the page. */
  own: boolean;
}

/** What was asked for, as it was when the inference began. */
interface Asked {
  subject: Subject;
  sample: number;
  ring: FixedSettings;
  /** The client learns the best class alone. */
  argmax: boolean;
}

function prepared({ subject, sample, ring, argmax }: Asked, model: Opened, step: Step): Promise<LiveParts> {
  const ask = { model, samples: subject.samples, sample, settings: ring, argmax };
  return runner.call('live', ask, step(`Preparing ${subject.title}`, 'bytes'));
}

/** One inference, as it is watched. */
export class Trial {
  readonly title: string;
  readonly asked: Asked;
  /** What a reader must know of a changed model: it gives no numbers, or was not run. */
  readonly doubt: string | null;
  readonly view: LiveView;
  readonly picture: Thumbnail | null;
  readonly label: number | null;
  told = $state.raw<readonly Told[]>([]);
  /** Messages that a pause holds back. */
  held = $state(0);
  /** High bytes of shares, by value: the input, then what each of the engine's layers makes. */
  shares = $state.raw<Record<Party, readonly Uint8Array<ArrayBuffer>[]>>({ client: [], server: [] });
  /** Whom each waits for; null while it works or is done. */
  waits = $state.raw<Record<Party, Who | null>>({ client: null, server: null });
  /** Seconds that the slower party worked at each of the engine's layers. */
  seconds = $state.raw<ReadonlyMap<number, number>>(new Map());
  /** Bytes of the three's memory, of those that are done. */
  memory = $state(0);
  result = $state.raw<Float64Array | null>(null);
  fault = $state.raw<Fault | null>(null);
  /** It was ended before it was done. */
  stopped = $state(false);
  /** The link that it went over, all the way; null once that was changed on the way. */
  link = $state<string | null>(null);
  pace = $state.raw<Pace>(AT_ONCE);
  /** Of the three, those that are done. */
  #ended = $state(0);
  /** The wire told of the result's opening: its last word. */
  #opened = $state(false);
  #inference: Inference | null = null;

  readonly rows = $derived.by(() => rowsOf(this.view.layers, this.told));
  readonly done = $derived(this.result !== null && this.#opened && this.#ended === WHO.length);
  readonly running = $derived(!this.done && !this.stopped && this.fault === null);

  constructor(title: string, asked: Asked, doubt: string | null, { view, picture, label }: LiveParts) {
    this.title = title;
    this.asked = asked;
    this.doubt = doubt;
    this.view = view;
    this.picture = picture;
    this.label = label;
  }

  begin(parts: LiveParts, link: string, pace: Pace, paused: boolean): void {
    this.#inference = new Inference(parts, {
      shown: (who, shown) => this.#shown(who, shown),
      wire: ({ told, held }) => {
        if (told.length > 0) this.told = [...this.told, ...told];
        this.held = held;
        this.#opened ||= told.some(({ kind }) => kind === 'output');
        this.#rest();
      },
      lost: () =>
        this.#fail({
          code: 'worker',
          message: 'A party could not start or stopped.',
          place: {},
          hint: 'Reload the page. If that does not help, the browser may be too old or out of memory.',
        }),
    });
    this.slow(link, pace);
    if (paused) this.allow(0);
  }

  slow(link: string, pace: Pace): void {
    this.link = this.told.length > 0 && link !== this.link ? null : link;
    this.pace = pace;
    this.#inference?.slow(pace);
  }

  allow(rounds: number | null): void {
    this.#inference?.allow(rounds);
  }

  /** Ends it where it is; what it has shown stays. */
  stop(): void {
    if (this.running) this.stopped = true;
    this.#rest();
  }

  /** Frees the workers of what no longer runs. */
  #rest(): void {
    if (this.running) return;
    this.#inference?.stop();
    this.#inference = null;
  }

  #fail(fault: Fault): void {
    this.fault ??= fault;
    this.#rest();
  }

  #shown(who: Who, shown: Shown): void {
    switch (shown.type) {
      case 'layer': {
        if (who === 'dealer') return;
        this.shares = { ...this.shares, [who]: [...this.shares[who], shown.share] };
        this.waits = { ...this.waits, [who]: null };
        const before = this.seconds.get(shown.layer) ?? 0;
        this.seconds = new Map(this.seconds).set(shown.layer, Math.max(before, shown.seconds));
        return;
      }
      case 'waits':
        if (who !== 'dealer') this.waits = { ...this.waits, [who]: shown.for };
        return;
      case 'done': {
        this.memory += shown.memory;
        this.#ended += 1;
        if (who !== 'dealer') this.waits = { ...this.waits, [who]: null };
        if (who === 'client') this.result = shown.result;
        this.#rest();
        return;
      }
      case 'fault':
        this.#fail(shown.fault);
        return;
      case 'ready':
    }
  }
}

/** Files beside the page. */
async function beside(name: string): Promise<File> {
  const fault = (reason: string): Fault => ({
    code: 'io',
    message: `The example could not be fetched: ${reason}.`,
    place: { file: name },
    hint: 'Check that the page is still being served, then start again.',
  });
  let answer: Response;
  try {
    answer = await fetch(new URL(`examples/${name}`, document.baseURI));
  } catch (error) {
    throw fault(error instanceof Error ? error.message : 'no answer');
  }
  if (!answer.ok) throw fault(`the server answered ${answer.status}`);
  return new File([await answer.blob()], name);
}

/** Never a key of the session's. */
const KEYS = { model: -101, test: -102, training: -103, plan: -104 };
let plans = KEYS.plan;

class Live {
  readonly work = new Work();
  /** Id of a link, or none. */
  link = $state('lan');
  sample = $state(0);
  ring = $state.raw<FixedSettings>({ ring_bits: 64, fraction_bits: 18, truncation: 'probabilistic', seed: 0 });
  /** The client learns the best class alone. */
  argmax = $state(false);
  /** The same network with a plan beside it. */
  beside = $state(true);
  paused = $state(false);
  /** What is shown, and why a plan that was wanted beside it is not there. */
  readonly #shown = new Bound<{ trials: readonly Trial[]; alone: Fault | null }, Scene>(() => session.scene);
  /** The same, whatever is on the page by now. */
  #begun: readonly Trial[] = [];
  readonly #refused = new Bound<Fault, Scene>(() => session.scene);
  /** Digits there are; null before they were read. */
  #digitsThere = $state<number | null>(null);

  get trials(): readonly Trial[] {
    return this.#shown.value?.trials ?? [];
  }

  get alone(): Fault | null {
    return this.#shown.value?.alone ?? null;
  }

  running = $derived(this.trials.some(({ running }) => running));

  /** Why the model on the page is not what runs; null where it is. */
  reason = $derived.by((): string | null => {
    const { source, score } = session;
    const refused = this.#refused.value;
    const at = refused && where(refused.place);
    if (refused)
      return `The model on the page cannot be run so. ${sentence(refused)}${at ? ` It is about ${at}.` : ''}`;
    if (source?.kind === 'files') return null;
    if (source?.kind === 'link') return 'A link carries no weights.';
    return score ? 'The example on the page is built from its spec and has no weights.' : null;
  });

  /** The model on the page is what runs. */
  readonly #runsOwn = $derived(session.source?.kind === 'files' && this.#refused.value === null);

  /** Samples to choose from; null for any number, and before it is known. */
  get most(): number | null {
    if (!this.#runsOwn) return this.#digitsThere;
    return run.inputs.most === null ? null : run.inputs.samples;
  }

  /** Takes a sample as it was typed: the nearest that there is. */
  pick(typed: number): void {
    this.sample = nearest(typed, this.most);
  }

  get pace(): Pace {
    const preset = costs.links.find(({ id }) => id === this.link);
    if (!preset) return AT_ONCE;
    const { up_bytes_per_s: up, down_bytes_per_s: down, rtt_ms } = preset;
    return { up: up ?? null, down: down ?? null, roundTrip: rtt_ms / 1000 };
  }

  choose(link: string): void {
    this.link = link;
    for (const trial of this.trials) if (trial.running) trial.slow(link, this.pace);
  }

  /** Holds every message back, or lets all go on. */
  toggle(): void {
    this.paused = !this.paused;
    for (const trial of this.trials) trial.allow(this.paused ? 0 : null);
  }

  /** One round more. */
  step(): void {
    for (const trial of this.trials) trial.allow(1);
  }

  /** Ends what runs, and frees what the workers hold. */
  stop(): void {
    this.work.cancel();
    for (const trial of this.#begun) trial.stop();
  }

  async start(): Promise<void> {
    this.stop();
    const { scene } = session;
    await this.work.do('Running the protocol', async (step, signal) => {
      let asked = this.#asked(this.#own() ?? (await this.#digits(step)));
      let parts: LiveParts;
      try {
        parts = await prepared(asked, asked.subject.model, step);
      } catch (error) {
        if (!isFault(error) || !asked.subject.own || !REFUSALS.includes(error.code)) throw error;
        this.#refused.hold(error, scene);
        asked = this.#asked(await this.#digits(step));
        parts = await prepared(asked, asked.subject.model, step);
      }
      const made: [Trial, LiveParts][] = [[new Trial('All ReLUs', asked, null, parts), parts]];
      let alone: Fault | null = null;
      if (this.beside) {
        try {
          const { title, model, doubt } = await this.#planned(asked.subject, step);
          const other = await prepared(asked, model, step);
          made.push([new Trial(title, asked, doubt, other), other]);
        } catch (error) {
          // The first needs no plan.
          if (!isFault(error) || error.code === 'cancelled') throw error;
          alone = error;
        }
      }
      if (signal.aborted) return;
      this.#begun = made.map(([trial]) => trial);
      this.#shown.hold({ trials: this.#begun, alone }, scene);
      for (const [trial, parts] of made) trial.begin(parts, this.link, this.pace, this.paused);
    });
  }

  /** What was measured, as a table for Calibrate; empty before an inference has ended. */
  get measured(): string {
    const lines = this.trials
      .filter(({ done }) => done)
      .flatMap(({ rows, seconds }) => measurements(rows, seconds).split('\n').slice(1));
    return lines.length > 0 ? ['op\tsize\tbytes\trounds\tseconds', ...lines].join('\n') : '';
  }

  /** The seconds of this machine as a profile of one's own, in use once they are fitted. */
  async calibrate(): Promise<void> {
    await calibration.takeUp({ text: this.measured, base: 'semi2k', name: 'SEMI2K, measured here' });
  }

  #asked(subject: Subject): Asked {
    this.sample = nearest(this.sample, subject.count);
    const { sample, ring, argmax } = this;
    return { subject, sample, ring, argmax };
  }

  /** The model on the page, where it has weights and was not refused; throws where what it runs on is not there. */
  #own(): Subject | null {
    const { source, set, score } = session;
    const { inputs } = run;
    if (source?.kind !== 'files' || !this.#runsOwn) return null;
    if (inputs.samples === 0) throw NO_SAMPLES;
    const samples = { data: inputs.source(), take: inputs.samples, prepare: inputs.prepare() };
    return {
      title: score?.model.name ?? 'the model',
      model: { key: source.key, files: source.files, set, batch: 1, engine: 'cpu' },
      samples,
      inputs: inputs.text(),
      count: this.most,
      fitted: () => Promise.resolve({ ...samples, take: Math.min(samples.take, FITTED) }),
      classes: run.classes(),
      own: true,
    };
  }

  async #digits(step: Step): Promise<Subject> {
    step('Fetching the digits', '');
    const [model, test] = await Promise.all([beside('digits.onnx'), beside('digits.npz')]);
    const opened: Opened = { key: KEYS.model, files: [model], set: {}, batch: 1, engine: 'cpu' };
    const { inputs } = await runner.call('load', opened, step('Loading the digits network', 'bytes'));
    const of = async (key: number, file: File, most: number, step: Step): Promise<Samples> => {
      const heads = await runner.call('arrays', { key, files: [file] }, step('Reading the digits', ''));
      const roles = rolesOf(heads, inputs);
      const there = heads[roles.inputs[inputs[0]?.name ?? ''] ?? -1]?.shape[0] ?? 0;
      const take = Math.min(most, there);
      return { data: { kind: 'arrays', key, files: [file], roles }, take, prepare: null };
    };
    const samples = await of(KEYS.test, test, Number.POSITIVE_INFINITY, step);
    this.#digitsThere = samples.take;
    return {
      title: 'the digits network',
      model: opened,
      samples,
      inputs: TEST_DIGITS.title,
      count: samples.take,
      fitted: async (step) => of(KEYS.training, await beside('digits_train.npz'), FITTED * 4, step),
      classes: null,
      own: false,
    };
  }

  /** The network under the plan in force, or under one for a quarter of its ReLUs. */
  async #planned(
    { model, fitted, own }: Subject,
    step: Step,
  ): Promise<{ title: string; model: Opened; doubt: string | null }> {
    const { key, files, set } = model;
    const bench = { key, source: { kind: 'files', files } as const, set, batch: 32, engine: 'cpu' as const };
    let [file, title]: [PlanFile | null, string] = [null, 'The plan in force'];
    if (own && plan.planned && plan.planned.kept < plan.planned.total) file = plan.planned.plan;
    else {
      const wish = { ...FIRST, budget: BUDGET };
      const ask = { bench: { ...bench, data: await fitted(step), test: null }, wish };
      file = (await runner.call('plan', ask, step('Planning for a quarter of the ReLUs', 'samples'))).plan;
      title = 'A quarter of the ReLUs';
    }
    const ask = { bench: { ...bench, data: null, test: null }, plan: file };
    const { name, blob, doubt } = await runner.call('export', ask, step('Writing the changed model', ''));
    // What lies beside the model, its external data, stays beside it.
    const others = files.filter((one) => !/\.onnx$/i.test(one.name));
    plans -= 1;
    return { title, model: { ...model, key: plans, files: [new File([blob], name), ...others] }, doubt };
  }
}

export const live = new Live();

/** What runs ends with the view, and with the scene that it was asked of; call inside a component. */
export function watchLive(): void {
  $effect(() => {
    void session.scene;
    return () => live.stop();
  });
}
