/**
 * Protocol, link and settings that the person chose, and what the model costs under them. Every
 * change asks the core at once; while an answer is under way only the newest question waits, and only
 * its answer counts.
 */
import { untrack } from 'svelte';
import type { OwnProfile } from '../lib/calibrate';
import { CALIBRATED } from '../lib/calibrate';
import type { CostSettings, Estimate, FaultMode, Figure, Granularity, Link, Machine, Ot, Plan, Protocol, Report, Stay } from '../lib/cost';
import { CostColumns } from '../lib/cost-columns';
import { freeView, rowView, totalView, underOf } from '../lib/cost-view';
import type { Measure } from '../lib/findings';
import { relinked } from '../lib/relink';
import type { Fault, Score } from '../lib/types';
import { isFault } from '../lib/types';
import type { Costed, Source } from '../worker/client';
import { core } from '../worker/client';
import { awaitCard, showCard } from './cards.svelte';
import { session } from './session.svelte';

export interface Rates {
  /** MB/s; null has no limit. */
  up: number | null;
  down: number | null;
  /** ms */
  rtt: number;
}

export interface Answer {
  estimate: Estimate;
  /** With every activation kept, where the settings change them. */
  kept: Estimate | null;
  rows: CostColumns;
  /** Why a row, or a piece of it, has no price, by the row's index. */
  reasons: ReadonlyMap<number, string>;
}

/** Chosen for a rate without a limit once it is set by hand. */
export const FASTEST = 10_000;

class Costs {
  protocol = $state('delphi:server-garbler');
  /** A preset's id, or `custom`. */
  link = $state('lan');
  custom = $state.raw<Rates>({ up: 384, down: 384, rtt: 0.3 });
  heThreads = $state(1);
  gcThreads = $state(4);
  machine = $state<Machine>('epyc');
  ringBits = $state(64);
  shareBits = $state(37);
  ot = $state<Ot>('ferret');
  faults = $state<FaultMode>('pos-zero');
  argmax = $state(false);
  plan = $state<Plan>('keep');
  /** Per cent of the activations that stay where the plan changes them. */
  kept = $state(0);
  granularity = $state<Granularity>('pixel');
  /** null: time where it is known, else bytes. */
  measure = $state<Measure | null>(null);

  /** Of the core. */
  listed = $state.raw<readonly Protocol[]>([]);
  /** A profile made of measurements. */
  own = $state.raw<OwnProfile | null>(null);
  links = $state.raw<readonly Link[]>([]);
  fault = $state.raw<Fault | null>(null);

  #replaced = $state.raw<{ source: Source; stays: readonly Stay[] } | null>(null);
  #answer = $state.raw<{ score: Score; answer: Answer } | null>(null);

  settings = $derived.by((): CostSettings => {
    const { up, down, rtt } = this.rates;
    return {
      protocols: [this.protocol],
      ...(this.link === 'custom' ? { up: up ?? FASTEST, down: down ?? FASTEST, rtt } : { link: this.link }),
      he_threads: this.heThreads,
      gc_threads: this.gcThreads,
      machine: this.machine,
      ring_bits: this.ringBits,
      activation: this.replaced ? 'keep' : this.plan,
      // The core of a first visit does not know these: they are named where they are not as always.
      ...(this.shareBits !== 37 && { share_bits: this.shareBits }),
      ...(this.ot !== 'ferret' && { ot: this.ot }),
      ...(this.faults !== 'pos-zero' && { faults: this.faults }),
      ...(this.argmax && { argmax: true }),
      ...(this.replaced && { replaced: this.replaced }),
      ...(!this.replaced && this.plan !== 'keep' && this.kept > 0 && { activation_share: this.kept / 100, granularity: this.granularity }),
      ...(this.own && { calibration: this.own }),
    };
  });

  protocols = $derived.by((): readonly Protocol[] => {
    const { own } = this;
    const base = own && this.listed.find(({ id }) => id === own.base);
    if (!base) return this.listed;
    const title = own.name.trim() || `Calibrated on ${base.title}`;
    const has_compute = base.has_compute || own.measurements.some(({ seconds }) => seconds !== null);
    return [...this.listed, { ...base, id: CALIBRATED, title, has_compute, parameter: null }];
  });

  profile = $derived(this.profileOf(this.protocol));

  /** The profile of an id; `circa:20` is one of the family that is listed as `circa:12`. */
  profileOf(id: string): Protocol | undefined {
    return (
      this.protocols.find((protocol) => protocol.id === id) ??
      this.protocols.find(({ family, parameter }) => parameter && id.startsWith(`${family}:`))
    );
  }

  /** The plan for the model on the page, layer by layer; it goes before `plan`. */
  get replaced(): readonly Stay[] | null {
    return this.#replaced?.source === session.source ? this.#replaced.stays : null;
  }

  replace(stays: readonly Stay[] | null): void {
    const { source } = session;
    this.#replaced = source && stays && stays.length > 0 ? { source, stays } : null;
  }

  /** What the model on the page costs; null until the core has said. */
  get answer(): Answer | null {
    return this.#answer?.score === session.score ? this.#answer.answer : null;
  }

  get rates(): Rates {
    if (this.link === 'custom') return this.custom;
    const preset = this.links.find(({ id }) => id === this.link);
    const rate = (value: number | null | undefined): number | null => (value == null ? null : value / 1e6);
    return { up: rate(preset?.up_bytes_per_s), down: rate(preset?.down_bytes_per_s), rtt: preset?.rtt_ms ?? 0 };
  }

  /** Changes the link by hand, from where it is; the headline follows in the same frame. */
  setRate(changes: Partial<Rates>): void {
    this.custom = { ...this.rates, ...changes };
    this.link = 'custom';
    if (!this.#answer) return;
    const { up, down, rtt } = this.custom;
    const link = { id: 'custom', up_bytes_per_s: (up ?? FASTEST) * 1e6, down_bytes_per_s: (down ?? FASTEST) * 1e6, rtt_ms: rtt, source: 'set by hand' };
    const { score, answer } = this.#answer;
    const kept = answer.kept && relinked(answer.kept, link);
    this.#answer = { score, answer: { ...answer, estimate: relinked(answer.estimate, link), kept } };
  }

  accept(score: Score, answer: Answer): void {
    this.#answer = { score, answer };
    this.fault = null;
  }
}

export const costs = new Costs();

/** The core's answer as panels use it. */
export function answerOf({ table, kept }: Costed): Answer {
  const [estimate] = table.report.estimates;
  if (!estimate) throw new Error('the core gave no estimate');
  const reasons = new Map(estimate.unpriced.map(({ index, reason }) => [index, reason]));
  return { estimate, kept, rows: new CostColumns(table), reasons };
}

/** Under what an estimate was made, in words. */
export function under(estimate: Estimate): string {
  return underOf(estimate, costs.profileOf(estimate.protocol));
}

export function openTotalCost(anchor: HTMLElement, { estimate, rows }: Answer, figure: Figure): void {
  showCard(anchor, { kind: 'cost', view: totalView(estimate, rows, figure, under(estimate)) });
}

/** The card of one row's cost, under the settings that the table shows. */
export function openRowCost(anchor: HTMLElement, { index, name }: { index: number; name: string }, figure: Figure): void {
  const { source, set } = session;
  const { answer, settings } = costs;
  if (!source || !answer) return;
  void awaitCard(anchor, async (signal) => {
    const card = await core.call('costCard', { source, set, settings, index }, { signal, brief: true });
    return { kind: 'cost', view: rowView(card, figure, name, under(answer.estimate)) };
  });
}

/** The card of a layer without work. */
export function openFree(anchor: HTMLElement, name: string, { estimate }: Answer, figure: Figure): void {
  showCard(anchor, { kind: 'cost', view: freeView(estimate, figure, name, under(estimate)) });
}

/** The estimates with a cost for each row, for exports; null without a model. */
export async function costReport(): Promise<Report | null> {
  const { source, set } = session;
  return source ? core.call('costReport', { source, set, settings: costs.settings }, { brief: true }) : null;
}

let asking = new AbortController();

async function ask(score: Score, settings: CostSettings): Promise<void> {
  const { source, set } = session;
  if (!source) return;
  asking.abort();
  const { signal } = (asking = new AbortController());
  try {
    const costed = await core.call('cost', { source, set, settings }, { signal, brief: true });
    // An older answer would pull the headline back.
    if (session.score === score && !signal.aborted) costs.accept(score, answerOf(costed));
  } catch (error) {
    if (!isFault(error)) throw error;
    if (error.code !== 'cancelled' && !signal.aborted) costs.fault = error;
  }
}

async function list(): Promise<void> {
  // Without lists the menus are empty; why the core is gone is said where it was asked for a score.
  costs.links = await core.call('links', null).catch(() => []);
  await listProtocols(false);
}

let listed = false;

/** Lists the protocols; `all` loads the whole core, once. */
export async function listProtocols(all: boolean): Promise<void> {
  if (listed) return;
  const protocols = await core.call('protocols', { settings: { protocols: [] }, all }).catch(() => []);
  if (listed || protocols.length === 0) return;
  costs.listed = protocols;
  listed = all;
}

$effect.root(() => {
  $effect(() => {
    const { score } = session;
    const { settings } = costs;
    if (!score) return;
    untrack(() => {
      void ask(score, settings);
      if (costs.links.length === 0) void list();
      else if (!costs.profile) void listProtocols(true);
    });
  });
});
