/**
 * The model on the page: its score, its settings, and the work under way. A fault or a cancel
 * leaves the last good score as it is. Panels read; only the methods here write.
 */
import type { Fault, Score, Settings } from '../lib/types';
import { isFault } from '../lib/types';
import type { Source } from '../worker/client';
import { core } from '../worker/client';
import { closeCard } from './cards.svelte';
import { table } from './table.svelte';

export interface Work {
  what: string;
  done: number;
  total: number;
}

let keys = 0;

class Session {
  /** The last good score; raw, because 100,000 rows need no proxy each. */
  score = $state.raw<Score | null>(null);
  /** Where the score's model comes from. */
  source = $state.raw<Source | null>(null);
  /** What the person set, as applied to the score. */
  set = $state.raw<Settings>({});
  /** Bytes of the core's memory after the last score. */
  memory = $state.raw(0);
  work = $state.raw<Work | null>(null);
  fault = $state.raw<{ doing: string; fault: Fault } | null>(null);

  #running: AbortController | null = null;

  openFiles(files: readonly File[]): Promise<void> {
    const [first] = files;
    if (!first) return Promise.resolve();
    const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
    return this.#run(`Reading ${first.name}${more}`, { kind: 'files', key: ++keys, files }, {});
  }

  openExample(id: string): Promise<void> {
    return this.#run(`Opening ${id}`, { kind: 'example', key: ++keys, id }, {});
  }

  /** A model that lies beside the page. */
  async openBeside(name: string): Promise<void> {
    try {
      const answer = await fetch(new URL(`examples/${name}`, document.baseURI));
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      return await this.openFiles([new File([await answer.blob()], name)]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'no answer';
      this.fault = {
        doing: `Opening ${name}`,
        fault: {
          code: 'io',
          message: `The example could not be fetched: ${reason}.`,
          place: { file: name },
          hint: 'Check that the page is still being served, then choose the example again.',
        },
      };
    }
  }

  /** Sets an input's shape or a symbol's value; an empty text takes the setting back. */
  apply(name: string, value: string): Promise<void> {
    const { [name]: _, ...rest } = this.set;
    return this.#rescore(value === '' ? rest : { ...rest, [name]: value });
  }

  reset(): Promise<void> {
    return this.#rescore({});
  }

  dismiss(): void {
    this.fault = null;
  }

  cancel(): void {
    this.#running?.abort();
  }

  #rescore(set: Settings): Promise<void> {
    return this.source ? this.#run('Counting', this.source, set) : Promise.resolve();
  }

  async #run(what: string, source: Source, set: Settings): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    this.work = { what, done: 0, total: 0 };
    this.fault = null;
    try {
      const { score, memory } = await core.call('score', { source, set }, {
        signal: controller.signal,
        progress: (done, total) => {
          this.work = { what, done, total };
        },
      });
      closeCard();
      if (source !== this.source) table.reset();
      Object.assign(this, { score, memory, source, set });
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code !== 'cancelled') this.fault = { doing: what, fault: error };
    } finally {
      // A later run has its own work to show.
      if (this.#running === controller) {
        this.#running = null;
        this.work = null;
      }
    }
  }
}

export const session = new Session();
