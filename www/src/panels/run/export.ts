/** A run as files. */
import type { Summary } from '../../contract/core';
import type { Result } from '../../app/run.svelte';
import type { Cell } from '../../lib/csv';
import { csv } from '../../lib/csv';
import { rowsOf } from './rows';

export const madeBy = `Reluctant ${VERSION}`;
/** Channels above this many stay out of the JSON: it would be too large to open. */
const MOST_CHANNELS = 50_000;

/** One line a layer; a number that is not known stays empty. */
export function layersCsv(result: Result): string {
  const head = [
    'index',
    'node',
    'op',
    'sample_shape',
    'seconds',
    'value',
    'count',
    'mean',
    'std',
    'min',
    'max',
    'zeros',
    'not_finite',
    'channels',
    'dead',
    'always_on',
    'ring_bits_used',
    'ring_wrapped',
    'ring_rms_difference',
    'samples',
    'inputs',
    'engine',
    'made_by',
  ];
  const { report } = result;
  const rows = rowsOf(result, result.fixed).map(({ index, node, op, seconds, value, activation, fixed }): Cell[] => {
    const total = value?.total;
    return [
      index,
      node,
      op,
      value?.sample_shape.join('x') ?? null,
      seconds,
      value?.name ?? null,
      total?.count ?? null,
      total?.mean ?? null,
      total?.std ?? null,
      total?.min ?? null,
      total?.max ?? null,
      total?.zeros ?? null,
      total?.not_finite ?? null,
      activation?.channels ?? null,
      activation?.dead.join(' ') ?? null,
      activation?.always_on.join(' ') ?? null,
      fixed?.bits ?? null,
      fixed?.wrapped ?? null,
      fixed?.rms_difference ?? null,
      report.samples,
      result.from,
      `${report.engine.engine}: ${report.engine.detail}`,
      madeBy,
    ];
  });
  return csv(head, rows);
}

/** The reports as the core writes them, the channels of every value put in. */
export async function runJson(result: Result, channels: (value: string) => Promise<Summary[]>): Promise<string> {
  const { report, fixed, stats } = result;
  let full = stats;
  const count = stats?.activations.reduce((sum, one) => sum + one.channels, 0) ?? 0;
  if (stats && count <= MOST_CHANNELS) {
    const values = [];
    for (const value of stats.values) values.push({ ...value, channels: await channels(value.name) });
    full = { ...stats, values };
  }
  return `${JSON.stringify({ made_by: madeBy, inputs: result.from, report, stats: full, fixed }, null, 1)}\n`;
}
