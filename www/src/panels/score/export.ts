/** The table as files: every row and every number of the score, whatever the table shows. */
import { csv } from '../../lib/csv';
import type { Cell } from '../../lib/csv';
import type { Layer, Score } from '../../lib/types';

const fields: readonly [string, (layer: Layer) => Cell][] = [
  ['index', (l) => l.index],
  ['name', (l) => l.name],
  ['op', (l) => l.op],
  ['output', (l) => l.output],
  ['shape', (l) => l.shape?.join('x') ?? null],
  ['stage', (l) => l.stage],
  ['block', (l) => l.block],
  ['activation', (l) => l.activation?.kind ?? null],
  ['activation_elements', (l) => l.activation?.elements ?? (l.status === 'unknown' ? null : 0)],
  ['macs', (l) => l.macs],
  ['macs_valid', (l) => l.macs_valid],
  ['params', (l) => l.params],
  ['params_shared', (l) => l.params_shared],
  ['average_pool', (l) => l.average_pool],
  ['truncations', (l) => l.truncations],
  ['products', (l) => l.products],
  ['adds', (l) => l.adds],
  ['bias', (l) => l.bias],
  ['batch_norm', (l) => l.batch_norm],
  ['weight_bytes', (l) => l.weight_bytes],
  ['activation_bytes', (l) => l.activation_bytes],
  ['status', (l) => l.status],
  ['reason', (l) => l.reason ?? null],
  ['marks', (l) => l.marks?.join('; ') ?? null],
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
