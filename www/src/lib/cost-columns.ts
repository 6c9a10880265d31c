/**
 * The costs of rows, looked up by the row's index. What the core does not know is null, never 0; a
 * layer that is not among the rows has no work, and is free.
 */
import type { CostTable, Status } from '../contract/core';

const STATUS: readonly Status[] = ['validated', 'measured', 'estimate', 'not-supported'];

export class CostColumns {
  readonly rows: number;
  #values: Float64Array;
  #starts: Map<string, number>;
  #positions: Map<number, number> | null = null;

  constructor({ fields, values }: Pick<CostTable, 'fields' | 'values'>) {
    this.rows = fields.length > 0 ? values.length / fields.length : 0;
    this.#values = values;
    this.#starts = new Map(fields.map((field, i) => [field, i * this.rows]));
  }

  /** The layer with this index has work to price. */
  has(index: number): boolean {
    return this.#position(index) !== undefined;
  }

  /** A number of the row with this index; null where there is no price or no such row. */
  value(field: string, index: number): number | null {
    const start = this.#starts.get(field);
    const position = this.#position(index);
    if (start === undefined || position === undefined) return null;
    const value = this.#values[start + position];
    return value === undefined || Number.isNaN(value) ? null : value;
  }

  status(index: number): Status | null {
    const code = this.value('status', index);
    return code === null ? null : (STATUS[code] ?? null);
  }

  /** Indices and values of the rows that add to a column, the dearest first. */
  dearest(field: string): { index: number; value: number }[] {
    const found: { index: number; value: number }[] = [];
    for (let position = 0; position < this.rows; position++) {
      const index = this.#at('index', position);
      const value = this.#at(field, position);
      if (value > 0) found.push({ index, value });
    }
    return found.sort((a, b) => b.value - a.value);
  }

  #at(field: string, position: number): number {
    return this.#values[(this.#starts.get(field) ?? Number.NaN) + position] ?? Number.NaN;
  }

  #position(index: number): number | undefined {
    // The rows of most models are numbered as they stand.
    if (this.#at('index', index) === index) return index;
    this.#positions ??= new Map(Array.from({ length: this.rows }, (_, at) => [this.#at('index', at), at]));
    return this.#positions.get(index);
  }
}
