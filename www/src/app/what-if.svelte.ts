/**
 * What single changes to layers do, under every protocol. Asked protocol by protocol, so that the
 * chosen one answers first and a large network does not hold up the page; only the newest question counts.
 */
import { untrack } from 'svelte';
import type { Estimate, Terms } from '../lib/cost';
import { underOf } from '../lib/cost-view';
import type { Fault, Score } from '../lib/types';
import { isFault } from '../lib/types';
import type { Change, Effect } from '../lib/what-if';
import { CHANGES } from '../lib/what-if';
import { core } from '../worker/client';
import { costs, listProtocols } from './cost.svelte';
import { session } from './session.svelte';

export interface Under {
  effects: readonly Effect[];
  /** Of the network as it is. */
  before: Estimate;
}

class WhatIfs {
  /** null: the first that the network allows. */
  chosen = $state<Change | null>(null);
  /** Of the layer that is shown under every protocol; null: the largest. */
  layer = $state<number | null>(null);
  fault = $state.raw<Fault | null>(null);
  #answers = $state.raw<{ score: Score; under: ReadonlyMap<string, Under> } | null>(null);

  get under(): ReadonlyMap<string, Under> {
    return this.#answers?.score === session.score ? this.#answers.under : new Map();
  }

  /** Changes that some layer allows. */
  changes = $derived.by(() => {
    const [first] = this.under.values();
    return CHANGES.filter((change) => first?.effects.some((effect) => effect.change === change));
  });

  change = $derived(this.chosen !== null && this.changes.includes(this.chosen) ? this.chosen : this.changes[0]);

  /** The effects of the change that is shown, under a protocol. */
  effectsOf(protocol: string): readonly Effect[] {
    return this.under.get(protocol)?.effects.filter(({ change }) => change === this.change) ?? [];
  }

  accept(score: Score, under: ReadonlyMap<string, Under>): void {
    this.#answers = { score, under };
    this.fault = null;
  }
}

export const whatIf = new WhatIfs();

export const underText = (before: Estimate): string => underOf(before, costs.profileOf(before.protocol));

let asking = new AbortController();

async function ask(all: Terms, protocols: readonly string[]): Promise<void> {
  const { score, source, set } = session;
  asking.abort();
  const { signal } = (asking = new AbortController());
  if (!score || !source) return;
  const under = new Map<string, Under>();
  try {
    for (const protocol of protocols) {
      const terms = { ...all, protocols: [protocol] };
      const options = { signal, brief: true };
      // Both of the network as it is in the file: the one is a part of the other.
      const [report] = await core.call('costEach', { source, set, each: [terms] }, options);
      const { protocols: answers } = await core.call('whatIf', { source, set, terms }, options);
      const [before] = report?.estimates ?? [];
      if (signal.aborted || session.score !== score) return;
      if (before) under.set(protocol, { before, effects: answers[0]?.effects ?? [] });
      whatIf.accept(score, new Map(under));
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    if (error.code !== 'cancelled' && !signal.aborted) whatIf.fault = error;
  }
}

/** Keeps the effects current while they are on the page; call inside a component. */
export function watchWhatIf(): void {
  void listProtocols();
  let protocols = $derived(
    costs.protocols.map((protocol) => (protocol === costs.profile ? costs.protocol : protocol.id)),
  );
  // The protocol that is chosen changes nothing of the answers, only which comes first.
  let fixed = $derived(JSON.stringify({ ...costs.terms, protocols }));
  $effect(() => {
    const terms = JSON.parse(fixed) as Terms;
    if (session.score && terms.protocols.length > 0) {
      untrack(() => {
        const first = costs.protocol;
        void ask(terms, [first, ...terms.protocols.filter((id) => id !== first)]);
      });
    }
  });
}
