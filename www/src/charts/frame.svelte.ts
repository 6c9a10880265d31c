/** How wide a chart may be, as the observer says it: to ask would lay the page out while it is being made. */
export class Frame {
  /** Bound to the element (`bind:contentRect`). */
  box = $state.raw<DOMRectReadOnly>();
  readonly #first: number;

  /** `first` is its width until it is seen, in pixels. */
  constructor(first: number) {
    this.#first = first;
  }

  get width(): number {
    return this.box ? Math.round(this.box.width) : this.#first;
  }
}
