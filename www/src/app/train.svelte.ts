/**
 * Training in the tab: what is asked for becomes runs, which go side by side in the workers, each a slice at a time, so that a
 * pause or a cancel takes effect at once. The network with all ReLUs of a seed is trained first; the methods begin from it.
 */
import type { Trained, TrainingView } from '../contract/core';
import type { Form, Shape, Training } from '../lib/train';
import {
  FIRST,
  MOST_RUNS,
  askOf,
  budgetsOf,
  isGiven,
  packed,
  passesOf,
  reportOf,
  runsOf,
  seedsOf,
  unpacked,
} from '../lib/train';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import type { TrainFrom, TrainedFrom } from '../worker/design-client';
import { designers } from '../worker/design-client';
import type { About, Begin, Bridge, ImagesOf, Progress, TrainVerbs } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import { sign } from './kept/sign.svelte';
import type { Given } from './kept/training';
import * as store from './kept/training';
import { Question, anywhere } from './question.svelte';
import { session } from './session.svelte';
import type { OwnFiles } from './train-images';
import { bytesOf, imagesOf } from './train-images';
import type { Look, Status } from './train-run.svelte';
import { Run } from './train-run.svelte';
import { TRAINING, trained } from './trained.svelte';
import { Work } from './work.svelte';

/** How long a worker goes on before it says how it stands. */
const SLICE_MS = 250;
/** A closed tab loses no more than this. */
const KEEP_MS = 3000;
/** Times that a run is begun again after its worker stopped. */
const AGAIN = 2;

/** What all runs of a training begin from. */
interface Start {
  of: ImagesOf;
  about: About;
  from: TrainFrom;
  view: TrainingView;
  net: Uint8Array;
}

/** What a person brought for a training: files to train on, a network of Replace. */
interface Brought {
  own: OwnFiles | null;
  given: Given | null;
}

/** What would be trained, before it is. */
export interface Plan {
  view: TrainingView;
  about: About;
  budgets: number[];
  seeds: number[];
  odd: string[];
  runs: number;
  /** Seconds, about; null while that is not measured. */
  seconds: number | null;
}

const whyNot = (error: unknown): string =>
  error instanceof DOMException && error.name === 'QuotaExceededError'
    ? 'the browser gives the page no more room'
    : 'the browser does not let the page keep anything';

const failed = (error: unknown): Fault =>
  isFault(error) ? error : { code: 'internal', message: String(error), place: {}, hint: 'Reload the page.' };

class Train {
  form = $state.raw<Form>(FIRST);
  runs = $state.raw<readonly Run[]>([]);
  /** Which run and which activation are looked at. */
  shown = $state.raw<Run | null>(null);
  /** Until a person picks a run, the one that begins is looked at. */
  #follows = true;
  site = $state(0);
  /** The runs on the page came with a link: curves without networks. */
  fromLink = $state(false);
  /** Runs that are kept here while those of a link are on the page. */
  aside = $state(0);
  /** Why nothing is kept. */
  refused = $state('');
  readonly work = new Work();
  /** A person's files, as far as they are chosen. */
  files = $state.raw<OwnFiles>({ train: [], test: [] });
  /** All of them. */
  own = $derived(this.files.train.length > 0 && this.files.test.length > 0 ? this.files : null);
  /** The network of Replace that the form trains, and its plan. */
  given = $state.raw<Given | null>(null);
  readonly #plan = new Question<Plan>(anywhere);
  #of = $state.raw<(Pick<Training, 'form' | 'relus' | 'images'> & Brought) | null>(null);
  /** What is seen of a run that an earlier visit ended. */
  readonly #seen = new Question<true, Run>(() => this.shown);
  #start: Start | null = null;
  /** Holds what is kept; another tab may. */
  #mine: Promise<boolean> | null = null;
  #opened = false;

  constructor() {
    trained.pairs = () =>
      this.training?.runs.some(({ outcome }) => outcome) ? [[TRAINING, packed(this.training)]] : [];
    trained.ofLink = () => (this.fromLink ? trained.pairs() : trained.waiting());
  }

  get plan(): Plan | null {
    return this.#plan.answer;
  }

  get fault(): Fault | null {
    return this.#plan.fault;
  }

  get busy(): boolean {
    return this.runs.some(({ status }) => status === 'running' || status === 'waiting');
  }

  get workers(): number {
    return trainers.size;
  }

  /** What is on the page, to be kept, sent and saved. */
  get training(): Training | null {
    if (!this.#of) return null;
    const { form, relus, images } = this.#of;
    return { form, relus, images, runs: this.runs.map(({ state }) => state) };
  }

  /** Why nothing can be seen of the run that is shown. */
  get unseen(): Fault | null {
    return this.#seen.fault;
  }

  change(part: Partial<Form>): void {
    this.form = { ...this.form, ...part };
  }

  /** Counts and times what the form asks for. */
  look(): void {
    const { form } = this;
    void this.#plan.ask(async (_, asking, soFar) => {
      const start = await this.#prepared(this.#asked(form), asking.signal);
      const { view, about } = start;
      const { budgets, odd } = budgetsOf(form.budgets, view.relus);
      const { seeds, odd: strange } = seedsOf(form.seeds);
      const names = runsOf(form, budgets, seeds, view.held?.kept ?? null);
      const runs = names.length;
      const plan: Plan = { view, about, budgets, seeds, odd: [...odd, ...strange], runs, seconds: null };
      if (this.busy || runs > MOST_RUNS) return plan;
      soFar(plan);
      const { of: images, net } = start;
      const step = await trainers.call('pace', { images, net, options: view.options }, asking);
      const { batch } = JSON.parse(view.options) as { batch: number };
      const steps = passesOf(form, view.epochs, names) * Math.ceil(about.images[0] / batch);
      return { ...plan, seconds: (steps * step) / Math.min(trainers.size, Math.max(1, runs - seeds.length)) };
    });
  }

  /** A form with what a person brought for it. */
  #asked(form: Form): { form: Form } & Brought {
    return { form, own: form.data === 'own' ? this.own : null, given: isGiven(form.net) ? this.given : null };
  }

  async #prepared({ form, own, given }: { form: Form } & Brought, signal: AbortSignal): Promise<Start> {
    const of = await imagesOf(form.data, own);
    const about = await trainers.call('about', of, { signal, brief: true });
    const shape: Shape = about;
    const from: TrainFrom = {
      of: askOf(form, shape),
      file: given?.file ?? new Uint8Array(),
      plan: (form.methods.includes('plan') && given?.plan) || '',
    };
    const { view, net } = await designers.call('trainStart', from, { signal, brief: true });
    return { of, about, from, view, net };
  }

  /** What the runs on the page began from. */
  began(signal: AbortSignal): Promise<Pick<Start, 'of' | 'view'>> {
    return this.#again(signal);
  }

  /** Images of what is on the page, to look at its networks with. */
  images(): Promise<ImagesOf> {
    const { form, own } = this.#of ?? this.#asked(this.form);
    return imagesOf(form.data, own ?? this.own);
  }

  /** Begins what the form asks for, in the place of what is on the page. */
  start(): Promise<void> {
    const { form } = this;
    return this.work.do('Beginning to train', async (_, signal) => {
      const asked = this.#asked(form);
      const start = await this.#prepared(asked, signal);
      if (signal.aborted) return;
      const { budgets, odd } = budgetsOf(form.budgets, start.view.relus);
      const { seeds, odd: strange } = seedsOf(form.seeds);
      const names = runsOf(form, budgets, seeds, start.view.held?.kept ?? null);
      const count = names.length;
      if (odd.length + strange.length > 0 || count === 0 || count > MOST_RUNS) {
        const hint = `Budgets are ReLUs or shares, seeds whole numbers; at most ${MOST_RUNS} runs.`;
        throw {
          code: 'invalid-setting',
          message: 'This cannot be trained as it is asked.',
          place: {},
          hint,
        } satisfies Fault;
      }
      this.stop();
      this.#follows = true;
      this.aside = 0;
      this.#start = start;
      this.#of = { ...asked, relus: start.view.relus, images: start.about.images };
      this.fromLink = false;
      this.runs = names.map((name) => new Run(name));
      this.shown = this.runs[0] ?? null;
      await this.#keeping(() => store.begin(this.training as Training, asked.given));
      this.#pump();
    });
  }

  /** Ends all runs that are under way. */
  stop(): void {
    for (const run of this.runs) if (run.open) run.status = 'cancelled';
  }

  pause(run: Run): void {
    if (run.status === 'running' || run.status === 'waiting') run.status = 'paused';
  }

  async resume(run: Run): Promise<void> {
    if (run.status !== 'paused') return;
    run.status = 'waiting';
    await this.#goOn();
  }

  async resumeAll(): Promise<void> {
    for (const run of this.runs) if (run.status === 'paused') run.status = 'waiting';
    await this.#goOn();
  }

  async #goOn(): Promise<void> {
    await this.#ready();
    // What it begins from could not be made: it can be tried again.
    if (!this.#start) for (const run of this.runs) this.pause(run);
    this.#pump();
  }

  /** Looks at a run, and stays with it. */
  choose(run: Run): void {
    this.shown = run;
    this.#follows = false;
  }

  /** After a reload a training goes on from what it began from, made anew. */
  #ready(): Promise<void> {
    if (this.#start || !this.#of) return Promise.resolve();
    return this.work.do('Resuming', async (_, signal) => {
      await this.#again(signal);
    });
  }

  /** What the runs on the page began from, made anew once; other images or another network are refused. */
  async #again(signal: AbortSignal): Promise<Start> {
    const of = this.#of;
    if (this.#start) return this.#start;
    // Files are not kept: those that are chosen now are taken, where they are as many images.
    const asked = of ?? this.#asked(this.form);
    const start = await this.#prepared({ ...asked, own: asked.own ?? this.own }, signal);
    if (start.about.images.join() !== of?.images.join() || start.view.relus !== of.relus) {
      const message = 'The runs on the page were trained on other images, or another network.';
      const hint = 'Choose the files that they were trained on, or train anew.';
      throw { code: 'invalid-setting', message, place: {}, hint } satisfies Fault;
    }
    // Another training may be on the page by now.
    if (this.#of === of) this.#start = start;
    return start;
  }

  cancel(run: Run): void {
    if (!run.open) return;
    run.status = 'cancelled';
    this.#without(run);
    this.#keepNow();
  }

  /** What would begin from a run that does not end never can. */
  #without({ method, seed }: Run): void {
    if (method === null) for (const run of this.runs) if (run.seed === seed && run.open) run.status = 'cancelled';
  }

  #base(seed: number): Run | undefined {
    return this.runs.find((run) => run.method === null && run.seed === seed);
  }

  readonly #going = new Set<Run>();

  /** Sends to the workers what can go. */
  #pump(): void {
    if (!this.#start) return;
    for (const run of this.runs) {
      const ready = run.method === null || this.#base(run.seed)?.status === 'done';
      if (run.status !== 'waiting' || !ready || this.#going.has(run)) continue;
      this.#going.add(run);
      void trainers
        .lend((member) => this.#carryOut(run, member))
        .catch((error: unknown) => this.#failed(run, failed(error)))
        .finally(() => {
          this.#going.delete(run);
          this.#keepNow();
          this.#pump();
        });
    }
  }

  #failed(run: Run, fault: Fault): void {
    if (!run.open) return;
    // A worker that stopped takes nothing with it but what came after the last checkpoint.
    const again = fault.code === 'worker' && run.failures < AGAIN;
    run.failures += 1;
    run.fault = again ? null : fault;
    run.status = again ? (run.status === 'paused' ? 'paused' : 'waiting') : 'failed';
    if (!again) this.#without(run);
  }

  #begin(run: Run, start: Start): Begin | null {
    const { options } = start.view;
    if (run.bytes.checkpoint) return { kind: 'resume', bytes: run.bytes.checkpoint };
    const { method, budget, seed } = run;
    if (method === null || budget === null)
      return start.from.of.net.kind === 'given'
        ? { kind: 'given', net: start.net }
        : { kind: 'base', net: start.net, options, seed };
    const net = this.#base(seed)?.bytes.network;
    if (!net) return null;
    const masks = start.view.held?.masks;
    if (method === 'plan') return masks === undefined ? null : { kind: 'hold', net, options, masks, seed };
    return { kind: 'reduce', net, options, method, budget, seed };
  }

  async #carryOut(run: Run, member: Bridge<TrainVerbs>): Promise<void> {
    const start = this.#start;
    if (run.status !== 'waiting' || !start || !this.runs.includes(run)) return;
    const begin = this.#begin(run, start);
    if (!begin) {
      const hint = 'Train it anew.';
      throw {
        code: 'missing-data',
        message: 'The network that it begins from is not kept.',
        place: {},
        hint,
      } satisfies Fault;
    }
    run.status = 'running';
    run.fault = null;
    // What was told after the checkpoint comes again.
    if (begin.kind !== 'resume') run.curve = [];
    else run.curve = run.curve.slice(0, run.bytes.told);
    run.sites = await member.call('begin', { images: start.of, run: begin });
    if (!this.shown || (this.#follows && !this.shown.open)) this.shown = run;
    run.masks = await member.call('masks', null);
    let kept = performance.now();
    const going = (): boolean => run.status === 'running' && this.runs.includes(run);
    for (let done = false; going() && !done;) {
      const from = performance.now();
      const { progress, masks } = await member.call('advance', SLICE_MS);
      run.seconds += (performance.now() - from) / 1000;
      this.#take(run, progress, masks);
      if (progress.ended && this.shown === run) run.looks = [await this.#lookAt(member, this.site)];
      done = progress.done;
      if (performance.now() - kept > KEEP_MS && !done && going()) {
        await this.#checkpoint(run, member);
        kept = performance.now();
      }
      if (done && going()) await this.#end(run, member);
    }
    const left: Status = run.status as Status;
    if (left === 'paused' || left === 'waiting') await this.#checkpoint(run, member);
  }

  async #checkpoint(run: Run, member: Bridge<TrainVerbs>): Promise<void> {
    run.bytes = { ...run.bytes, checkpoint: await member.call('checkpoint', null), told: run.curve.length };
    await this.#keepRun(run);
  }

  /** Another training may be here by now, with runs of the same names. */
  #keepRun(run: Run): Promise<void> {
    return this.#keeping(async () => {
      if (this.training && !this.fromLink && this.runs.includes(run))
        await store.keepRun(run.id, run.bytes, this.training);
    });
  }

  #take(run: Run, progress: Progress, masks: Uint8Array[] | null): void {
    run.flipping += progress.flips;
    run.progress = progress;
    if (masks) run.masks = masks;
    const { ended } = progress;
    if (ended) [run.flips, run.flipping] = [run.flipping, 0];
    if (ended) run.curve = [...run.curve, [ended.loss, ended.validation, ended.relus]];
  }

  async #lookAt(member: Bridge<TrainVerbs>, site: number): Promise<Look> {
    return { site, ...(await member.call('look', site)) };
  }

  async #end(run: Run, member: Bridge<TrainVerbs>): Promise<void> {
    const { network, outcome, hits } = await member.call('end', null);
    const looks: Look[] = [];
    for (const [site] of run.sites.entries()) looks.push(await this.#lookAt(member, site));
    // Cancelled meanwhile, or another training's turn.
    if (!run.open || !this.runs.includes(run)) return;
    run.looks = looks;
    run.bytes = { checkpoint: null, network, hits, told: run.curve.length };
    run.whole = true;
    run.outcome = {
      relus: outcome.relus,
      test: outcome.test_accuracy,
      validation: outcome.validation_accuracy,
      before: outcome.accuracy_before_finetune,
    };
    run.status = 'done';
    await this.#keepRun(run);
  }

  #keepNow(): void {
    if (this.training && !this.fromLink) void this.#keeping(() => store.keep(this.training as Training));
  }

  /** One tab keeps: the first that has something to keep, as long as it lives. */
  #claim(): Promise<boolean> {
    return (this.#mine ??= new Promise((done) => {
      if (!('locks' in navigator)) return done(true);
      void navigator.locks.request('reluctant.training', { ifAvailable: true }, (lock) => {
        done(lock !== null);
        return lock && new Promise(() => {});
      });
    }));
  }

  async #keeping(keep: () => Promise<void>): Promise<void> {
    if (sign.paused) return;
    try {
      if (!(await this.#claim())) {
        this.refused = 'another tab trains and keeps its own';
        return;
      }
      // Forgotten meanwhile.
      if (sign.paused) return;
      await keep();
      this.refused = '';
    } catch (error) {
      this.refused = whyNot(error);
    }
  }

  /** What an earlier visit was at, paused; what a link says goes before it. */
  async restore(): Promise<void> {
    if (this.#opened) return;
    this.#opened = true;
    const found = await store.find().catch((error: unknown) => {
      this.refused = whyNot(error);
      return null;
    });
    if (!found) return;
    if (this.runs.length > 0 || trained.linked !== null) this.aside = found.runs.length;
    else await this.#revive(found);
  }

  /** Puts what is kept in the place of what a link brought. */
  async showKept(): Promise<void> {
    const found = await store.find().catch(() => null);
    if (found && this.fromLink) await this.#revive(found);
  }

  #revive(found: Training): Promise<void> {
    return this.#keeping(async () => {
      const runs: Run[] = [];
      const given = await store.given();
      for (const state of found.runs) runs.push(Run.revived(state, await store.bytesOf(new Run(state).id)));
      if (this.runs.length > 0 && !this.fromLink) return;
      this.given = given ?? this.given;
      this.#show(found, runs, given);
      [this.fromLink, this.aside] = [false, 0];
    });
  }

  #show({ form, relus, images }: Training, runs: Run[], given: Given | null): void {
    this.stop();
    this.#start = null;
    this.#of = { form, relus, images, own: null, given };
    this.form = form;
    this.runs = runs;
    this.shown = runs.find(({ status }) => status !== 'done') ?? runs[0] ?? null;
  }

  /** Takes what a link says, if it says something. */
  open(text: string): void {
    const found = unpacked(text);
    if (!found) return;
    // One's own go on being kept, and can be shown again.
    if (!this.fromLink) this.aside = this.runs.length || this.aside;
    this.#keepNow();
    const whole = found.runs.filter(({ outcome }) => outcome !== null);
    this.#show(
      found,
      whole.map((state) => Run.revived(state, null)),
      null,
    );
    // What a link calls a network, or images, of one's own are the sender's.
    [this.given, this.files] = [null, { train: [], test: [] }];
    this.fromLink = true;
  }

  /** A network that was designed, or one of Replace with its weights and its plan. */
  async take(sent: NonNullable<typeof trained.sent>): Promise<void> {
    if ('spec' in sent) return this.change({ net: sent });
    const { name, plan, shape, file } = sent;
    const bytes = await bytesOf(file, name).catch((error: unknown) => {
      this.work.problem = { doing: `Reading ${name}`, fault: failed(error) };
      return null;
    });
    if (!bytes) return;
    this.given = { file: bytes, plan: plan?.text ?? null };
    // The sets that are here, by their size; else one's own.
    const data = shape.join() === '1,8,8' ? 'digits' : shape.join() === '3,16,16' ? 'shapes' : 'own';
    const others = this.form.methods.filter((one) => one !== 'plan');
    this.change({
      net: { name, given: true },
      data,
      methods: plan ? ['autorep', 'plan'] : others.length > 0 ? others : ['autorep'],
      ...(plan && { budgets: String(plan.kept) }),
    });
  }

  /** As `reluctant train --json` prints it. */
  report(then: (report: Trained) => void): Promise<void> {
    return this.work.do('Comparing methods', async (_, signal) => {
      const { training } = this;
      const paired = await this.#paired(signal);
      if (training && !signal.aborted) then(reportOf(training, paired));
    });
  }

  /** Methods against each other on the same images, seed by seed. */
  async #paired(signal: AbortSignal): Promise<Trained['paired']> {
    const found: Trained['paired'] = [];
    for (const [place, a] of this.runs.entries()) {
      for (const b of this.runs.slice(place + 1)) {
        const same = a.budget === b.budget && a.seed === b.seed && a.method !== b.method;
        const [first, second] = [a.bytes.hits, b.bytes.hits];
        if (!same || !a.method || !b.method || a.budget === null || !first || !second) continue;
        const [only_first = 0, only_second = 0, p = 1] = await trainers.call(
          'mcnemar',
          { first, second },
          { signal, brief: true },
        );
        found.push({ first: a.method, second: b.method, budget: a.budget, seed: a.seed, only_first, only_second, p });
      }
    }
    return found;
  }

  /** The numbers of a run's network, and what it began from. */
  #taken(
    run: Run,
    then: (from: TrainedFrom, signal: AbortSignal) => Promise<void>,
    net = run.bytes.network,
  ): Promise<void> {
    const of = this.#of;
    if (!of || !net) return Promise.resolve();
    return this.work.do(`Writing ${run.name}`, async (_, signal) => {
      const start = await this.#again(signal);
      const numbers = await trainers.call('numbers', net, { signal, brief: true });
      const drops = run.method === 'nested' || (run.method === 'plan' && start.view.held?.drops === true);
      await then({ ...start.from, numbers, drops }, signal);
    });
  }

  /** A run's network as an ONNX file. */
  file(run: Run, then: (file: File) => Promise<void> | void): Promise<void> {
    return this.#taken(run, async (from, signal) => {
      const bytes = await designers.call('trainFile', from, { signal });
      if (!signal.aborted) await then(new File([bytes], `${this.#stem(run)}.onnx`));
    });
  }

  #stem = (run: Run): string => `${this.#of?.form.data ?? 'run'}-${run.id}`;

  /** Puts a run's network, its ReLUs replaced, in the place of the model on the page. */
  openIn(run: Run, view: 'score' | 'replace'): Promise<void> {
    return this.file(run, async (file) => {
      await session.openFiles([file]);
      location.hash = `#/${view}`;
    });
  }

  /** The same with all its ReLUs, and what the run made of them as a plan; or what was made of them since, and by what. */
  openAsPlan(run: Run, since: { net: Uint8Array; by: string } | null = null): Promise<void> {
    const opened = async (from: TrainedFrom, signal: AbortSignal): Promise<void> => {
      const { budget, seed } = run;
      const method = since?.by ?? run.method;
      const said = { policy: method ?? 'none', budget: String(budget ?? run.outcome?.relus ?? ''), seed: String(seed) };
      const settings = Object.entries(said).map(([key, value]): [string, string] => [key, value]);
      const { file, plan } = await designers.call('trainPlan', { ...from, settings }, { signal });
      if (signal.aborted) return;
      const model = new File([file], `${this.#stem(run)}.onnx`);
      await session.openFiles([model]);
      // It did not open, or another one did: the plan is for this one.
      const { source } = session;
      if (source?.kind !== 'files' || source.files[0] !== model) return;
      await session.openFiles([new File([plan], `${this.#stem(run)}.plan.json`)]);
    };
    return since ? this.#taken(run, opened, since.net) : this.#taken(run, opened);
  }

  /** Looks at the run that is shown where an earlier visit ended it: its masks and inputs are read off its network. */
  see(): void {
    const { shown } = this;
    if (!shown?.bytes.network || shown.sites.length > 0 || this.busy || this.#seen.waiting || this.#seen.fault) return;
    void this.#seen.ask(async (run, { signal }) => {
      const net = run.bytes.network;
      const start = await this.#again(signal);
      await trainers.lend(async (member) => {
        if (signal.aborted || !net) return;
        const sites = await member.call('begin', { images: start.of, run: { kind: 'given', net } });
        const masks = await member.call('masks', null);
        const looks: Look[] = [];
        for (const [site] of sites.entries()) looks.push(await this.#lookAt(member, site));
        Object.assign(run, { sites, masks, looks });
      });
      return true;
    });
  }
}

export const train = new Train();
