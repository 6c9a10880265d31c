/**
 * Answers to what the page asks first, made by the core itself during the build (scripts/first.mjs). They are given before
 * the core is there, and are the core's own, so that nothing changes when it comes.
 */
import type { Bridge, Options } from './bridge';
import type { Verbs } from './protocol';

export interface Prepared {
  verb: string;
  ask: unknown;
  /** As JSON: most of it is read by the first who asks, and not while the page starts. */
  answer: string;
}

/** Lists that were typed arrays, with null for NaN. */
function revived(_: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || !('float64' in value)) return value;
  return Float64Array.from((value.float64 as (number | null)[]).map((x) => x ?? Number.NaN));
}

/** To look at every value costs ten times the reading: only where there is such a list. */
const read = (text: string): unknown => JSON.parse(text, text.includes('"float64"') ? revived : undefined);

/** A question as text; which copy of a source it names says nothing of the answer. */
const textOf = (verb: string, ask: unknown): string =>
  JSON.stringify([verb, ask], (key, value: unknown) => (key === 'key' ? undefined : value));

export class Answering {
  #bridge: Bridge;
  #texts: ReadonlyMap<string, string>;
  #answers = new Map<string, unknown>();
  #asked = false;

  constructor(bridge: Bridge, prepared: readonly Prepared[]) {
    this.#bridge = bridge;
    this.#texts = new Map(prepared.map(({ verb, ask, answer }) => [textOf(verb, ask), answer]));
  }

  call<V extends keyof Verbs>(verb: V, ask: Verbs[V]['ask'], options: Options = {}): Promise<Verbs[V]['answer']> {
    const question = textOf(verb, ask);
    const text = this.#texts.get(question);
    if (text !== undefined && !options.signal?.aborted) {
      if (!this.#answers.has(question)) this.#answers.set(question, read(text));
      return Promise.resolve(this.#answers.get(question) as Verbs[V]['answer']);
    }
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
