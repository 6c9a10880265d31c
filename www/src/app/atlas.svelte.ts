/** Whether counting ReLUs orders networks as bytes and seconds do: asked when a person wants to know, since it prices every example. */
import type { Atlas } from '../contract/core';
import { designers } from '../worker/design-client';
import { session } from './session.svelte';
import { Work } from './work.svelte';

class Atlases {
  readonly work = new Work();
  answer = $state.raw<{ atlas: Atlas; csv: string } | null>(null);

  draw(): Promise<void> {
    const { source, set } = session;
    return this.work.do('Pricing every network', async (step, signal) => {
      const options = step('Building the networks', '');
      const answer = await designers.call('atlas', source?.kind === 'files' ? { source, set } : null, options);
      if (!signal.aborted) this.answer = answer;
    });
  }
}

export const atlases = new Atlases();
