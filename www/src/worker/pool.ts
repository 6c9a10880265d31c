/** Workers for work that splits into parts: each takes one after the other, and stopping stops all. */
import type { Channel, Options } from './bridge';
import { Bridge } from './bridge';
import type { Table } from './protocol';

export class Pool<T extends Table<T>> {
  readonly #members: readonly Bridge<T>[];
  /** Those that nobody has to itself, the first last. */
  readonly #free: Bridge<T>[];
  readonly #waiting: ((member: Bridge<T>) => void)[] = [];

  /** `size` workers; none is started before it has something to do. */
  constructor(spawn: () => Channel, size: number) {
    this.#members = Array.from({ length: Math.max(1, size) }, () => new Bridge<T>(spawn));
    this.#free = this.#members.toReversed();
  }

  get size(): number {
    return this.#members.length;
  }

  /** One question, to the first. */
  call<V extends keyof T & string>(verb: V, ask: T[V]['ask'], options: Options = {}): Promise<T[V]['answer']> {
    const [first] = this.#members;
    if (!first) throw new Error('a pool has a member');
    return first.call(verb, ask, options);
  }

  /** A member to itself for as long as some work takes; who comes when all are taken waits for the next. */
  async lend<R>(work: (member: Bridge<T>) => Promise<R>): Promise<R> {
    const member = this.#free.pop() ?? (await new Promise<Bridge<T>>((take) => this.#waiting.push(take)));
    try {
      return await work(member);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(member);
      else this.#free.push(member);
    }
  }

  /**
   * Many questions, each to the next member that is free; `take` is given their answers as they come, in whatever order.
   * The first fault ends it. A member that somebody has to itself is not waited for once the others have done all.
   * Progress is in questions.
   */
  async share<V extends keyof T & string>(
    verb: V,
    asks: readonly T[V]['ask'][],
    take: (answer: T[V]['answer'], place: number) => void,
    { progress, ...options }: Options = {},
  ): Promise<void> {
    const waiting = asks.entries();
    let [done, ended] = [0, false];
    let finish = (): void => {};
    const whole = new Promise<void>((resolve) => (finish = resolve));
    const work = async (member: Bridge<T>): Promise<void> => {
      for (const [place, ask] of waiting) {
        if (ended) return;
        take(await member.call(verb, ask, options), place);
        progress?.(++done, asks.length);
        if (done === asks.length) finish();
      }
    };
    try {
      await Promise.race([whole, Promise.all(this.#members.map(() => this.lend(work)))]);
    } finally {
      ended = true;
    }
  }
}
