/** What one channel more costs, of the model on the page or of the network that is designed: which layers to widen or narrow. */
import type { CostSettings, Gradient } from '../contract/core';
import type { Fault } from '../lib/types';
import type { Named } from '../worker/design-client';
import { designers } from '../worker/design-client';
import { Question } from './question.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';

const OTHERS = ['delphi:server-garbler', 'semi2k'];

class Gradients {
  /** The designed network instead of the model on the page. */
  designed = $state(false);
  /** A protocol beside the page's; null: none; undefined: one that counts other things dear. */
  other = $state<string | null>();
  readonly #question = new Question<Gradient, Scene>(() => session.scene);

  /** The one beside the page's, of those that there are. */
  otherOf(others: readonly string[]): string | null {
    const chosen = this.other === undefined ? OTHERS.find((id) => others.includes(id)) : this.other;
    return chosen != null && others.includes(chosen) ? chosen : null;
  }

  get answer(): Gradient | null {
    return this.#question.answer;
  }

  get fault(): Fault | null {
    return this.#question.fault;
  }

  ask(of: Named | null, settings: CostSettings): void {
    void this.#question.ask(({ source, set }, asking) =>
      designers.call('gradient', { of: of ? { ...of } : { source, set }, settings }, asking),
    );
  }
}

export const gradients = new Gradients();
