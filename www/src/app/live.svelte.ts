/**
 * A protocol run for real: the model on the page, or handwritten digits where it cannot be run; beside it, if wanted, the same
 * network with a plan. Each inference is workers of its own; what is here is what they show.
 */
import type { FixedSettings, LiveView, PlanFile } from '../contract/core';
import type { Thumbnail } from '../lib/arrays';
import { rolesOf } from '../lib/arrays';
import type { Pace, Told } from '../lib/live';
import { AT_ONCE, measurements, rowsOf } from '../lib/live';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import type { Shown, Who } from '../worker/live-client';
import { Inference } from '../worker/live-client';
import type { LiveParts, Opened, Samples } from '../worker/run-client';
import { runner } from '../worker/run-client';
import { Bound } from './bound.svelte';
import { calibration } from './calibrate.svelte';
import { costs } from './cost.svelte';
import { plan } from './replace/plan.svelte';
import { FIRST } from './replace/wishes.svelte';
import { run } from './run.svelte';
import { session } from './session.svelte';
import type { Step } from './work.svelte';
import { Work } from './work.svelte';

/** What is left of the ReLUs in a plan that nobody made. */
export const BUDGET = '25%';
/** Samples that its polynomials are fitted to. */
const FITTED = 64;
/** The wire's last word comes after the result. */
const LAST_WORD_MS = 200;

type Party = 'client' | 'server';

/** A model with its samples. */
interface Subject {
  title: string;
  model: Opened;
  samples: Samples;
  /** What its statistics are taken from. */
  fitted: Samples;
  classes: readonly string[] | null;
  /** Of the model on the page. */
  own: boolean;
}

/** One inference, as it is watched. */
export class Trial {
  readonly title: string;
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
  #inference: Inference | null = null;

  readonly rows = $derived.by(() => rowsOf(this.view.layers, this.told));
  readonly running = $derived(this.result === null && this.fault === null);

  constructor(title: string, { view, picture, label }: LiveParts) {
    this.title = title;
    this.view = view;
    this.picture = picture;
    this.label = label;
  }

  begin(parts: LiveParts, pace: Pace, paused: boolean): void {
    this.#inference = new Inference(parts, {
      shown: (who, shown) => this.#shown(who, shown),
      wire: ({ told, held }) => {
        if (told.length > 0) this.told = [...this.told, ...told];
        this.held = held;
      },
      lost: () =>
        this.#fail({
          code: 'worker',
          message: 'A party could not start or stopped.',
          place: {},
          hint: 'Reload the page. If that does not help, the browser may be too old or out of memory.',
        }),
    });
    this.slow(pace);
    if (paused) this.allow(0);
  }

  slow(pace: Pace): void {
    this.#inference?.slow(pace);
  }

  allow(rounds: number | null): void {
    this.#inference?.allow(rounds);
  }

  stop(): void {
    this.#inference?.stop();
    this.#inference = null;
  }

  #fail(fault: Fault): void {
    this.fault ??= fault;
    this.stop();
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
        if (who === 'dealer') return;
        this.waits = { ...this.waits, [who]: null };
        if (who === 'server') return;
        this.result = shown.result;
        const ended = this.#inference;
        setTimeout(() => ended === this.#inference && this.stop(), LAST_WORD_MS);
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
  trials = $state.raw<readonly Trial[]>([]);
  /** What runs, and where its inputs come from. */
  of = $state.raw<Subject | null>(null);
  readonly #refused = new Bound<Fault, typeof session.source>(() => session.source);

  running = $derived(this.trials.some(({ running }) => running));

  /** Why the model on the page is not what runs; null where it is. */
  reason = $derived.by((): string | null => {
    const { source, score } = session;
    const refused = this.#refused.value;
    if (refused)
      return `The model on the page cannot be run so: ${refused.message}${refused.place.op ? ` (${refused.place.op})` : ''}.`;
    if (source?.kind === 'files') return null;
    if (source?.kind === 'link') return 'A link carries no weights.';
    return score ? 'The example on the page is built from its spec and has no weights.' : null;
  });

  get pace(): Pace {
    const preset = costs.links.find(({ id }) => id === this.link);
    if (!preset) return AT_ONCE;
    const { up_bytes_per_s: up, down_bytes_per_s: down, rtt_ms } = preset;
    return { up: up ?? null, down: down ?? null, roundTrip: rtt_ms / 1000 };
  }

  choose(link: string): void {
    this.link = link;
    for (const trial of this.trials) trial.slow(this.pace);
  }

  pause(): void {
    this.paused = true;
    for (const trial of this.trials) trial.allow(0);
  }

  resume(): void {
    this.paused = false;
    for (const trial of this.trials) trial.allow(null);
  }

  /** One round more. */
  step(): void {
    for (const trial of this.trials) trial.allow(1);
  }

  /** Ends what runs, and frees what the workers hold. */
  release(): void {
    this.work.cancel();
    for (const trial of this.trials) trial.stop();
    if (this.running) this.trials = [];
  }

  async start(): Promise<void> {
    this.release();
    await this.work.do('Running the protocol', async (step, signal) => {
      let subject = this.#own() ?? (await this.#digits(step));
      let parts: LiveParts;
      try {
        parts = await this.#parts(subject, subject.model, step);
      } catch (error) {
        if (!isFault(error) || !subject.own || !['not-supported', 'missing-data'].includes(error.code)) throw error;
        this.#refused.hold(error);
        subject = await this.#digits(step);
        parts = await this.#parts(subject, subject.model, step);
      }
      const made: [Trial, LiveParts][] = [[new Trial('All ReLUs', parts), parts]];
      if (this.beside) {
        const changed = await this.#planned(subject, step);
        const other = await this.#parts(subject, changed.model, step);
        made.push([new Trial(changed.title, other), other]);
      }
      if (signal.aborted) return;
      this.of = subject;
      this.trials = made.map(([trial]) => trial);
      for (const [trial, parts] of made) trial.begin(parts, this.pace, this.paused);
    });
  }

  /** What was measured, as a table for Calibrate; empty before an inference has ended. */
  get measured(): string {
    const lines = this.trials
      .filter(({ result }) => result !== null)
      .flatMap(({ rows, seconds }) => measurements(rows, seconds).split('\n').slice(1));
    return lines.length > 0 ? ['op\tsize\tbytes\trounds\tseconds', ...lines].join('\n') : '';
  }

  /** The seconds of this machine as a profile of one's own, in use once they are fitted. */
  async calibrate(): Promise<void> {
    await calibration.takeUp({ text: this.measured, base: 'semi2k', name: 'SEMI2K, measured here' });
  }

  #parts(subject: Subject, model: Opened, step: Step): Promise<LiveParts> {
    const { samples } = subject;
    const ask = { model, samples, sample: this.sample, settings: this.ring, argmax: this.argmax };
    return runner.call('live', ask, step(`Preparing ${subject.title}`, 'bytes'));
  }

  /** The model on the page, where it has weights and was not refused. */
  #own(): Subject | null {
    const { source, set, score } = session;
    const { inputs } = run;
    if (source?.kind !== 'files' || this.#refused.value || inputs.samples === 0) return null;
    const samples = { data: inputs.source(), take: inputs.samples, prepare: inputs.prepare() };
    return {
      title: score?.model.name ?? 'the model',
      model: { key: source.key, files: source.files, set, batch: 1, engine: 'cpu' },
      samples,
      fitted: { ...samples, take: Math.min(samples.take, FITTED) },
      classes: run.classes(),
      own: true,
    };
  }

  async #digits(step: Step): Promise<Subject> {
    step('Fetching the digits', '');
    const [model, test, training] = await Promise.all(
      ['digits.onnx', 'digits.npz', 'digits_train.npz'].map((name) => beside(name)),
    );
    if (!model || !test || !training) throw new Error('three were asked for');
    const opened: Opened = { key: KEYS.model, files: [model], set: {}, batch: 1, engine: 'cpu' };
    const { inputs } = await runner.call('load', opened, step('Loading the digits network', 'bytes'));
    const of = async (key: number, file: File, take: number): Promise<Samples> => {
      const heads = await runner.call('arrays', { key, files: [file] }, step('Reading the digits', ''));
      return { data: { kind: 'arrays', key, files: [file], roles: rolesOf(heads, inputs) }, take, prepare: null };
    };
    return {
      title: 'the digits network',
      model: opened,
      samples: await of(KEYS.test, test, 1),
      fitted: await of(KEYS.training, training, FITTED * 4),
      classes: null,
      own: false,
    };
  }

  /** The network under the plan in force, or under one for a quarter of its ReLUs. */
  async #planned({ model, fitted, own }: Subject, step: Step): Promise<{ title: string; model: Opened }> {
    const { key, files, set } = model;
    const bench = { key, source: { kind: 'files', files } as const, set, batch: 32, engine: 'cpu' as const };
    let [file, title]: [PlanFile | null, string] = [null, 'The plan in force'];
    if (own && plan.planned && plan.planned.kept < plan.planned.total) file = plan.planned.plan;
    else {
      const wish = { ...FIRST, budget: BUDGET };
      const ask = { bench: { ...bench, data: fitted, test: null }, wish };
      file = (await runner.call('plan', ask, step('Planning for a quarter of the ReLUs', 'samples'))).plan;
      title = 'A quarter of the ReLUs';
    }
    const ask = { bench: { ...bench, data: null, test: null }, plan: file };
    const { name, blob } = await runner.call('export', ask, step('Writing the changed model', ''));
    // What lies beside the model, its external data, stays beside it.
    const others = files.filter((one) => !/\.onnx$/i.test(one.name));
    plans -= 1;
    return { title, model: { ...model, key: plans, files: [new File([blob], name), ...others] } };
  }
}

export const live = new Live();

/** Ends with the view; call inside a component. */
export function watchLive(): void {
  $effect(() => () => live.release());
}
