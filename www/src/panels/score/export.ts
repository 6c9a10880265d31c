/** The table as files: every row and every number of the score, whatever the table shows. */
import type { Layer, Report, Score } from '../../contract/core';
import type { Answer } from '../../app/cost.svelte';
import { under } from '../../app/cost.svelte';
import { boundText, figureOf, figureText, gaps, isBound, LABELS, LINK_ONLY } from '../../lib/cost-view';
import { csv } from '../../lib/csv';
import type { Cell } from '../../lib/csv';
import { exact, short } from '../../lib/format';
import { latexRow } from '../../lib/latex';
import { visible } from '../../lib/names';
import { columns } from './columns';

/** Columns of counts in their order; those of bytes, and those that stand before them, are not among them. */
const counts = columns.flatMap((column): [string, (layer: Layer) => Cell][] =>
  column.kind === 'count' && !/^(relu|other|params|macs.*|.*_bytes)$/.test(column.id)
    ? [[column.id, column.value]]
    : [],
);

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
  ...counts,
  ['status', (l) => l.status],
  ['reason', (l) => l.reason ?? null],
];

/** Costs of the row, then under what they were made: a line of the file speaks for itself. */
function costFields({ estimate, rows, reasons }: Answer): [string, (layer: Layer) => Cell][] {
  const {
    link,
    he_threads,
    gc_threads,
    machine,
    ring_bits,
    share_bits,
    ot,
    faults,
    adder,
    window,
    fss_bits,
    fraction,
    argmax,
    changed,
    activation,
  } = estimate.settings;
  const row =
    (field: string) =>
    (layer: Layer): Cell =>
      rows.value(field, layer.index);
  const same = (value: Cell) => (): Cell => value;
  return [
    ['offline_seconds', row('offline')],
    ['offline_seconds_low', row('offline_low')],
    ['offline_seconds_high', row('offline_high')],
    ['offline_link_seconds', row('offline_link')],
    ['online_seconds', row('online')],
    ['online_seconds_low', row('online_low')],
    ['online_seconds_high', row('online_high')],
    ['online_link_seconds', row('online_link')],
    ['offline_bytes', row('offline_bytes')],
    ['online_bytes', row('online_bytes')],
    ['bytes_total', row('bytes')],
    ['rounds', row('rounds')],
    ['client_storage_bytes', row('storage')],
    ['cost_bound', row('partial')],
    ['cost_status', (layer) => rows.status(layer.index) ?? 'free'],
    ['cost_missing', (layer) => reasons.get(layer.index) ?? null],
    ['protocol', same(estimate.protocol)],
    ['profile_version', same(estimate.profile_version)],
    ['link', same(estimate.link)],
    ['link_up_bytes_per_s', same(link.up_bytes_per_s)],
    ['link_down_bytes_per_s', same(link.down_bytes_per_s)],
    ['link_rtt_ms', same(link.rtt_ms)],
    ['he_threads', same(he_threads)],
    ['gc_threads', same(gc_threads)],
    ['machine', same(machine)],
    ['ring_bits', same(ring_bits)],
    ['share_bits', same(share_bits)],
    ['ot', same(ot)],
    ['faults', same(faults)],
    ['adder', same(adder)],
    ['window', same(window)],
    ['fss_bits', same(fss_bits)],
    ['fraction', same(fraction)],
    ['machine_factor', same(estimate.settings.machine_factor ?? 1)],
    ['argmax', same(String(argmax))],
    ['settings_changed', same(changed.join('; ') || null)],
    ['activation_plan', same(activation)],
    ['activation_share', same(estimate.settings.activation_share ?? null)],
    ['replaced_layers', same(estimate.settings.replaced?.length ?? 0)],
    ['granularity', same(estimate.settings.granularity ?? null)],
  ];
}

export function layersCsv(score: Score, costs: Answer | null): string {
  const all = costs ? [...fields, ...costFields(costs)] : fields;
  return csv(
    all.map(([name]) => name),
    score.layers.map((layer) => all.map(([, cell]) => cell(layer))),
  );
}

/** The score with its estimates, as `reluctant score --protocol` prints it. */
export function scoreJson(score: Score, report: Report | null): string {
  return `${JSON.stringify(report ? { ...score, estimates: report.estimates } : score, null, 2)}\n`;
}

/** The headline as one row of a table in a paper; `original` is what the file holds, without the plan. */
export function scoreLatex(score: Score, original: Score, costs: Answer | null): string {
  const { model, totals } = score;
  const cells: [string, string][] = [
    ['Model', visible(model.name)],
    ['ReLUs', exact(totals.relu.elements)],
    ['MACs', short(totals.macs)],
    ['Parameters', short(totals.params)],
  ];
  let note = `Reluctant ${VERSION}`;
  if (totals !== original.totals)
    note += `; ${exact(totals.relu.elements)} of ${exact(original.totals.relu.elements)} ReLUs stay, by the plan`;
  if (costs) {
    const { estimate } = costs;
    for (const figure of ['offline', 'online', 'bytes'] as const) {
      const { value } = figureOf(estimate, figure);
      const text = value === null ? '--' : boundText(figureText(figure, value), isBound(estimate, figure));
      cells.push([LABELS[figure], text]);
    }
    if (estimate.bound) note += `; partial, figures marked > are lower bounds: ${gaps(estimate)}`;
    note += `; costs under ${under(estimate)}${estimate.compute_included ? '' : `; ${LINK_ONLY}`}`;
  }
  return latexRow(
    cells.map(([title]) => title),
    cells.map(([, text]) => text),
    note,
  );
}
