/**
 * Predicted against measured: one row for each measurement that is held beside the profiles, as
 * `tests/validation` writes them into validation.json (reluctant.validation/1).
 */
export const QUANTITIES = ['bytes', 'seconds', 'counts'] as const;
export type Quantity = (typeof QUANTITIES)[number];

export interface ValidationRow {
  /** `relu 65536`, `ResNet-18`. */
  what: string;
  /** Who measured, and how. */
  where: string;
  /** Of it: `offline bytes with keys`. */
  of: string;
  quantity: Quantity;
  /** The profile that reproduces it and its version; null where none does. */
  protocol: string | null;
  version: number | null;
  measured: number;
  predicted: number | null;
  /** The row went into the constants: agreement proves nothing. */
  fitted: boolean;
  /** Why no profile reproduces it, or what to bear in mind. */
  note: string;
}

/** The file: rows of cells under named columns. */
export interface ValidationFile {
  columns: string[];
  rows: (string | number | null)[][];
}

const quantityOf = (of: string): Quantity =>
  of.includes('bytes') ? 'bytes' : of.includes('seconds') ? 'seconds' : 'counts';

export function rowsOf({ columns, rows }: ValidationFile): ValidationRow[] {
  const at = (row: (string | number | null)[], name: string): string | number | null =>
    row[columns.indexOf(name)] ?? null;
  const text = (row: (string | number | null)[], name: string): string => String(at(row, name) ?? '');
  return rows.map((row) => {
    const [protocol, version] = text(row, 'protocol').split('@');
    const predicted = at(row, 'predicted');
    return {
      what: text(row, 'subject'),
      where: [text(row, 'system'), text(row, 'setting')].filter(Boolean).join(', '),
      of: text(row, 'quantity'),
      quantity: quantityOf(text(row, 'quantity')),
      protocol: protocol || null,
      version: version ? Number(version) : null,
      measured: Number(at(row, 'measured')),
      predicted: typeof predicted === 'number' ? predicted : null,
      fitted: text(row, 'status') === 'fitted',
      note: text(row, 'note'),
    };
  });
}

export interface Agreement {
  rows: number;
  predicted: number;
  /** Rows that nothing was fitted to. */
  free: number;
  /** Of those: the middle and the largest distance from 1, as a part of 1. */
  middle: number | null;
  most: number | null;
}

/** predicted / measured; null where there is no prediction, or nothing to compare it with. */
export function ratioOf({ measured, predicted }: ValidationRow): number | null {
  return predicted === null || measured === 0 ? null : predicted / measured;
}

/** How far a ratio is from 1, in whichever direction: 0.5 and 2 are equally far. */
export const distance = (ratio: number): number => Math.max(ratio, 1 / ratio) - 1;

export function agreement(rows: readonly ValidationRow[]): Agreement {
  const predicted = rows.filter((row) => row.predicted !== null);
  const free = predicted.filter(({ fitted }) => !fitted);
  const far = free
    .flatMap((row) => ratioOf(row) ?? [])
    .map(distance)
    .sort((a, b) => a - b);
  return {
    rows: rows.length,
    predicted: predicted.length,
    free: free.length,
    middle: far[Math.floor((far.length - 1) / 2)] ?? null,
    most: far.at(-1) ?? null,
  };
}
