/** A value of something on the page, such as an answer of its model: when that goes, so does the value. */
export class Bound<T, S> {
  readonly #now: () => S | null;
  #held = $state.raw<{ of: S | null; value: T } | null>(null);

  /** `now` says what is on the page. */
  constructor(now: () => S | null) {
    this.#now = now;
  }

  get value(): T | null {
    return this.#held?.of === this.#now() ? this.#held.value : null;
  }

  /** A value of what is on the page now, or of what it says it is of. */
  hold(value: T, of: S | null = this.#now()): void {
    this.#held = { of, value };
  }

  clear(): void {
    this.#held = null;
  }
}
