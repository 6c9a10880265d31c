/**
 * A question that is asked anew whenever its settings change. The newest one wins: an answer that was overtaken
 * counts nowhere, whatever order answers come in. An answer is of the scene that it was asked of, the model under its
 * settings, and goes with that. A fault leaves the last good answer, and the next good answer takes the fault away.
 */
import { untrack } from 'svelte';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import { Bound } from './bound.svelte';

/** What a call to a worker is given: dropped while it waits, and let finish once it runs. */
export interface Asking {
  readonly signal: AbortSignal;
  readonly brief: true;
}

/** How a question ended; null where a newer one, a cancel or another scene overtook it. */
export type Ended<T> = { answer: T } | { fault: Fault } | null;

/** The scene of questions that no model answers. */
export const anywhere = (): true => true;

/** One at a time: the next turn, or `end`, aborts the one before. */
export class Turns {
  #last: AbortController | null = null;

  next(): AbortSignal {
    this.end();
    return (this.#last = new AbortController()).signal;
  }

  end(): void {
    this.#last?.abort();
  }
}

export class Question<T, S = true> {
  readonly #scene: () => S | null;
  readonly #answer: Bound<T, S>;
  readonly #fault: Bound<Fault, S>;
  readonly #turns = new Turns();
  #waiting = $state(false);

  /** `scene` says what is on the page; values are compared by identity. */
  constructor(scene: () => S | null) {
    this.#scene = scene;
    this.#answer = new Bound(scene);
    this.#fault = new Bound(scene);
  }

  /** The last good answer of what is on the page. */
  get answer(): T | null {
    return this.#answer.value;
  }

  /** Why the last question about what is on the page has no answer. */
  get fault(): Fault | null {
    return this.#fault.value;
  }

  get waiting(): boolean {
    return this.#waiting;
  }

  /**
   * Asks, in place of what is under way; nothing without a scene. `call` may say more than once what is known
   * so far. Reads no state for the effect that it is called in. Throws what is no `Fault`.
   */
  ask(call: (scene: S, asking: Asking, soFar: (answer: T) => void) => Promise<T>): Promise<Ended<T>> {
    return untrack(() => this.#ask(call));
  }

  async #ask(call: (scene: S, asking: Asking, soFar: (answer: T) => void) => Promise<T>): Promise<Ended<T>> {
    const signal = this.#turns.next();
    const scene = this.#scene();
    this.#waiting = scene !== null;
    if (scene === null) return null;
    const counts = (): boolean => !signal.aborted && this.#scene() === scene;
    try {
      const answer = await call(scene, { signal, brief: true }, (known) => void (counts() && this.accept(known)));
      if (!counts()) return null;
      this.accept(answer);
      return { answer };
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code === 'cancelled' || !counts()) return null;
      this.#fault.hold(error);
      return { fault: error };
    } finally {
      if (!signal.aborted) this.#waiting = false;
    }
  }

  /** An answer about what is on the page that comes from elsewhere. */
  accept(answer: T): void {
    this.#answer.hold(answer);
    this.#fault.clear();
  }

  /** What the page itself knows of a change, until the next answer. */
  amend(change: (answer: T) => T): void {
    const { answer } = this;
    if (answer !== null) this.#answer.hold(change(answer));
  }

  /** Drops what is under way; the last answer stays. */
  cancel(): void {
    this.#turns.end();
    this.#waiting = false;
  }

  /** As before the first question. */
  clear(): void {
    this.cancel();
    this.#answer.clear();
    this.#fault.clear();
  }
}
