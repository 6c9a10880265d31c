/**
 * A line between two parties: what is sent arrives in order, after the time that it takes on a link, as links are priced:
 * both ways one after the other, and a round trip for each round, which is the client's message's. It is stopped by allowing
 * no more rounds, and stepped by allowing one more. What is no part of an inference as it is priced (sharing, opening) takes
 * no time.
 */

import type { Pace } from '../lib/live';
import { AT_ONCE, secondsOn } from '../lib/live';

/** What the line must know of a message. */
interface Sent {
  from: 'client' | 'server' | 'dealer';
  online: boolean;
  bytes: { readonly byteLength: number };
}

export class Line<M extends Sent> {
  pace: Pace = AT_ONCE;
  /** Rounds that may be carried, of all; and since when. */
  #rounds = { allowed: Number.POSITIVE_INFINITY, since: 0 };
  readonly #queue: { message: M; since: number }[] = [];
  readonly #carried = { client: 0, server: 0, dealer: 0 };
  /** Since when it carries nothing. */
  #free = 0;

  /** Times are seconds of one clock. */
  put(message: M, now: number): void {
    this.#queue.push({ message, since: now });
  }

  allow(rounds: number, now: number): void {
    this.#rounds = { allowed: rounds, since: now };
  }

  /** Rounds that were carried. */
  get rounds(): number {
    return this.#carried.client;
  }

  /** Messages that wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** The first one may not go on. */
  get held(): boolean {
    const first = this.#queue[0]?.message;
    return first !== undefined && first.online && this.#carried[first.from] >= this.#rounds.allowed;
  }

  /** What has arrived by now, and when the next one does; null where none is under way. */
  take(now: number): { arrived: M[]; next: number | null } {
    const arrived: M[] = [];
    for (let first = this.#queue[0]; first && !this.held; first = this.#queue[0]) {
      const { message, since } = first;
      const due = Math.max(this.#free, since, this.#rounds.since) + this.#seconds(message);
      if (due > now) return { arrived, next: due };
      this.#free = due;
      if (message.online) this.#carried[message.from] += 1;
      arrived.push(message);
      this.#queue.shift();
    }
    return { arrived, next: null };
  }

  #seconds({ from, online, bytes: { byteLength } }: M): number {
    if (!online) return 0;
    return from === 'client' ? secondsOn(this.pace, [byteLength, 0], 1) : secondsOn(this.pace, [0, byteLength], 0);
  }
}
