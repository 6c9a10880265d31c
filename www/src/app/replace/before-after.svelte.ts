/** What the plan in force saves or costs under every protocol. Every change asks anew; only the newest answer counts. */
import type { CostSettings } from '../../contract/core';
import type { Change } from '../../lib/replace-view';
import { changeOf, sortedChanges } from '../../lib/replace-view';
import type { Fault } from '../../lib/types';
import { estimatesOf, protocolIds } from '../compare.svelte';
import { costs, listProtocols } from '../cost.svelte';
import { Question } from '../question.svelte';
import type { Scene } from '../session.svelte';
import { session } from '../session.svelte';

class BeforeAfter {
  readonly #question = new Question<readonly Change[], Scene>(() => session.scene);

  /** The chosen protocol first; nothing without a plan. */
  changes = $derived(
    this.#question.answer && costs.replaced ? sortedChanges(this.#question.answer, costs.protocol) : [],
  );

  get fault(): Fault | null {
    return this.#question.fault;
  }

  ask(before: CostSettings, after: CostSettings): void {
    void this.#question.ask(async (scene, asking) => {
      const [were = [], are = []] = await estimatesOf(scene, [before, after], asking);
      return were.flatMap((estimate) => {
        const other = are.find(({ protocol }) => protocol === estimate.protocol);
        return other ? [changeOf(estimate, other)] : [];
      });
    });
  }
}

export const beforeAfter = new BeforeAfter();

/** Call inside a component. */
export function watchBeforeAfter(): void {
  void listProtocols();
  $effect(() => {
    const { terms, replaced } = costs;
    const protocols = protocolIds();
    if (!session.scene || !replaced || protocols.length === 0) return;
    beforeAfter.ask({ ...terms, protocols }, { ...terms, protocols, replaced });
  });
}
