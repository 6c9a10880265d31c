/** Which stages need their ReLUs, measured on the model on the page by running it; the order feeds the equaliser. */
import type { Criticality } from '../contract/core';
import { runner } from '../worker/run-client';
import { Bound } from './bound.svelte';
import { bench } from './replace/bench.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';
import { Work } from './work.svelte';

class Critical {
  readonly work = new Work();
  /** How much a stage's ReLUs count against it: 0 is the accuracy that it brings. */
  weight = $state(0);
  readonly #result = new Bound<Criticality, Scene>(() => session.scene);

  get result(): Criticality | null {
    return this.#result.value;
  }

  measure(): Promise<void> {
    const { scene } = session;
    const { ask } = bench;
    const { weight } = this;
    return this.work.do('Measuring criticality', async (step, signal) => {
      if (!scene || !ask) return;
      const options = step('Running the model, a stage at a time', 'samples');
      const result = await runner.call('criticality', { bench: ask, weight }, options);
      if (!signal.aborted) this.#result.hold(result, scene);
    });
  }
}

export const critical = new Critical();

/** Stages by their numbers, the most critical first, as the equaliser takes them; the stem is none. */
export function orderOf({ stages, order }: Criticality): number[] {
  const numbered = stages.map(({ name }) => name).filter((name) => name !== 'stem');
  return order.flatMap((name) => {
    const place = numbered.indexOf(name);
    return place < 0 ? [] : [place + 1];
  });
}
