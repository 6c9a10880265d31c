/**
 * The model under every protocol: over the link of the page, and over each preset. Every change asks
 * the core anew; only the newest answer counts, and it stays on screen until the next one is there.
 */
import type { CostSettings, Estimate, Need, TrustModel } from '../contract/core';
import type { Figure } from '../lib/cost';
import { totalView, underOf } from '../lib/cost-view';
import type { Phased } from '../lib/phased';
import { phasedView } from '../lib/phased';
import type { Fault } from '../lib/types';
import { core } from '../worker/client';
import { awaitCard, showCard } from './cards.svelte';
import { answerOf, constantsOf, costs, listProtocols } from './cost.svelte';
import type { Asking } from './question.svelte';
import { Question } from './question.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';
import type { Order } from './table.svelte';

/** Estimates of one link, in the order of the protocols. */
type Over = readonly Estimate[];

const NONE: ReadonlyMap<string, Over> = new Map();

/** What a person is ready to take; any trust where none is chosen. */
export interface Choice {
  readonly models: readonly TrustModel[];
  /** What must not be needed. */
  readonly without: readonly Need[];
  /** A corrupt party that sends what it likes must be noticed. */
  readonly malicious: boolean;
}

export const ANY: Choice = { models: [], without: [], malicious: false };

class Compare {
  choice = $state.raw<Choice>(ANY);
  order = $state.raw<Order | null>(null);
  /** Bars of one length each, or as long as what they show. */
  scaled = $state(false);
  tabled = $state(false);

  readonly #here = new Question<Over, Scene>(() => session.scene);
  readonly #presets = new Question<ReadonlyMap<string, Over>, Scene>(() => session.scene);

  /** Over the link of the page; nothing until the core has said. */
  get estimates(): Over {
    return this.#here.answer ?? [];
  }

  /** Over each preset, by its id. */
  get presets(): ReadonlyMap<string, Over> {
    return this.#presets.answer ?? NONE;
  }

  get fault(): Fault | null {
    return this.#here.fault ?? this.#presets.fault;
  }

  ask(settings: CostSettings): void {
    void this.#here.ask(async (scene, asking) => {
      const [over = []] = await estimatesOf(scene, [settings], asking);
      return over;
    });
  }

  /** Under the same settings over each link. */
  askPresets(settings: CostSettings, links: readonly string[]): void {
    const each = links.map((link) => overPreset(settings, link));
    void this.#presets.ask(async (scene, asking) => {
      const all = await estimatesOf(scene, each, asking);
      return new Map(links.map((id, i) => [id, all[i] ?? []]));
    });
  }

  /** Cheapest first, then dearest, then the page's order. */
  sort(column: string): void {
    if (this.order?.column !== column) this.order = { column, down: false };
    else this.order = this.order.down ? null : { column, down: true };
  }
}

export const compare = new Compare();

export const titleOf = (id: string): string => costs.profileOf(id)?.title ?? id;

const LINK = ['link', 'up', 'down', 'rtt'] as const;

/** The settings of the page with a preset instead of its link. */
function overPreset(settings: CostSettings, link: string): CostSettings {
  const rest = { ...settings };
  for (const key of LINK) delete rest[key];
  return { ...rest, link };
}

/** Opens the card of a figure under any protocol, over the link that its estimate was made with. */
export function openCompared(anchor: HTMLElement, estimate: Estimate, figure: Figure | Phased): void {
  const { source, set } = session;
  const under = underOf(estimate, costs.profileOf(estimate.protocol));
  if (figure === 'up' || figure === 'down' || figure === 'setup') {
    showCard(anchor, { kind: 'cost', view: phasedView(estimate, figure, under) });
    return;
  }
  if (!source) return;
  const here = estimate.link === 'custom' ? costs.settings : overPreset(costs.settings, estimate.link);
  const settings = { ...here, protocols: [estimate.protocol] };
  void awaitCard(anchor, async (asking) => {
    const { estimate: now, rows } = answerOf(await core.call('cost', { source, set, settings }, asking));
    return { kind: 'cost', view: totalView(now, rows, figure, under, constantsOf(now)) };
  });
}

/** What the model costs under each of the settings. */
export async function estimatesOf(
  { source, set }: Pick<Scene, 'source' | 'set'>,
  each: CostSettings[],
  asking: Asking,
): Promise<Over[]> {
  const reports = await core.call('costEach', { source, set, each }, asking);
  return reports.map(({ estimates }) => estimates);
}

/** Of a family with a number, the one that was chosen. */
export const protocolIds = (): string[] =>
  costs.protocols.map((protocol) => (protocol === costs.profile ? costs.protocol : protocol.id));

/** Keeps the comparison current while it is on the page; call inside a component. */
export function watchCompare(): void {
  void listProtocols();
  let protocols = $derived(protocolIds());
  // Written out, so that a link that moves does not ask for the presets again.
  let fixed = $derived(JSON.stringify({ ...overPreset(costs.settings, ''), protocols }));
  $effect(() => {
    const settings = { ...costs.settings, protocols };
    if (session.scene && protocols.length > 0) compare.ask(settings);
  });
  $effect(() => {
    const links = costs.links.map(({ id }) => id);
    const settings = JSON.parse(fixed) as CostSettings;
    if (session.scene && protocols.length > 0 && links.length > 0) compare.askPresets(settings, links);
  });
}
