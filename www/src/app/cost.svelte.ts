/**
 * Protocol, link and settings that the person chose, and what the model costs under them. Every
 * change asks the core at once; while an answer is under way only the newest question waits, and only
 * its answer counts.
 */
import type {
  Activations,
  Constant,
  CostSettings,
  Estimate,
  Link,
  OwnProfile,
  Protocol,
  Report,
  Setting,
  Stay,
} from '../contract/core';
import { CALIBRATED } from '../lib/calibrate';
import type { Choices, Figure, Rates } from '../lib/cost';
import { CostColumns } from '../lib/cost-columns';
import { freeView, rowView, totalView, underOf } from '../lib/cost-view';
import { ALWAYS, FASTEST, activationsFrom, termsFrom } from '../lib/costing';
import type { Measure } from '../lib/findings';
import { relinked } from './relink';
import type { Fault } from '../lib/types';
import type { Costed } from '../worker/client';
import { core } from '../worker/client';
import { Bound } from './bound.svelte';
import { awaitCard, showCard } from './cards.svelte';
import { Question } from './question.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';

export interface Answer {
  estimate: Estimate;
  /** With every activation kept, where the settings change them. */
  kept: Estimate | null;
  rows: CostColumns;
  /** Why a row, or a piece of it, has no price, by the row's index. */
  reasons: ReadonlyMap<number, string>;
}

class Costs {
  /** What a person or a link chose: it holds when another model is opened. */
  chosenProtocol = $state<string | null>(null);
  /** A preset's id, or `custom`. */
  link = $state<string>(ALWAYS.link);
  custom = $state.raw<Rates>(ALWAYS.custom);
  /** What the menu set, by key. */
  chosenTerms = $state.raw<Choices>({});
  chosenActivations = $state.raw<Choices>({});
  /** null: time where it is known, else bytes. */
  measure = $state<Measure | null>(null);

  /** Of the core: protocols, and the settings of the menu. */
  listed = $state.raw<readonly Protocol[]>([]);
  table = $state.raw<readonly Setting[]>([]);
  /** A profile made of measurements. */
  own = $state.raw<OwnProfile | null>(null);
  links = $state.raw<readonly Link[]>([]);

  /** What is priced under: what was chosen, else what the core says that the model opens under; empty before one has. */
  get protocol(): string {
    return this.chosenProtocol ?? session.opensUnder[0]?.protocol ?? '';
  }

  set protocol(id: string) {
    this.chosenProtocol = id;
  }

  /** What the model opens under beside the protocol in force: each one click away. */
  besides = $derived(session.opensUnder.filter(({ protocol }) => protocol !== this.protocol));

  readonly #question = new Question<Answer, Scene>(() => session.scene);
  readonly #replaced = new Bound<readonly Stay[], Scene['source']>(() => session.source);

  /** Under what any network is priced: that of the page, as it is in the file, or rows that were typed in. */
  terms = $derived(termsFrom(this));
  activations = $derived<Activations>(
    this.replaced ? { replaced: this.replaced } : activationsFrom(this.chosenActivations),
  );
  settings = $derived<CostSettings>({ ...this.terms, ...this.activations });
  /** A plan, or the menu, changes activations: the network of `termsOf` is another one, as it is in the file. */
  altered = $derived(this.replaced !== null || (this.activations.activation ?? 'keep') !== 'keep');

  protocols = $derived.by((): readonly Protocol[] => {
    const { own } = this;
    const base = own && this.listed.find(({ id }) => id === own.base);
    if (!base) return this.listed;
    const title = own.name.trim() || `Calibrated on ${base.title}`;
    const has_compute = base.has_compute || own.measurements.some(({ seconds }) => seconds !== null);
    return [...this.listed, { ...base, id: CALIBRATED, title, short: title, has_compute, parameter: null }];
  });

  profile = $derived(this.profileOf(this.protocol));

  /** The profile of an id; `circa:20` is one of the family that is listed as `circa:12`. */
  profileOf(id: string): Protocol | undefined {
    return (
      this.protocols.find((protocol) => protocol.id === id) ??
      this.protocols.find(({ family, parameter }) => parameter && id.startsWith(`${family}:`))
    );
  }

  /** The plan for the model on the page, layer by layer; it goes before what the menu sets of activations. */
  get replaced(): readonly Stay[] | null {
    return this.#replaced.value;
  }

  replace(stays: readonly Stay[] | null): void {
    if (session.source && stays && stays.length > 0) this.#replaced.hold(stays);
    else this.#replaced.clear();
  }

  /** What the model on the page costs; null until the core has said. */
  get answer(): Answer | null {
    return this.#question.answer;
  }

  get fault(): Fault | null {
    return this.#question.fault;
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
    const { up, down, rtt } = this.custom;
    const link = {
      id: 'custom',
      up_bytes_per_s: (up ?? FASTEST) * 1e6,
      down_bytes_per_s: (down ?? FASTEST) * 1e6,
      rtt_ms: rtt,
      source: 'set by hand',
    };
    this.#question.amend((answer) => {
      const kept = answer.kept && relinked(answer.kept, link);
      return { ...answer, estimate: relinked(answer.estimate, link), kept };
    });
  }

  ask(settings: CostSettings): void {
    void this.#question.ask(async ({ source, set }, asking) =>
      answerOf(await core.call('cost', { source, set, settings }, asking)),
    );
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

/** The constants of the profile that an estimate was made with; none where one's own measurements stand in their place. */
export const constantsOf = ({ protocol, calibration }: Estimate): readonly Constant[] =>
  calibration ? [] : (costs.profileOf(protocol)?.constants ?? []);

export function openTotalCost(anchor: HTMLElement, { estimate, rows }: Answer, figure: Figure): void {
  showCard(anchor, { kind: 'cost', view: totalView(estimate, rows, figure, under(estimate), constantsOf(estimate)) });
}

/** The card of one row's cost, under the settings that the table shows. */
export function openRowCost(
  anchor: HTMLElement,
  { index, name }: { index: number; name: string },
  figure: Figure,
): void {
  const { source, set } = session;
  const { answer, settings } = costs;
  if (!source || !answer) return;
  void awaitCard(anchor, async (asking) => {
    const card = await core.call('costCard', { source, set, settings, index }, asking);
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

let listing: Promise<void> | null = null;

async function list(): Promise<void> {
  // Without lists the menus are empty; why the core is gone is said where it was asked for a score.
  const [links, listed, table] = await Promise.all([
    core.call('links', null).catch(() => []),
    core.call('protocols', { terms: { protocols: [] } }).catch(() => []),
    core.call('settings', null).catch(() => []),
  ]);
  Object.assign(costs, { links, listed, table });
  // The next who asks tries again.
  if (listed.length === 0 || table.length === 0) listing = null;
}

/** Lists links, protocols and settings, once. */
export const listProtocols = (): Promise<void> => (listing ??= list());

$effect.root(() => {
  $effect(() => {
    const { scene } = session;
    const { settings } = costs;
    if (!scene) return;
    costs.ask(settings);
    void listProtocols();
  });
});
