/** What is said of a measured row: in the chart, in the table, in a file. */
import { csv } from '../../lib/csv';
import { bytes, change, exact, seconds, significant } from '../../lib/format';
import type { Quantity, ValidationRow } from './validation';
import { STATUS_NAMES, ratioOf } from './validation';

export function quantityText(quantity: Quantity, value: number | null): string {
  if (value === null) return 'not given';
  if (quantity === 'bytes') return value < 1e6 ? `${exact(value)}\u00a0B` : bytes(value);
  return quantity === 'seconds' ? seconds(value) : exact(value);
}

/** 0.0123 -> `1.23 %`; small enough to be an artefact of rounding is `0.01 %` or less. */
export function percentText(part: number | null): string {
  if (part === null) return 'not known';
  const percent = 100 * part;
  return percent > 0 && percent < 0.01 ? '<0.01\u00a0%' : `${significant(Number(percent.toPrecision(2)))}\u00a0%`;
}

/** `+1.2 %`; a factor where the two are far apart. */
export function differenceText(row: ValidationRow): string {
  const ratio = ratioOf(row);
  if (ratio === null || row.predicted === null || row.measured === null) return '-';
  if (ratio >= 2) return `\u00d7${significant(ratio)}`;
  if (ratio <= 0.5) return `\u00f7${significant(1 / ratio)}`;
  return change(row.measured, row.predicted) ?? '-';
}

/** `validated: another source`. */
export const statusText = ({ status, against }: ValidationRow): string =>
  against === '' ? STATUS_NAMES[status] : `${STATUS_NAMES[status]}: ${against}`;

export function factsOf(row: ValidationRow, title: (id: string) => string): string[] {
  const { quantity, measured, predicted } = row;
  return [
    `${row.of} of ${row.what}`,
    row.protocol === null ? 'no profile' : `under ${title(row.protocol)}`,
    `measured ${quantityText(quantity, measured)}`,
    predicted === null
      ? STATUS_NAMES[row.status]
      : `predicted ${quantityText(quantity, predicted)}, ${differenceText(row)}`,
    predicted !== null && statusText(row),
    row.where,
    row.note,
  ].filter((fact): fact is string => fact !== false && fact !== '');
}

/** A colour for each protocol, the same wherever it stands; more than seven share the last. */
export function colours(protocols: readonly string[]): (id: string) => string {
  const families = [...new Set(protocols.map((id) => id.split(':')[0] ?? id))];
  return (id) => `method-${(families.indexOf(id.split(':')[0] ?? id) + 1) % 8}`;
}

export function validationCsv(rows: readonly ValidationRow[]): string {
  return csv(
    [
      'what',
      'where',
      'quantity',
      'protocol',
      'profile_version',
      'measured',
      'predicted',
      'ratio',
      'status',
      'against',
      'note',
      'made_by',
    ],
    rows.map((row) => [
      row.what,
      row.where,
      row.of,
      row.protocol,
      row.version,
      row.measured,
      row.predicted,
      ratioOf(row),
      row.status,
      row.against,
      row.note,
      `Reluctant ${VERSION}`,
    ]),
  );
}
