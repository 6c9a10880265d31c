/** Candidates of a sweep as columns: their places and their figures, appended as parts come in. */

export interface Part {
  readonly places: Float64Array;
  /** `width` figures of each, one candidate after the other. */
  readonly figures: Float64Array;
}

export class Candidates {
  readonly width: number;
  count = 0;
  places: Float64Array;
  /** A column each. */
  columns: Float64Array[];

  constructor(width: number, room = 4096) {
    this.width = width;
    this.places = new Float64Array(room);
    this.columns = Array.from({ length: width }, () => new Float64Array(room));
  }

  append({ places, figures }: Part): void {
    const { width, count } = this;
    const room = count + places.length;
    if (room > this.places.length) {
      const grown = (old: Float64Array): Float64Array => {
        const wider = new Float64Array(Math.max(room, 2 * old.length));
        wider.set(old);
        return wider;
      };
      this.places = grown(this.places);
      this.columns = this.columns.map(grown);
    }
    this.places.set(places, count);
    for (const [of, column] of this.columns.entries()) {
      for (let i = 0; i < places.length; i++) column[count + i] = figures[i * width + of] ?? Number.NaN;
    }
    this.count = room;
  }

  /** The figures of the candidate in a row. */
  figures(row: number): number[] {
    return this.columns.map((column) => column[row] ?? Number.NaN);
  }
}
