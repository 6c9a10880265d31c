/**
 * Answers to what the page asks first, made by the core itself during the build (scripts/first.mjs). They are given before
 * the core is there, and are the core's own, so that nothing changes when it comes.
 */
import type { Bridge, Options } from './bridge';
import type { Verbs } from './protocol';

export interface Prepared {
  verb: string;
  ask: unknown;
  answer: unknown;
}

/** Lists that were typed arrays, with null for NaN. */
export function revived(_: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('float64' in value)) return value;
  return Float64Array.from((value.float64 as (number | null)[]).map((x) => x ?? Number.NaN));
}

/** A question as text; which copy of a source it names says nothing of the answer. */
const textOf = (verb: string, ask: unknown): string =>
  JSON.stringify([verb, ask], (key, value: unknown) => (key === 'key' ? undefined : value));

export class Answering {
  #bridge: Bridge;
  #answers: ReadonlyMap<string, unknown>;
  #asked = false;

  constructor(bridge: Bridge, prepared: readonly Prepared[]) {
    this.#bridge = bridge;
    this.#answers = new Map(prepared.map(({ verb, ask, answer }) => [textOf(verb, ask), answer]));
  }

  call<V extends keyof Verbs>(verb: V, ask: Verbs[V]['ask'], options: Options = {}): Promise<Verbs[V]['answer']> {
    const answer = this.#answers.get(textOf(verb, ask));
    if (answer !== undefined && !options.signal?.aborted) return Promise.resolve(answer as Verbs[V]['answer']);
    this.#asked = true;
    return this.#bridge.call(verb, ask, options);
  }

  /** Starts the core, unless a question has. */
  warm(): void {
    if (this.#asked) return;
    this.#asked = true;
    void this.#bridge.call('links', null).catch(() => {});
  }
}
