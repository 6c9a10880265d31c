/** Cards of sums that the page makes itself: a stage, several kinds at once, the rows of a filter. */
import type { Card, Layer, Score, Stage } from '../../contract/core';
import { exact } from '../../lib/format';
import type { CountColumn } from './columns';
import { shownText } from './columns';

/** Terms that a card writes out. */
const SHOWN = 6;

const contribution = (column: CountColumn, layer: Layer): number =>
  column.adds ? column.adds(layer) : (column.value(layer) ?? 0);

function sumCard(
  title: string,
  unit: string,
  formula: string,
  column: CountColumn,
  layers: readonly Layer[],
  among: (layer: Layer, position: number) => boolean,
): Card {
  const rows: number[] = [];
  const shown: string[] = [];
  let value = 0;
  layers.forEach((layer, position) => {
    const adds = contribution(column, layer);
    if (adds === 0 || !among(layer, position)) return;
    rows.push(layer.index);
    if (shown.length < SHOWN) shown.push(shownText(column, adds));
    value += adds;
  });
  const rest = rows.length > shown.length ? ` + ${rows.length - shown.length} more rows` : '';
  return {
    title,
    value,
    unit,
    formula,
    with_values: rows.length === 0 ? '0' : `${shown.join(' + ')}${rest} = ${shownText(column, value)}`,
    source: 'A sum of rows of the layer table; each row opens to its own rule.',
    leaves_out: layers.some((layer, position) => layer.status === 'unknown' && among(layer, position))
      ? 'Rows that are unknown: their part is not known, and not zero.'
      : '',
    rows,
  };
}

export function stageCard(score: Score, stage: Stage, column: CountColumn): Card {
  return sumCard(
    `${column.title} of stage ${stage.name}`,
    column.title,
    'sum over the rows of the stage',
    column,
    score.layers,
    (layer) => layer.stage === stage.name,
  );
}

/** The sum under a column, over the rows that are shown. */
export function rowsCard(score: Score, rows: readonly number[], column: CountColumn): Card {
  const shown = new Set(rows);
  const all = rows.length === score.layers.length;
  return sumCard(
    all ? `${column.title}, total` : `${column.title} of the ${exact(rows.length)} rows shown`,
    column.title,
    'sum over the rows',
    column,
    score.layers,
    (_, position) => shown.has(position),
  );
}
