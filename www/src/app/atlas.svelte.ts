/** Whether counting ReLUs orders networks as bytes and seconds do: asked when a person wants to know, since it prices every example. */
import type { Atlas } from '../contract/core';
import { designers } from '../worker/design-client';
import { Bound } from './bound.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';
import { Work } from './work.svelte';

class Atlases {
  readonly work = new Work();
  /** A file on the page is among the networks: another one, or another size of it, is another answer. */
  readonly #answer = new Bound<{ atlas: Atlas; csv: string }, Scene>(() => (this.withFile ? session.scene : null));

  /** The model on the page is none of the examples: it is priced with them. */
  get withFile(): boolean {
    return session.source?.kind === 'files';
  }

  get answer(): { atlas: Atlas; csv: string } | null {
    return this.#answer.value;
  }

  draw(): Promise<void> {
    const { source, set } = session;
    const of = this.withFile ? session.scene : null;
    return this.work.do('Pricing every network', async (step, signal) => {
      const options = step('Building the networks', '');
      const answer = await designers.call('atlas', source?.kind === 'files' ? { source, set } : null, options);
      if (!signal.aborted) this.#answer.hold(answer, of);
    });
  }
}

export const atlases = new Atlases();
