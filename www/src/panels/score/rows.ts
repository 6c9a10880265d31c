/** Which rows the table shows, in which order, and what they add up to. Positions are those in `layers`. */
import type { Layer } from '../../contract/core';
import type { Order, Picked } from '../../app/table.svelte';
import type { Column, CountColumn } from './columns';
import { notes } from './columns';

/** One lower-case line per row for the filter to look through. */
export function searchable(layers: readonly Layer[]): string[] {
  return layers.map((layer) =>
    [layer.name, layer.op, layer.stage, layer.activation?.kind, layer.status, layer.output, notes(layer)]
      .filter(Boolean)
      .join('\n')
      .toLowerCase(),
  );
}

/** Every word of the query must occur; the rows of a card come first. */
export function filtered(
  layers: readonly Layer[],
  lines: readonly string[],
  query: string,
  picked: Picked | null,
): number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const rows: number[] = [];
  layers.forEach((layer, position) => {
    if (picked && !picked.rows.has(layer.index)) return;
    if (words.every((word) => lines[position]?.includes(word))) rows.push(position);
  });
  return rows;
}

/** Stable; an unknown number ranks above every known one, so that it is seen. */
export function sorted(
  rows: readonly number[],
  layers: readonly Layer[],
  column: Column | undefined,
  order: Order | null,
): readonly number[] {
  if (!order || !column) return rows;
  const sign = order.down ? -1 : 1;
  if (column.kind === 'text') {
    const keys = layers.map(column.text);
    const text = new Intl.Collator('en', { numeric: true });
    // Text reads from A; "down" for text means A first.
    return rows.toSorted((a, b) => -sign * text.compare(keys[a] ?? '', keys[b] ?? ''));
  }
  const keys = layers.map((layer) => column.value(layer) ?? Infinity);
  const rank = (position: number): number => keys[position] ?? 0;
  return rows.toSorted((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x === y ? 0 : x < y ? -sign : sign;
  });
}

export function sum(column: CountColumn, rows: readonly number[], layers: readonly Layer[]): number {
  return rows.reduce((total, position) => {
    const layer = layers[position];
    if (!layer) return total;
    return total + (column.adds ? column.adds(layer) : (column.value(layer) ?? 0));
  }, 0);
}

/** The rows in sight of a list of equally high rows, some more on both sides. */
export function inSight(
  scrolled: number,
  height: number,
  row: number,
  count: number,
  more = 8,
): { from: number; to: number } {
  const from = Math.max(0, Math.floor(scrolled / row) - more);
  const to = Math.min(count, Math.ceil((scrolled + height) / row) + more);
  return { from: Math.min(from, to), to };
}
