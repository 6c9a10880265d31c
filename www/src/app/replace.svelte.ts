/**
 * Replacing activations: what is wished for, the plan for it, and what was measured. Every change asks
 * for a plan at once; only the newest question waits, and only its answer counts. The plan in force is
 * priced in every view. A fault or a cancel leaves the last good plan and results.
 */
import { untrack } from 'svelte';
import type { History } from '../lib/history';
import { begin, changed, redone, settled, undone } from '../lib/history';
import type { MeasuredSummary, Points } from '../lib/plan-link';
import { pairsOf, planOf } from '../lib/plan-link';
import type { BenchInfo, LayerView, LayerWish, Measured, Planned, Stay, Wish } from '../lib/replace';
import { budgetOf, stayingOf } from '../lib/replace-view';
import type { Score, Settings } from '../lib/types';
import { isFault } from '../lib/types';
import type { Options, Source } from '../worker/client';
import type { BenchAsk, Samples } from '../worker/run-client';
import { runner } from '../worker/run-client';
import { costs } from './cost.svelte';
import { Inputs, TRAINING_DIGITS } from './inputs.svelte';
import { joinLinks } from './late-links';
import { run } from './run.svelte';
import { session } from './session.svelte';
import type { Problem, Progress } from './work.svelte';

/** What can be undone: settings, or a plan file in their place. */
export interface Setup {
  wish: Wish;
  file: { name: string; text: string } | null;
}

/** Where statistics come from: samples of their own, those that judge, or none. */
export type Statistics = 'own' | 'same' | 'none';

export interface Result {
  measured: Measured;
  setup: Setup;
  source: Source;
  /** Where the samples came from, in words. */
  statistics: string;
  test: string;
}

export const FIRST: Wish = {
  budget: '100%',
  policy: 'error',
  granularity: 'pixel',
  method: 'dapa',
  degree: 2,
  per_channel: true,
  sequential: true,
  seed: 0,
};

const PLANNING = 'Planning';

type Step = (what: string, unit: Progress['unit']) => Options;

class Replace {
  /** The slider spends most of its way on small budgets. */
  log = $state(false);
  /** null: what suits the model. */
  statistics = $state<Statistics | null>(null);
  readonly inputs = new Inputs(TRAINING_DIGITS, (problem) => (this.fault = problem));
  work = $state.raw<Progress | null>(null);
  fault = $state.raw<Problem | null>(null);
  /** What was started by a button is under way; a plan is made beside it. */
  busy = $state(false);
  /** A plan is being made. */
  planning = $state(false);
  /** The activation that is open, by the name of its result. */
  opened = $state<string | null>(null);
  /** Points, the model they are of, and under which settings they were measured; in words, too. */
  swept = $state.raw<{ source: Source | null; of: string; under: string; points: Points }>({
    source: null,
    of: '',
    under: '',
    points: {},
  });

  /** What a link brought: for the model it is of, once that is here. */
  linked = $state.raw<{ source: Source | null; hash: string; wish: Wish; file: string | null } | null>(null);

  #history = $state.raw<History<Setup>>(begin({ wish: FIRST, file: null }));
  #of: Source | null = null;
  #info = $state.raw<{ source: Source; set: Settings; info: BenchInfo } | null>(null);
  #planned = $state.raw<{ score: Score; setup: Setup; planned: Planned } | null>(null);
  #result = $state.raw<Result | null>(null);
  #summary = $state.raw<MeasuredSummary | null>(null);
  #asking = new AbortController();
  #running: AbortController | null = null;

  /** Of a plan that came without its file. */
  #received = $derived.by(() => {
    const rows = session.score && costs.replaced ? stayingOf(session.score, costs.replaced) : [];
    const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + of(row), 0);
    return {
      total: sum(({ activation }) => activation.elements),
      kept: sum(({ activation, stay }) => stay?.kept ?? activation.elements),
    };
  });

  /** What the plan in force leaves; null without one. */
  kept = $derived(this.planned?.kept ?? (costs.replaced ? this.#received.kept : null));

  setup = $derived(this.#history.now);
  canUndo = $derived(this.#history.past.length > 0);
  canRedo = $derived(this.#history.future.length > 0);
  info = $derived(this.#info?.source === session.source && this.#info?.set === session.set ? this.#info.info : null);
  /** All weights are here. */
  runnable = $derived(this.info?.runnable === true && session.score?.model.weights.missing_files.length === 0);
  /** There are no weights, and that is known. */
  lacking = $derived(this.info ? !this.runnable : session.source?.kind === 'link' && !session.link?.view.example);
  statisticsNow = $derived<Statistics>(this.statistics ?? (run.inputs.from === 'digits' ? 'own' : 'same'));
  /** Elements that can be replaced. */
  total = $derived(this.info?.total ?? this.planned?.total ?? this.#received.total);
  /** What the budget leaves, in elements; null where it counts something else. */
  budget = $derived(
    (this.setup.wish.unit ?? 'relus') === 'relus' ? budgetOf(this.setup.wish.budget, this.total) : null,
  );

  /** The bench as it is asked for; null while what it needs is not known. */
  bench = $derived.by((): BenchAsk | null => {
    if (!this.info) return null;
    if (!this.runnable) return this.#bench(null, null);
    const { statisticsNow, inputs } = this;
    if (run.inputs.reading || (statisticsNow === 'own' && inputs.reading)) return null;
    const test = samplesOf(run.inputs);
    if (statisticsNow === 'same') return this.#bench(test, null);
    return this.#bench(statisticsNow === 'own' ? samplesOf(inputs) : null, test);
  });

  /** The last good plan of the model on the page. */
  get planned(): Planned | null {
    return this.#planned?.score === session.score ? this.#planned.planned : null;
  }

  /** The plan is of what is set now. */
  get current(): boolean {
    return this.planned !== null && this.#planned?.setup === this.setup && !this.planning;
  }

  get result(): Result | null {
    return this.#result?.source === session.source ? this.#result : null;
  }

  // ---- What a link carries ----

  get wish(): Wish {
    return this.setup.wish;
  }

  set wish(wish: Wish) {
    this.#of = session.source;
    this.#history = begin({ wish: { ...FIRST, ...wish }, file: null });
  }

  get replaced(): readonly Stay[] | null {
    return costs.replaced;
  }

  set replaced(replaced: readonly Stay[] | null) {
    costs.replace(replaced);
  }

  get sweep(): Points {
    return this.swept.source === session.source ? this.swept.points : {};
  }

  set sweep(points: Points) {
    this.swept = { source: session.source, of: '', under: '', points };
  }

  get measured(): MeasuredSummary | null {
    const { result } = this;
    if (!result) return this.#summary;
    const { planned, compared, engine } = result.measured;
    const { samples, agreement, original, changed } = compared;
    const { kept, total } = planned;
    return {
      kept,
      total,
      samples,
      test: result.test,
      agreement,
      original: original?.top1 ?? null,
      changed: changed?.top1 ?? null,
      engine: engine.engine,
    };
  }

  set measured(summary: MeasuredSummary | null) {
    this.#summary = summary;
  }

  // ---- Settings ----

  /** Changes with the same tag are one step of undo until `settle`. */
  change(changes: Partial<Wish>, tag: string | null = null): void {
    const { wish } = this.setup;
    this.#history = changed(this.#history, { wish: { ...wish, ...changes }, file: null }, tag);
  }

  settle(): void {
    this.#history = settled(this.#history);
  }

  undo(): void {
    this.#history = undone(this.#history);
  }

  redo(): void {
    this.#history = redone(this.#history);
  }

  /** A method or degree for one activation; none takes it back. */
  changeLayer(output: string, own: Omit<LayerWish, 'output'> | null): void {
    const { layers = [] } = this.wish;
    const others = layers.filter((layer) => layer.output !== output);
    this.change({ layers: own ? [...others, { output, ...own }] : others });
  }

  usePlan(name: string, text: string): void {
    this.#history = changed(this.#history, { wish: this.wish, file: { name, text } });
  }

  /** Another model: another total, other layers. */
  renew(): void {
    if (this.#of === session.source) return;
    this.#of = session.source;
    const { linked } = this;
    if (linked && session.score?.model.hash === linked.hash) {
      this.#history = begin({
        wish: linked.wish,
        file: linked.file === null ? null : { name: 'the link', text: linked.file },
      });
    } else {
      const { budget: _, layers: __, unit: ___, cost: ____, ...rest } = this.wish;
      this.#history = begin({ wish: { ...rest, budget: FIRST.budget }, file: null });
    }
    Object.assign(this, { opened: null, fault: null, statistics: null });
    this.#summary = null;
  }

  // ---- Questions ----

  /** Looks at what can be replaced. */
  async look(): Promise<void> {
    const { source, set } = session;
    const bench = this.#bench(null, null);
    if (!source || !bench) return;
    await this.doing('Opening the model for changes', async (step) => {
      const info = await runner.call(
        'bench',
        bench,
        step(`Opening ${session.score?.model.name ?? 'the model'}`, 'bytes'),
      );
      this.#info = { source, set, info };
    });
  }

  /** A plan for what is set; a newer question takes its place. */
  async plan(bench: BenchAsk, setup: Setup): Promise<void> {
    const { score } = session;
    this.#asking.abort();
    const { signal } = (this.#asking = new AbortController());
    this.planning = true;
    try {
      const options: Options = { signal, brief: true };
      const { wish, file } = setup;
      const planned = file
        ? await runner.call('planFile', { bench, text: file.text }, options)
        : await runner.call(
            'plan',
            { bench, wish: live(wish) },
            { ...options, progress: (done, total) => this.#waiting(signal, done, total) },
          );
      if (signal.aborted || !score || session.score !== score) return;
      this.#accept(score, setup, planned);
      if (this.fault?.doing === PLANNING) this.fault = null;
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code === 'cancelled' || signal.aborted) return;
      this.fault = { doing: setup.file ? `Opening ${setup.file.name}` : PLANNING, fault: error };
      // A file that does not fit goes; what was set before it stays.
      if (setup.file) this.undo();
    } finally {
      if (!signal.aborted) {
        this.planning = false;
        if (!this.#running) this.work = null;
      }
    }
  }

  /** One activation as it would be; throws a `Fault`. */
  view(output: string, channel: number | null, signal: AbortSignal): Promise<LayerView> | null {
    const { bench } = this;
    return (
      bench && runner.call('layerView', { bench, wish: live(this.wish), output, channel }, { signal, brief: true })
    );
  }

  async measure(): Promise<void> {
    const { bench, setup, planned } = this;
    const { source, score } = session;
    if (!bench || !source || !score) return;
    const [statistics, test] = [this.statisticsText(), run.inputs.text()];
    await this.doing('Measuring', async (step) => {
      const ask = { bench, wish: setup.wish, ...(setup.file && { plan: planned?.plan }) };
      const measured = await runner.call('measure', ask, step('Running original and plan side by side', 'samples'));
      this.#result = { measured, setup, source, statistics, test };
      // Refitted, one layer after the other.
      if (this.setup === setup && session.score === score) this.#accept(score, setup, measured.planned);
    });
  }

  /** The changed model, as a file. */
  async exported(): Promise<{ name: string; blob: Blob } | null> {
    return this.#take('Writing the changed model', (bench, plan) => runner.call('export', { bench, plan }));
  }

  async masks(): Promise<{ name: string; blob: Blob } | null> {
    return this.#take('Writing masks and coefficients', async (bench, plan) => {
      const { name, bytes } = await runner.call('masks', { bench, plan });
      return { name, blob: new Blob([bytes]) };
    });
  }

  async planFile(): Promise<string | null> {
    const { linked } = this;
    if (!this.planned && linked?.source === session.source) return linked?.file ?? null;
    return this.#take('Writing the plan', async (_, plan) => `${JSON.stringify(plan, null, 1)}\n`);
  }

  /** Opens the small network beside the page. */
  async demonstrate(): Promise<void> {
    await session.openBeside('digits.onnx');
    run.inputs.choose('digits');
    scrollTo(0, 0);
  }

  cancel(): void {
    if (this.#running) this.#running.abort();
    else runner.stop();
  }

  dismiss(): void {
    this.fault = null;
  }

  statisticsText(): string {
    if (this.statisticsNow === 'none') return 'a standard normal law';
    return (this.statisticsNow === 'own' ? this.inputs : run.inputs).text();
  }

  #bench(data: Samples | null, test: Samples | null): BenchAsk | null {
    const { source, set, link } = session;
    const example = source?.kind === 'example' ? source.id : source?.kind === 'link' ? link?.view.example : null;
    const subject: BenchAsk['source'] | null =
      source?.kind === 'files'
        ? { kind: 'files', files: source.files }
        : example
          ? { kind: 'example', id: example }
          : null;
    return (
      source && subject && { key: source.key, source: subject, set, batch: run.batch, engine: run.engine, data, test }
    );
  }

  #accept(score: Score, setup: Setup, planned: Planned): void {
    this.#planned = { score, setup, planned };
    costs.replace(planned.kept < planned.total ? planned.replaced : null);
  }

  #waiting(signal: AbortSignal, done: number, total: number): void {
    if (!signal.aborted && !this.#running)
      this.work = { what: 'Running the model for statistics', done, total, unit: 'samples' };
  }

  /** What is taken away is fitted as it was wished: one layer after the other, where that was said. */
  async #take<T>(doing: string, take: (bench: BenchAsk, plan: unknown) => Promise<T>): Promise<T | null> {
    const { bench, setup, planned } = this;
    const { score } = session;
    if (!bench || !planned || !score) return null;
    let taken: T | null = null;
    await this.doing(doing, async (step) => {
      const refit =
        !setup.file && setup.wish.sequential === true && bench.data !== null && this.#result?.setup !== setup;
      const last = refit
        ? await runner.call('plan', { bench, wish: setup.wish }, step('Fitting one layer after the other', 'samples'))
        : planned;
      step(doing, '');
      taken = await take(bench, last.plan);
    });
    return taken;
  }

  /** One piece of work at a time: a newer one ends the one under way. */
  async doing(doing: string, work: (step: Step, signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#running?.abort();
    const controller = (this.#running = new AbortController());
    this.busy = true;
    this.fault = null;
    try {
      await work((what, unit) => {
        this.work = { what, done: 0, total: 0, unit };
        return { signal: controller.signal, progress: (done, total) => (this.work = { what, done, total, unit }) };
      }, controller.signal);
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code !== 'cancelled') this.fault = { doing, fault: error };
    } finally {
      if (this.#running === controller) {
        this.#running = null;
        this.busy = false;
        this.work = null;
      }
    }
  }
}

const samplesOf = (inputs: Inputs): Samples | null =>
  inputs.samples === 0 ? null : { data: inputs.source(), take: inputs.samples, prepare: inputs.prepare() };

/** While a slider moves, layers are fitted each by itself. */
const live = (wish: Wish): Wish => ({ ...wish, sequential: false });

export const replace = new Replace();

joinLinks({
  now() {
    const { wish, sweep: points, measured, planned, linked } = replace;
    if (!costs.replaced && Object.keys(points).length === 0) return [];
    const file = planned
      ? JSON.stringify(planned.plan)
      : linked?.source === session.source
        ? (linked?.file ?? null)
        : null;
    return pairsOf({ wish, points, measured, file });
  },
  open(pairs) {
    const plan = planOf(pairs);
    if (!plan) return;
    const { wish, points, measured, file } = plan;
    Object.assign(replace, { wish, sweep: points, measured });
    replace.linked = { source: session.source, hash: session.score?.model.hash ?? '', wish: replace.wish, file };
  },
});

/** Keeps the plan current while the view is on the page; call inside a component. */
export function watchReplace(): void {
  run.inputs.watch();
  replace.inputs.watch(false);
  $effect(() => {
    if (session.source && session.set) untrack(() => replace.renew());
  });
  $effect(() => {
    const { score } = session;
    if (score && !replace.info) untrack(() => void replace.look());
  });
  $effect(() => {
    const { bench, setup } = replace;
    if (bench && session.score) untrack(() => void replace.plan(bench, setup));
  });
  $effect(() => {
    const { plan } = session;
    if (!plan || !replace.info) return;
    session.plan = null;
    void plan.text().then((text) => replace.usePlan(plan.name, text));
  });
  $effect(() => () => run.release());
}
