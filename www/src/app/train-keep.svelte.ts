/** Whether what is trained is kept in this browser: one tab keeps, storage may refuse, a person may have said no. */
import { sign } from './kept/sign.svelte';

const whyNot = (error: unknown): string =>
  error instanceof DOMException && error.name === 'QuotaExceededError'
    ? 'the browser gives the page no more room'
    : 'the browser does not let the page keep anything';

export class Keeping {
  /** Why nothing is kept. */
  refused = $state('');
  /** Holds what is kept; another tab may. */
  #mine: Promise<boolean> | null = null;

  /** One tab keeps: the first that has something to keep, as long as it lives. */
  #claim(): Promise<boolean> {
    return (this.#mine ??= new Promise((done) => {
      if (!('locks' in navigator)) return done(true);
      void navigator.locks.request('reluctant.training', { ifAvailable: true }, (lock) => {
        done(lock !== null);
        return lock && new Promise(() => {});
      });
    }));
  }

  /** Writes, where this tab may; what refuses is said and stops nothing. */
  async write(keep: () => Promise<void>): Promise<void> {
    if (sign.paused) return;
    try {
      if (!(await this.#claim())) {
        this.refused = 'another tab trains and keeps its own';
        return;
      }
      // Forgotten meanwhile.
      if (sign.paused) return;
      await keep();
      this.refused = '';
    } catch (error) {
      this.refused = whyNot(error);
    }
  }

  /** Reads; null where nothing is there, or storage refuses. */
  read<T>(find: () => Promise<T | null>): Promise<T | null> {
    return find().catch((error: unknown) => {
      this.refused = whyNot(error);
      return null;
    });
  }
}
