/** The plan that a link brought: for the link's own model, and for the file that it is of, once that is opened. */
import type { Wish } from '../../lib/replace';
import type { Source } from '../../worker/client';
import { Bound } from '../bound.svelte';
import { session } from '../session.svelte';

interface Brought {
  /** Of the model that it was made for. */
  hash: string;
  wish: Wish;
  /** The plan file, where the link was long enough for it. */
  file: string | null;
}

class Linked {
  readonly #file = new Bound<string | null, Source>(() => session.source);
  #brought: Brought | null = null;

  /** While the link's own model is on the page. */
  get file(): string | null {
    return this.#file.value;
  }

  /** With the model of the link on the page. */
  bring(wish: Wish, file: string | null): void {
    this.#brought = { hash: session.score?.model.hash ?? '', wish, file };
    this.#file.hold(file);
  }

  /** What was made for this very model. */
  of(hash: string): Brought | null {
    return this.#brought?.hash === hash ? this.#brought : null;
  }
}

export const linked = new Linked();
