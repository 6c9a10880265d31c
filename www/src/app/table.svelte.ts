/** What the layer table shows: filter, order, columns. Shared, because cards can filter it. */

export interface Picked {
  label: string;
  /** By their `index`. */
  rows: ReadonlySet<number>;
}

export interface Order {
  column: string;
  down: boolean;
}

class Table {
  query = $state('');
  /** Rows that a card asked to see. */
  picked = $state.raw<Picked | null>(null);
  /** null: graph order. */
  order = $state.raw<Order | null>(null);
  /** Columns switched on or off by the person; others follow their default. */
  columns = $state.raw<Readonly<Record<string, boolean>>>({});

  /** A new model: its rows are others, the person's columns stay. */
  reset(): void {
    this.query = '';
    this.picked = null;
    this.order = null;
  }

  pick(label: string, rows: Iterable<number>): void {
    this.query = '';
    this.picked = { label, rows: new Set(rows) };
  }

  /** Downwards first (the dearest row on top), then upwards, then graph order. */
  sort(column: string): void {
    if (this.order?.column !== column) this.order = { column, down: true };
    else this.order = this.order.down ? { column, down: false } : null;
  }

  show(column: string, on: boolean): void {
    this.columns = { ...this.columns, [column]: on };
  }
}

export const table = new Table();
