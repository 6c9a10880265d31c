/**
 * Running the model on the page: what it runs on, how, the run under way, the last good result. A fault
 * or a cancel leaves the result as it is. The worker that runs ends with the view, and its memory with it.
 */
import type { Device, EngineKind as EngineId, FixedReport, FixedSettings, StatsScope, Summary } from '../contract/core';
import type { Speed } from '../lib/run';
import type { Fault, Settings } from '../lib/types';
import { isFault } from '../lib/types';
import type { Source } from '../worker/client';
import type { Opened, Ran, RunAsk } from '../worker/run-client';
import { runner } from '../worker/run-client';
import { Bound } from './bound.svelte';
import { Inputs, TEST_DIGITS } from './inputs.svelte';
import { accuracyOf, pareto } from './pareto.svelte';
import { session } from './session.svelte';
import { Work } from './work.svelte';

export interface Result extends Ran {
  /** What was run, as it was; null of a run that was kept from an earlier visit, whose worker is gone. */
  ask: RunAsk | null;
  source: Source;
  /** Where the inputs came from, in words. */
  from: string;
  classes: readonly string[] | null;
  /** The same in ring arithmetic, where that was asked for. */
  fixed: FixedReport | null;
}

/** Samples whose pictures and best classes are shown. */
const LISTED = 512;
let runs = 0;

export const CIFAR = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

class Run {
  readonly work = new Work();
  /** Shared with what judges a changed model. */
  readonly inputs = new Inputs(TEST_DIGITS, (problem) => (this.work.problem = problem));
  batch = $state(32);
  engine = $state<EngineId>('cpu');
  stats = $state<StatsScope>('all');
  timings = $state(true);
  simulate = $state(false);
  fixed = $state.raw<FixedSettings>({ ring_bits: 64, fraction_bits: 16, truncation: 'probabilistic', seed: 1 });

  /** The GPU of this browser, or why there is none; null before it is asked for. */
  device = $state.raw<Device | Fault | null>(null);
  speeds = $state.raw<readonly Speed[]>([]);
  /** The last result's ring with other fractions, by rising bits. */
  sweep = $state.raw<{ of: Result; reports: readonly FixedReport[] } | null>(null);
  readonly #result = new Bound<Result, Source>(() => session.source);

  /** Only files have weights. */
  runnable = $derived(session.source?.kind === 'files');
  ready = $derived(this.runnable && !this.work.busy && this.inputs.samples > 0);

  /** The last good result, where it is of the model on the page. */
  get result(): Result | null {
    return this.#result.value;
  }

  /** What was kept from an earlier visit. */
  receive(result: Result): void {
    this.#result.hold(result);
  }

  /** Ends the worker: what it held is free again. */
  release(): void {
    this.work.cancel();
    runner.stop();
  }

  /** What Run asks for; null where something is missing. */
  ask(): { source: Source; ask: RunAsk } | null {
    const { source, set } = session;
    if (source?.kind !== 'files' || this.inputs.samples === 0) return null;
    return {
      source,
      ask: {
        model: this.#opened(source.key, source.files, set),
        data: this.inputs.source(),
        take: this.inputs.samples,
        prepare: this.inputs.prepare(),
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
    const [from, classes] = [this.inputs.text(), this.classes()];
    const settings = this.simulate ? this.fixed : null;
    await this.work.do('Running the model', async (step) => {
      await runner.call(
        'load',
        ask.model,
        step(`Loading the weights of ${session.score?.model.name ?? 'the model'}`, 'bytes'),
      );
      const ran = await runner.call('run', ask, step('Running', 'samples'));
      const fixed =
        settings && (await runner.call('fixed', { of: ask, settings }, step('Running in fixed point', 'samples')));
      this.#result.hold({ ...ran, fixed, ask, source, from, classes }, source);
      const { accuracy } = ran.report;
      if (accuracy && session.source === source) pareto.tell(0, accuracyOf(accuracy, from));
    });
  }

  /** The ring of the last result with every fraction that it has room for. */
  async tryFractions(): Promise<void> {
    const of = this.result;
    if (!of?.fixed || !of.ask) return;
    const { ask: asked } = of;
    const { settings } = of.fixed;
    await this.work.do('Trying fractions', async (step) => {
      const reports: FixedReport[] = [];
      for (let bits = 2; bits <= Math.min(24, settings.ring_bits / 2); bits += 2) {
        const ask = { of: asked, settings: { ...settings, fraction_bits: bits } };
        reports.push(await runner.call('fixed', ask, step(`Running with ${bits} bits of fraction`, 'samples')));
        this.sweep = { of, reports: [...reports] };
      }
    });
  }

  /** Asks once which GPU there is. */
  async findDevice(): Promise<void> {
    if (this.device) return;
    try {
      this.device = await runner.call('device', null);
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code !== 'cancelled') this.device = error;
    }
  }

  /** How fast both engines are here. */
  async measure(): Promise<void> {
    await this.work.do('Measuring the engines', async (step) => {
      this.speeds = await runner.call('speeds', null, step('Measuring the engines', ''));
    });
  }

  /** Opens the small network beside the page and runs it: for those who have no model at hand. */
  async demonstrate(): Promise<void> {
    const { inputs } = this;
    inputs.choose('digits');
    await session.openBeside('digits.onnx');
    await inputs.loadDigits();
    if (!inputs.digits || !inputs.readsDigits) return;
    await inputs.look(inputs.digits);
    await this.start();
  }

  /** Channel by channel; throws a `Fault`. */
  channels(value: string): Promise<Summary[]> {
    const run = this.result?.ask?.run ?? 0;
    return runner.call('channels', { run, value }, {});
  }

  /** The first output as a file; throws a `Fault`. */
  output(): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
    return runner.call('output', { run: this.result?.ask?.run ?? 0 }, {});
  }

  /** Names of the classes, where the data has known ones. */
  classes(): readonly string[] | null {
    return this.inputs.preset.id === 'cifar' && this.inputs.from !== 'random' ? CIFAR : null;
  }

  #opened(key: number, files: readonly File[], set: Settings): Opened {
    return { key, files, set, batch: this.batch, engine: this.engine };
  }
}

export const run = new Run();

/** Reads what is chosen while the view is on the page; call inside a component. */
export function watchRun(): void {
  run.inputs.watch();
  $effect(() => () => run.release());
}
