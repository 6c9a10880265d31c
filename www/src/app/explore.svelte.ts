/**
 * A family of networks, looked at in parts that the workers take in turn. What is there is on screen while the rest comes in;
 * cancelling keeps it, and going on takes up the parts that are missing.
 */
import type { CostSettings, Diff, ExploreReport, ExploreSettings } from '../contract/core';
import { Candidates } from './candidates';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import type { Named, Swept } from '../worker/design-client';
import { designers } from '../worker/design-client';
import { Question } from './question.svelte';
import { Work } from './work.svelte';

/** Candidates that are drawn; of more, as many are drawn by lot. */
export const DRAWN = 200_000;
/** Candidates of a part: some tenths of a second. Each part prices its sections anew. */
const PART = { counted: 65_536, priced: 16_384 };
/** Networks that can be pinned. */
const PINS = 8;

/** A candidate by its place in the family, with its figures. */
export interface Candidate {
  readonly place: number;
  readonly figures: readonly number[];
}

/** One in so many is drawn. */
export const everyOf = (size: number): number => Math.max(1, Math.ceil(size / DRAWN));

/** Parts that a family of `size` is cut into: enough that each of the workers has some. */
export function partsOf({ objectives = [], constraints = [] }: ExploreSettings, size: number, workers: number): number {
  const priced = [...objectives, ...constraints].some(({ of }) => of.includes(':'));
  const by = priced ? PART.priced : PART.counted;
  return Math.max(1, Math.ceil(size / by), Math.min(4 * workers, Math.floor(size / 512)));
}

class Explore {
  /** What is looked at; null before the first. */
  settings = $state.raw<ExploreSettings | null>(null);
  size = $state(0);
  /** Of the parts that are done. */
  report = $state.raw<ExploreReport | null>(null);
  /** What is drawn, a new object whenever more is. */
  drawn = $state.raw<{ of: Candidates; count: number } | null>(null);
  pins = $state.raw<readonly Candidate[]>([]);
  /** The two that stand side by side, the older first. */
  pair = $state.raw<readonly number[]>([]);
  readonly work = new Work();

  /** Of the pair that stands there: with another one it goes. */
  readonly #diff = new Question<Diff, readonly number[]>(() => (this.pair.length === 2 ? this.pair : null));
  #parts = $state(0);
  #rest: number[] = [];
  #left = $state(0);
  #waiting: ExploreReport[] = [];
  #merging = false;

  /** Parts are missing, and nobody is looking at them. */
  get stopped(): boolean {
    return this.settings !== null && this.#left > 0 && !this.work.busy;
  }

  /** All parts are done. */
  get whole(): boolean {
    return this.settings !== null && this.#left === 0;
  }

  get diff(): Diff | null {
    return this.#diff.answer;
  }

  get diffFault(): Fault | null {
    return this.#diff.fault;
  }

  /** Looks at a family from its beginning. */
  go(settings: ExploreSettings, size: number): Promise<void> {
    this.work.cancel();
    this.#parts = partsOf(settings, size, designers.size);
    this.#rest = Array.from({ length: this.#parts }, (_, part) => part + 1);
    this.#left = this.#rest.length;
    this.#waiting = [];
    this.#diff.clear();
    Object.assign(this, { settings, size, report: null, drawn: null, pins: [], pair: [] });
    return this.resume();
  }

  /** Takes up the parts that are missing. */
  async resume(): Promise<void> {
    const { settings, size } = this;
    if (!settings) return;
    const [parts, rest] = [this.#parts, [...this.#rest]];
    const asks = rest.map((shard) => ({ settings, shard, of: parts, every: everyOf(size) }));
    await this.work.do('Looking at candidates', async (step, signal) => {
      const { progress } = step('Looking at candidates', '');
      const before = parts - rest.length;
      const tell = (done: number): void => progress?.(Math.round(((before + done) * size) / parts), size);
      tell(0);
      const take = (swept: Swept, at: number): void => {
        const part = rest[at];
        if (signal.aborted || part === undefined) return;
        this.#rest = this.#rest.filter((one) => one !== part);
        this.#left = this.#rest.length;
        this.#take(swept);
      };
      await designers.share('sweep', asks, take, { signal, progress: tell });
    });
    if (this.settings === settings) await this.#merge();
  }

  #take(swept: Swept): void {
    const of = this.drawn?.of ?? new Candidates(swept.report.figures.length);
    of.append(swept);
    this.drawn = { of, count: of.count };
    this.#waiting.push(swept.report);
    void this.#merge();
  }

  /** What has come in joins the report. Its worker ends with a cancel: then it waits for the next time. */
  async #merge(): Promise<void> {
    if (this.#merging) return;
    this.#merging = true;
    try {
      while (this.#waiting.length > 0) {
        const { settings } = this;
        const parts = this.#waiting;
        this.#waiting = [];
        try {
          const report = await designers.call('merge', this.report ? [this.report, ...parts] : parts);
          if (this.settings === settings) this.report = report;
        } catch (error) {
          if (!isFault(error)) throw error;
          if (this.settings === settings) this.#waiting = [...parts, ...this.#waiting];
          if (error.code !== 'cancelled') this.work.problem = { doing: 'Joining what was found', fault: error };
          return;
        }
      }
    } finally {
      this.#merging = false;
    }
  }

  /** The candidate that is drawn in a row. */
  row(row: number): Candidate | null {
    const of = this.drawn?.of;
    const place = of && row < of.count ? of.places[row] : undefined;
    return of && place !== undefined ? { place, figures: of.figures(row) } : null;
  }

  /** A candidate as a network; null where that fails, which is said. */
  async network(place: number): Promise<Named | null> {
    const { settings } = this;
    if (!settings) return null;
    const spec = await designers.call('explored', { settings, index: place });
    return { name: `candidate-${place}`, spec };
  }

  pin(candidate: Candidate): void {
    if (this.pins.some(({ place }) => place === candidate.place)) return;
    this.pins = [...this.pins, candidate].slice(-PINS);
    this.#part((place) => this.pins.some((one) => one.place === place));
  }

  unpin(place: number): void {
    this.pins = this.pins.filter((one) => one.place !== place);
    this.#part((one) => one !== place);
  }

  /** Leaves those side by side that stay; the same pair, where both do. */
  #part(stays: (place: number) => boolean): void {
    if (!this.pair.every(stays)) this.pair = this.pair.filter(stays);
  }

  /** Puts one beside the other that was put there last, or takes it away. */
  beside(place: number): void {
    this.pair = this.pair.includes(place) ? this.pair.filter((one) => one !== place) : [...this.pair, place].slice(-2);
  }

  compare(settings: CostSettings): void {
    void this.#diff.ask(async ([one = 0, other = 0], asking) => {
      const [a, b] = await Promise.all([this.network(one), this.network(other)]);
      const none: Fault = { code: 'cancelled', message: 'Cancelled.', place: {}, hint: '' };
      if (!a || !b) throw none;
      return designers.call('diff', { a, b, settings }, asking);
    });
  }
}

export const explore = new Explore();
