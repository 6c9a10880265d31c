/** Opens what stands behind a cell: a number's card, or the facts of its layer. */
import type { Score } from '../../contract/core';
import { askCard, showCard } from '../../app/cards.svelte';
import { session } from '../../app/session.svelte';
import { plannedCard } from '../../lib/planned';
import type { Column, CountColumn } from './columns';
import { rowsCard } from './local';

/** The card of what a plan made another number; null where it is the original's. */
function changed(
  column: CountColumn,
  title: string,
  of: (score: Score) => number | null,
  score: Score,
  rows: number[],
) {
  const [before, after] = [session.score && of(session.score), of(score)];
  if (before === null || after === null || before === after) return null;
  return plannedCard({ title: `${column.title} ${title}`, unit: column.title }, before, after, rows);
}

export function openCell(anchor: HTMLElement, score: Score, position: number, column: Column): void {
  const layer = score.layers[position];
  if (!layer) return;
  if (column.open) {
    column.open(anchor, layer);
    return;
  }
  const of = ({ layers }: Score): number | null => {
    const row = layers[position];
    return row && column.kind === 'count' ? column.value(row) : null;
  };
  const card = column.kind === 'count' ? changed(column, `of ${layer.name}`, of, score, [layer.index]) : null;
  if (card) {
    showCard(anchor, { kind: 'number', card });
    return;
  }
  const name = column.kind === 'count' && column.value(layer) !== null ? column.card(layer) : null;
  if (name !== null && session.source) {
    void askCard(anchor, { source: session.source, set: session.set }, layer.index, name);
  } else {
    showCard(anchor, { kind: 'layer', layer });
  }
}

/** The sum under a column: the core's card for the whole table, the page's own for a part of it. */
export function openSum(anchor: HTMLElement, score: Score, rows: readonly number[], column: Column): void {
  if (column.kind === 'text') return;
  const whole = rows.length === score.layers.length;
  if (whole && column.openTotal) {
    column.openTotal(anchor);
    return;
  }
  const card = whole ? changed(column, 'of all rows', column.total, score, rowsCard(score, rows, column).rows) : null;
  if (card) {
    showCard(anchor, { kind: 'number', card });
    return;
  }
  const name = whole ? column.totalCard(score) : null;
  if (name !== null && session.source) {
    void askCard(anchor, { source: session.source, set: session.set }, null, name);
  } else {
    showCard(anchor, { kind: 'number', card: rowsCard(score, rows, column) });
  }
}
