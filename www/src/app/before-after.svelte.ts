/** What the plan in force saves or costs under every protocol. Every change asks anew; only the newest answer counts. */
import { untrack } from 'svelte';
import type { Change } from '../lib/replace-view';
import { changeOf, sortedChanges } from '../lib/replace-view';
import type { Fault, Score } from '../lib/types';
import { asker, protocolIds } from './compare.svelte';
import { costs, listProtocols } from './cost.svelte';
import { session } from './session.svelte';

class BeforeAfter {
  fault = $state.raw<Fault | null>(null);
  #answer = $state.raw<{ score: Score; changes: readonly Change[] } | null>(null);

  /** The chosen protocol first; nothing without a plan. */
  changes = $derived(
    this.#answer?.score === session.score && costs.replaced ? sortedChanges(this.#answer.changes, costs.protocol) : [],
  );

  accept(score: Score, changes: readonly Change[]): void {
    this.#answer = { score, changes };
    this.fault = null;
  }
}

export const beforeAfter = new BeforeAfter();

/** Call inside a component. */
export function watchBeforeAfter(): void {
  void listProtocols();
  const ask = asker((fault) => (beforeAfter.fault = fault));
  $effect(() => {
    const { terms, replaced } = costs;
    const protocols = protocolIds();
    if (!session.score || !replaced || protocols.length === 0) return;
    const each = [
      { ...terms, protocols },
      { ...terms, protocols, replaced },
    ];
    untrack(
      () =>
        void ask(each, (score, [before = [], after = []]) =>
          beforeAfter.accept(
            score,
            before.flatMap((estimate) => {
              const other = after.find(({ protocol }) => protocol === estimate.protocol);
              return other ? [changeOf(estimate, other)] : [];
            }),
          ),
        ),
    );
  });
}
