/**
 * What single changes to layers do, under every protocol. Asked protocol by protocol, so that the
 * chosen one answers first and a large network does not hold up the page; only the newest question counts.
 */
import type { Advice, Change, CostSettings, Effect, Estimate } from '../contract/core';
import { untrack } from 'svelte';
import { underOf } from '../lib/cost-view';
import type { Fault } from '../lib/types';
import { CHANGES } from '../lib/what-if';
import { core } from '../worker/client';
import { protocolIds } from './compare.svelte';
import { costs, listProtocols } from './cost.svelte';
import { Question } from './question.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';

export interface Under {
  effects: readonly Effect[];
  /** Of the network with what is in force. */
  before: Estimate;
}

const NONE: ReadonlyMap<string, Under> = new Map();

class WhatIfs {
  /** null: the first that the network allows. */
  chosen = $state<Change | null>(null);
  /** Of the layer that is shown under every protocol; null: the largest. */
  layer = $state<number | null>(null);
  readonly #question = new Question<ReadonlyMap<string, Under>, Scene>(() => session.scene);

  readonly #advice = new Question<Advice, Scene>(() => session.scene);

  /** What stands in the way under the page's protocol, and what to do; null until the core has said. */
  get advice(): Advice | null {
    return this.#advice.answer;
  }

  /** By the protocol's id, as far as the answers are here. */
  get under(): ReadonlyMap<string, Under> {
    return this.#question.answer ?? NONE;
  }

  get fault(): Fault | null {
    return this.#question.fault ?? this.#advice.fault;
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

  /** Asks protocol by protocol; what is known so far is on screen. */
  ask(all: CostSettings, protocols: readonly string[]): void {
    void this.#question.ask(async ({ source, set }, asking, soFar) => {
      const under = new Map<string, Under>();
      for (const protocol of protocols) {
        const settings = { ...all, protocols: [protocol] };
        // Both of the network with what is in force: the one is a part of the other.
        const [report] = await core.call('costEach', { source, set, each: [settings] }, asking);
        const { protocols: answers } = await core.call('whatIf', { source, set, settings }, asking);
        const [before] = report?.estimates ?? [];
        if (before) under.set(protocol, { before, effects: answers[0]?.effects ?? [] });
        soFar(new Map(under));
      }
      return under;
    });
  }

  askAdvice(settings: CostSettings): void {
    void this.#advice.ask(({ source, set }, asking) => core.call('advice', { source, set, settings }, asking));
  }
}

export const whatIf = new WhatIfs();

export const underText = (before: Estimate): string => underOf(before, costs.profileOf(before.protocol));

/** Keeps the effects current while they are on the page; call inside a component. */
export function watchWhatIf(): void {
  void listProtocols();
  let protocols = $derived(protocolIds());
  // The protocol that is chosen changes nothing of the answers, only which comes first.
  let fixed = $derived(JSON.stringify({ ...costs.settings, protocols }));
  $effect(() => {
    const { settings } = costs;
    if (session.scene) whatIf.askAdvice(settings);
  });
  $effect(() => {
    const settings = JSON.parse(fixed) as CostSettings & { protocols: string[] };
    if (!session.scene || settings.protocols.length === 0) return;
    const first = untrack(() => costs.protocol);
    whatIf.ask(settings, [first, ...settings.protocols.filter((id) => id !== first)]);
  });
}
