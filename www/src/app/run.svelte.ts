/**
 * Running the model on the page: what it runs on, how, the run under way, the last good result. A fault
 * or a cancel leaves the result as it is. The worker that runs ends with the view, and its memory with it.
 */
import { untrack } from 'svelte';
import type { Layout, Normal, Preset, Roles } from '../lib/arrays';
import { layoutOf, presetOf, presets, rolesOf } from '../lib/arrays';
import type { DataFiles } from '../lib/data-files';
import { IMAGE_FILE } from '../lib/data-files';
import type { ArrayHead, EngineId, FixedReport, FixedSettings, RunRequest, Summary } from '../lib/run';
import type { Fault, Port, Settings } from '../lib/types';
import { isFault } from '../lib/types';
import type { Options, Source } from '../worker/client';
import type { Data, Opened, Prepare, Ran, RunAsk } from '../worker/run-client';
import { runner } from '../worker/run-client';
import { session } from './session.svelte';

export type From = 'digits' | 'files' | 'random';

export interface Result extends Ran {
  /** What was run, as it was. */
  ask: RunAsk;
  source: Source;
  /** Where the inputs came from, in words. */
  from: string;
  classes: readonly string[] | null;
  /** The same in ring arithmetic, where that was asked for. */
  fixed: FixedReport | null;
}

export interface Progress {
  what: string;
  done: number;
  total: number;
  unit: 'bytes' | 'samples' | '';
}

/** Samples whose pictures and best classes are shown. */
const LISTED = 512;
const DIGITS = 'digits.npz';
let runs = 0;

export const CIFAR = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

class Run {
  /** null: what suits the model. */
  chosen = $state<From | null>(null);
  seed = $state(1);
  /** null: all there are. */
  take = $state.raw<number | null>(null);
  batch = $state(32);
  engine = $state<EngineId>('cpu');
  /** null: guessed. */
  roles = $state.raw<Roles | null>(null);
  layout = $state.raw<Layout | null>(null);
  normal = $state.raw<Normal | 'as-is' | null>(null);
  stats = $state<RunRequest['stats']>('all');
  timings = $state(true);
  simulate = $state(false);
  fixed = $state.raw<FixedSettings>({ ring_bits: 64, fraction_bits: 16, truncation: 'probabilistic', seed: 1 });

  digits = $state.raw<DataFiles | null>(null);
  heads = $state.raw<{ key: number; heads: readonly ArrayHead[] } | null>(null);
  work = $state.raw<Progress | null>(null);
  fault = $state.raw<{ doing: string; fault: Fault } | null>(null);
  /** The last result's ring with other fractions, by rising bits. */
  sweep = $state.raw<{ of: Result; reports: readonly FixedReport[] } | null>(null);
  #result = $state.raw<Result | null>(null);
  #running: AbortController | null = null;

  ports = $derived<readonly Port[]>(session.score?.model.inputs ?? []);
  /** Only files have weights. */
  runnable = $derived(session.source?.kind === 'files');
  /** The model reads digits: one channel of 8 x 8. */
  readsDigits = $derived(this.ports.length === 1 && this.ports[0]?.shape?.slice(1).join() === '1,8,8');
  from = $derived<From>(this.chosen ?? (session.data ? 'files' : this.readsDigits ? 'digits' : 'random'));
  data = $derived(this.from === 'digits' ? this.digits : this.from === 'files' ? session.data : null);
  images = $derived((this.data?.files ?? []).filter(({ name }) => IMAGE_FILE.test(name)));
  /** The arrays of the chosen files, once they are read. */
  arrays = $derived(this.data && this.heads?.key === this.data.key ? this.heads.heads : []);
  placed = $derived(this.roles ?? rolesOf(this.arrays, this.ports));
  /** The array of the first input. */
  main = $derived(this.arrays[this.placed.inputs[this.ports[0]?.name ?? ''] ?? -1]);

  /** Of the model's first input. */
  to = $derived(layoutOf(this.ports[0]?.shape ?? null));
  preset = $derived<Preset>(presetOf(this.ports[0]?.shape ?? null));
  layoutNow = $derived(this.layout ?? layoutOf(this.main?.shape ?? null) ?? this.to);
  /** Images and bytes are scaled unless the person says otherwise, arrays of other types only if. */
  normalNow = $derived.by((): Normal | null => {
    if (this.normal === 'as-is') return null;
    return this.normal ?? (this.images.length > 0 || this.main?.dtype === 'uint8' ? this.preset.normal : null);
  });

  /** Samples there are to run; null: any number. */
  most = $derived(this.from === 'random' ? null : this.images.length > 0 ? this.images.length : (this.main?.shape[0] ?? 0));
  samples = $derived(this.most === null ? (this.take ?? 32) : Math.min(this.take ?? this.most, this.most));
  ready = $derived(this.runnable && this.work === null && this.samples > 0);

  /** The last good result, where it is of the model on the page. */
  get result(): Result | null {
    return this.#result?.source === session.source ? this.#result : null;
  }

  choose(from: From): void {
    Object.assign(this, { chosen: from, roles: null, layout: null, normal: null, take: null });
  }

  place(port: string, array: number): void {
    this.roles = { ...this.placed, inputs: { ...this.placed.inputs, [port]: array } };
  }

  label(array: number | null): void {
    this.roles = { ...this.placed, labels: array };
  }

  usePreset(id: string): void {
    this.normal = id === 'as-is' ? 'as-is' : (presets.find((preset) => preset.id === id)?.normal ?? null);
  }

  cancel(): void {
    this.#running?.abort();
  }

  dismiss(): void {
    this.fault = null;
  }

  /** Ends the worker: what it held is free again. */
  release(): void {
    this.cancel();
    runner.stop();
  }

  /** Fetches the digits that lie beside the page. */
  async loadDigits(): Promise<void> {
    if (this.digits) return;
    try {
      const answer = await fetch(new URL(`examples/${DIGITS}`, document.baseURI));
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      this.digits = { key: -1, files: [new File([await answer.blob()], DIGITS)] };
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'no answer';
      const hint = 'Check that the page is still being served, then choose the digits again.';
      this.fault = { doing: 'Fetching the digits', fault: { code: 'io', message: `The digits could not be fetched: ${reason}.`, place: { file: DIGITS }, hint } };
    }
  }

  /** Reads which arrays the chosen files hold. */
  async look(data: DataFiles): Promise<void> {
    const files = data.files.filter(({ name }) => !IMAGE_FILE.test(name));
    if (this.heads?.key === data.key) return;
    try {
      const heads = files.length > 0 ? await runner.call('arrays', { key: data.key, files }) : [];
      if (this.data?.key === data.key) Object.assign(this, { heads: { key: data.key, heads }, roles: null });
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code !== 'cancelled') this.fault = { doing: 'Reading the arrays', fault: error };
    }
  }

  /** What Run asks for; null where something is missing. */
  ask(): { source: Source; ask: RunAsk } | null {
    const { source, set } = session;
    if (source?.kind !== 'files' || this.samples === 0) return null;
    return {
      source,
      ask: {
        model: this.#opened(source.key, source.files, set),
        data: this.#dataNow(),
        take: this.samples,
        prepare: this.#prepareNow(),
        settings: { stats: this.stats, timings: this.timings, top: 5 },
        listed: LISTED,
        run: ++runs,
      },
    };
  }

  async start(): Promise<void> {
    const asked = this.ask();
    if (!asked) return;
    const { source, ask } = asked;
    const [from, classes] = [this.fromText(), this.classes()];
    const settings = this.simulate ? this.fixed : null;
    await this.#work('Running the model', async (step) => {
      await runner.call('load', ask.model, step(`Loading the weights of ${session.score?.model.name ?? 'the model'}`, 'bytes'));
      const ran = await runner.call('run', ask, step('Running', 'samples'));
      const fixed = settings && (await runner.call('fixed', { of: ask, settings }, step('Running in fixed point', 'samples')));
      this.#result = { ...ran, fixed, ask, source, from, classes };
    });
  }

  /** The ring of the last result with every fraction that it has room for. */
  async tryFractions(): Promise<void> {
    const of = this.result;
    if (!of?.fixed) return;
    const { settings } = of.fixed;
    await this.#work('Trying fractions', async (step) => {
      const reports: FixedReport[] = [];
      for (let bits = 2; bits <= Math.min(24, settings.ring_bits / 2); bits += 2) {
        const ask = { of: of.ask, settings: { ...settings, fraction_bits: bits } };
        reports.push(await runner.call('fixed', ask, step(`Running with ${bits} bits of fraction`, 'samples')));
        this.sweep = { of, reports: [...reports] };
      }
    });
  }

  /** One piece of work at a time: a newer one ends the one under way. */
  async #work(doing: string, work: (step: (what: string, unit: Progress['unit']) => Options) => Promise<void>): Promise<void> {
    this.#running?.abort();
    const controller = (this.#running = new AbortController());
    this.fault = null;
    try {
      await work((what, unit) => {
        this.work = { what, done: 0, total: 0, unit };
        return { signal: controller.signal, progress: (done, total) => (this.work = { what, done, total, unit }) };
      });
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code !== 'cancelled') this.fault = { doing, fault: error };
    } finally {
      if (this.#running === controller) this.work = null;
    }
  }

  /** Opens the small network beside the page and runs it: for those who have no model at hand. */
  async demonstrate(): Promise<void> {
    this.choose('digits');
    await session.openBeside('digits.onnx');
    await this.loadDigits();
    if (!this.digits || !this.readsDigits) return;
    await this.look(this.digits);
    await this.start();
  }

  /** Channel by channel; throws a `Fault`. */
  channels(value: string): Promise<Summary[]> {
    const run = this.#result?.ask.run ?? 0;
    return runner.call('channels', { run, value }, {});
  }

  /** The first output as a file; throws a `Fault`. */
  output(): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
    return runner.call('output', { run: this.#result?.ask.run ?? 0 }, {});
  }

  fromText(): string {
    if (this.from === 'random') return `random numbers, seed ${this.seed}`;
    if (this.from === 'digits') return 'handwritten digits';
    const [first, ...more] = this.data?.files ?? [];
    return more.length > 0 ? `${first?.name} and ${more.length} more` : (first?.name ?? '');
  }

  /** Names of the classes, where the data has known ones. */
  classes(): readonly string[] | null {
    return this.preset.id === 'cifar' && this.from !== 'random' ? CIFAR : null;
  }

  #opened(key: number, files: readonly File[], set: Settings): Opened {
    return { key, files, set, batch: this.batch, engine: this.engine };
  }

  #dataNow(): Data {
    if (this.from === 'random' || !this.data) return { kind: 'random', seed: this.seed };
    const { key } = this.data;
    if (this.images.length > 0) {
      const margin = presets.find(({ normal }) => normal === this.normalNow)?.margin ?? 1;
      return { kind: 'images', key, files: this.images, margin };
    }
    return { kind: 'arrays', key, files: this.data.files, roles: this.placed };
  }

  #prepareNow(): Prepare | null {
    if (!this.to || this.from === 'random') return null;
    return { from: this.layoutNow ?? this.to, to: this.to, normal: this.normalNow };
  }
}

export const run = new Run();

/** Reads what is chosen while the view is on the page; call inside a component. */
export function watchRun(): void {
  $effect(() => {
    if (run.from === 'digits') void untrack(() => run.loadDigits());
    const { data } = run;
    if (data) void untrack(() => run.look(data));
  });
  // Files that come in are what the person wants to run on.
  $effect(() => {
    if (session.data) untrack(() => run.choose('files'));
  });
  $effect(() => () => run.release());
}
