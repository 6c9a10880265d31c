/** Workers for work that splits into parts: each part goes to one of its own, and stopping stops all. */
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

  /** A question to each, answers in their order; progress is that of all. */
  async each<V extends keyof T & string>(
    verb: V,
    ask: (place: number, of: number) => T[V]['ask'],
    { progress, ...options }: Options = {},
  ): Promise<T[V]['answer'][]> {
    const parts = this.#members.map(() => ({ done: 0, total: 0 }));
    const tell = (place: number, done: number, total: number): void => {
      parts[place] = { done, total };
      const sum = (of: 'done' | 'total'): number => parts.reduce((all, part) => all + part[of], 0);
      progress?.(sum('done'), sum('total'));
    };
    return Promise.all(
      this.#members.map((member, place) =>
        member.call(verb, ask(place, this.size), { ...options, progress: (now, total) => tell(place, now, total) }),
      ),
    );
  }
}
