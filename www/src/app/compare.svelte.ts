/**
 * The model under every protocol: over the link of the page, and over each preset. Every change asks
 * the core anew; only the newest answer counts, and it stays on screen until the next one is there.
 */
import { untrack } from 'svelte';
import type { CostSettings, Estimate, Figure } from '../lib/cost';
import { totalView, underOf } from '../lib/cost-view';
import type { Phased } from '../lib/phased';
import { phasedView } from '../lib/phased';
import type { Fault, Score } from '../lib/types';
import { isFault } from '../lib/types';
import { core } from '../worker/client';
import { awaitCard, showCard } from './cards.svelte';
import { answerOf, costs, listProtocols } from './cost.svelte';
import { session } from './session.svelte';
import type { Order } from './table.svelte';

/** Estimates of one link, in the order of the protocols. */
type Over = readonly Estimate[];

class Compare {
  order = $state.raw<Order | null>(null);
  /** Bars of one length each, or as long as what they show. */
  scaled = $state(false);
  tabled = $state(false);
  fault = $state.raw<Fault | null>(null);

  #here = $state.raw<{ score: Score; over: Over } | null>(null);
  #presets = $state.raw<{ score: Score; over: ReadonlyMap<string, Over> } | null>(null);

  /** Over the link of the page; nothing until the core has said. */
  get estimates(): Over {
    return this.#here?.score === session.score ? this.#here.over : [];
  }

  /** Over each preset, by its id. */
  get presets(): ReadonlyMap<string, Over> {
    return this.#presets?.score === session.score ? this.#presets.over : new Map();
  }

  acceptHere(score: Score, over: Over): void {
    this.#here = { score, over };
    this.fault = null;
  }

  acceptPresets(score: Score, over: ReadonlyMap<string, Over>): void {
    this.#presets = { score, over };
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
  void awaitCard(anchor, async (signal) => {
    const { estimate: now, rows } = answerOf(
      await core.call('cost', { source, set, settings }, { signal, brief: true }),
    );
    return { kind: 'cost', view: totalView(now, rows, figure, under) };
  });
}

/** Asks under each of the settings; a fault goes to the view, an overtaken answer nowhere. */
export function asker(
  fail: (fault: Fault) => void,
): (each: CostSettings[], accept: (score: Score, answers: Over[]) => void) => Promise<void> {
  let asking = new AbortController();
  return async (each, accept) => {
    const { score, source, set } = session;
    asking.abort();
    const { signal } = (asking = new AbortController());
    if (!score || !source) return;
    try {
      const reports = await core.call('costEach', { source, set, each }, { signal, brief: true });
      if (session.score === score && !signal.aborted)
        accept(
          score,
          reports.map(({ estimates }) => estimates),
        );
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code !== 'cancelled' && !signal.aborted) fail(error);
    }
  };
}

const fail = (fault: Fault): void => void (compare.fault = fault);
const askHere = asker(fail);
const askPresets = asker(fail);

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
    if (session.score && protocols.length > 0) {
      untrack(() => void askHere([settings], (score, [over = []]) => compare.acceptHere(score, over)));
    }
  });
  $effect(() => {
    const links = costs.links.map(({ id }) => id);
    const each = links.map((link) => overPreset(JSON.parse(fixed) as CostSettings, link));
    if (session.score && protocols.length > 0 && links.length > 0) {
      untrack(
        () =>
          void askPresets(each, (score, all) =>
            compare.acceptPresets(score, new Map(links.map((id, i) => [id, all[i] ?? []]))),
          ),
      );
    }
  });
}
