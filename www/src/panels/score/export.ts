/** The table as files: every row and every number of the score, whatever the table shows. */
import { csv } from '../../lib/csv';
import type { Cell } from '../../lib/csv';
import type { Layer, Score } from '../../lib/types';
import { known } from './columns';

/** As `reluctant score --csv` writes it; a number that is not known stays empty. */
const fields: readonly [string, (layer: Layer) => Cell][] = [
  ['index', (l) => l.index],
  ['name', (l) => l.name],
  ['op', (l) => l.op],
  ['output', (l) => l.output],
  ['shape', (l) => l.shape?.join('x') ?? null],
  ['stage', (l) => l.stage],
  ['block', (l) => l.block],
  ['params', (l) => l.params],
  ['macs', (l) => l.macs],
  ['macs_valid', (l) => l.macs_valid],
  ['activation', (l) => l.activation?.kind ?? null],
  ['elements', (l) => l.activation?.elements ?? null],
  ['average_pool', known((l) => l.average_pool)],
  ['truncations', known((l) => l.truncations)],
  ['products', known((l) => l.products)],
  ['adds', known((l) => l.adds)],
  ['bias', known((l) => l.bias)],
  ['batch_norm', known((l) => l.batch_norm)],
  ['status', (l) => l.status],
  ['reason', (l) => l.reason ?? null],
];

export function layersCsv(score: Score): string {
  return csv(
    fields.map(([name]) => name),
    score.layers.map((layer) => fields.map(([, cell]) => cell(layer))),
  );
}

export function scoreJson(score: Score): string {
  return `${JSON.stringify(score, null, 2)}\n`;
}
