/**
 * Training in the tab: what is asked for becomes runs, which go side by side in the workers, each a slice at a time, so that a
 * pause or a cancel takes effect at once. The network with all ReLUs of a seed is trained first; the methods begin from it.
 */
import type { TrainingView } from '../contract/core';
import type { Form, Training } from '../lib/train';
import { FIRST, MOST_RUNS, budgetsOf, canBe, isGiven, packed, passesOf, runsOf, seedsOf, unpacked } from '../lib/train';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import type { About, Bridge, ImagesOf, TrainVerbs } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import type { Given } from './kept/training';
import * as store from './kept/training';
import { Question, anywhere } from './question.svelte';
import type { Host } from './train-carry';
import { AGAIN, carryOut, looksOf } from './train-carry';
import type { OwnFiles } from './train-images';
import { bytesOf, imagesOf } from './train-images';
import { Keeping } from './train-keep.svelte';
import { reportRead } from './train-report';
import { Run } from './train-run.svelte';
import type { Asked, Brought, Start } from './train-start';
import { beginOf, paced, prepared } from './train-start';
import { TRAINING, trained } from './trained.svelte';
import { Work } from './work.svelte';

/** Bytes of a report that is read, at most. */
const MOST_REPORT = 16 * 2 ** 20;

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

const failed = (error: unknown): Fault =>
  isFault(error) ? error : { code: 'internal', message: String(error), place: {}, hint: 'Reload the page.' };

class Train implements Host {
  form = $state.raw<Form>(FIRST);
  runs = $state.raw<readonly Run[]>([]);
  /** Which run and which activation are looked at. */
  shown = $state.raw<Run | null>(null);
  /** Until a person picks a run, the one that begins is looked at. */
  #follows = true;
  site = $state(0);
  /** The runs on the page came with a link, curves without networks, or with a file of results. */
  fromLink = $state(false);
  /** That file, and what wrote it. */
  fromFile = $state.raw<{ name: string; madeBy: string } | null>(null);
  /** Runs that are kept here while those of a link are on the page. */
  aside = $state(0);
  readonly #keeping = new Keeping();
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
  #opened = false;

  constructor() {
    trained.pairs = () =>
      this.training?.runs.some(({ outcome }) => outcome) && !this.fromFile ? [[TRAINING, packed(this.training)]] : [];
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

  /** Why nothing is kept. */
  get refused(): string {
    return this.#keeping.refused;
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
      const start = await prepared(this.#asked(form), asking.signal);
      const { view, about } = start;
      const { budgets, odd } = budgetsOf(form.budgets, view.relus);
      const { seeds, odd: strange } = seedsOf(form.seeds);
      const names = runsOf(form, budgets, seeds, view.held?.kept ?? null);
      const runs = names.length;
      const plan: Plan = { view, about, budgets, seeds, odd: [...odd, ...strange], runs, seconds: null };
      if (this.busy || runs > MOST_RUNS) return plan;
      soFar(plan);
      const seconds = await paced(start, passesOf(form, view.epochs, names), asking.signal);
      return { ...plan, seconds: seconds / Math.min(trainers.size, Math.max(1, runs - seeds.length)) };
    });
  }

  /** A form with what a person brought for it. */
  #asked(form: Form): Asked {
    return { form, own: form.data === 'own' ? this.own : null, given: isGiven(form.net) ? this.given : null };
  }

  /** What the form asks for, made ready. */
  ready(signal: AbortSignal): Promise<Start> {
    return prepared(this.#asked(this.form), signal);
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
      const start = await prepared(asked, signal);
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
      const set = form.set && canBe(form.set, start.about) ? form.set : null;
      this.#of = { ...asked, form: { ...form, set }, relus: start.view.relus, images: start.about.images };
      [this.fromLink, this.fromFile] = [false, null];
      this.runs = names.map((name) => new Run(name));
      this.shown = this.runs[0] ?? null;
      await this.#keeping.write(() => store.begin(this.training as Training, asked.given));
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
      await this.again(signal);
    });
  }

  /** What the runs on the page began from, made anew once; other images or another network are refused. */
  async again(signal: AbortSignal): Promise<Start> {
    const of = this.#of;
    if (this.#start) return this.#start;
    // Files are not kept: those that are chosen now are taken, where they are as many images.
    const asked = of ?? this.#asked(this.form);
    const start = await prepared({ ...asked, own: asked.own ?? this.own }, signal);
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

  async #carryOut(run: Run, member: Bridge<TrainVerbs>): Promise<void> {
    const start = this.#start;
    if (run.status !== 'waiting' || !start || !this.runs.includes(run)) return;
    const begin = beginOf(run, start, this.#base(run.seed)?.bytes.network ?? null);
    if (!begin) {
      const hint = 'Train it anew.';
      throw {
        code: 'missing-data',
        message: 'The network that it begins from is not kept.',
        place: {},
        hint,
      } satisfies Fault;
    }
    await carryOut(run, begin, start.of, member, this);
  }

  has(run: Run): boolean {
    return this.runs.includes(run);
  }

  begun(run: Run): void {
    if (!this.shown || (this.#follows && !this.shown.open)) this.shown = run;
  }

  looksAt(run: Run): number | null {
    return this.shown === run ? this.site : null;
  }

  /** Another training may be here by now, with runs of the same names. */
  keep(run: Run): Promise<void> {
    return this.#keeping.write(async () => {
      if (this.training && !this.fromLink && this.has(run)) await store.keepRun(run.id, run.bytes, this.training);
    });
  }

  #keepNow(): void {
    if (this.training && !this.fromLink) void this.#keeping.write(() => store.keep(this.training as Training));
  }

  /** What an earlier visit was at, paused; what a link says goes before it. */
  async restore(): Promise<void> {
    if (this.#opened) return;
    this.#opened = true;
    const found = await this.#keeping.read(store.find);
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
    return this.#keeping.write(async () => {
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
    this.fromFile = null;
    this.form = form;
    this.runs = runs;
    this.shown = runs.find(({ status }) => status !== 'done') ?? runs[0] ?? null;
  }

  /** Takes what a link says, if it says something. */
  open(text: string): void {
    const found = unpacked(text);
    if (!found) return;
    this.#showOthers(found);
    // What a link calls a network, or images, of one's own are the sender's.
    [this.given, this.files] = [null, { train: [], test: [] }];
  }

  /** Runs that were not trained here; one's own go on being kept, and can be shown again. */
  #showOthers(found: Training): void {
    if (!this.fromLink) this.aside = this.runs.length || this.aside;
    this.#keepNow();
    const whole = found.runs.filter(({ outcome }) => outcome !== null);
    this.#show(
      found,
      whole.map((state) => Run.revived(state, null)),
      null,
    );
    this.fromLink = true;
  }

  /** Shows what `reluctant train --json` printed, or train.py of a `--pytorch` folder wrote. */
  openReport(file: File): Promise<void> {
    return this.work.do(`Reading ${file.name}`, async (_, signal) => {
      const hint = 'Choose what reluctant train --json printed, or results.json of a --pytorch folder.';
      const none: Fault = {
        code: 'malformed',
        message: 'This is no report of a training.',
        place: { file: file.name },
        hint,
      };
      if (file.size > MOST_REPORT) throw none;
      const found = reportRead(new TextDecoder().decode(await bytesOf(file, file.name)));
      if (!found) throw none;
      if (signal.aborted) return;
      const { form } = this;
      this.#showOthers(found.training);
      // It says no settings: what is asked for stays as it is.
      this.form = form;
      this.fromFile = { name: file.name, madeBy: found.madeBy };
    });
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

  /** Looks at the run that is shown where an earlier visit ended it: its masks and inputs are read off its network. */
  see(): void {
    const { shown } = this;
    if (!shown?.bytes.network || shown.sites.length > 0 || this.busy || this.#seen.waiting || this.#seen.fault) return;
    void this.#seen.ask(async (run, { signal }) => {
      const net = run.bytes.network;
      const start = await this.again(signal);
      await trainers.lend(async (member) => {
        if (signal.aborted || !net) return;
        const sites = await member.call('begin', { images: start.of, run: { kind: 'given', net } });
        const masks = await member.call('masks', null);
        const looks = await looksOf(member, sites);
        Object.assign(run, { sites, masks, looks });
      });
      return true;
    });
  }
}

export const train = new Train();
