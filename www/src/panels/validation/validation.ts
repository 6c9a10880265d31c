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
  /** The profile that predicts it and its version; null where none does. */
  protocol: string | null;
  version: number | null;
  /** null where the source gives ratios only. */
  measured: number | null;
  predicted: number | null;
  status: RowStatus;
  /** What agreement is of: another source, or the same engine in another shape; empty where it would prove nothing. */
  against: string;
  /** Why no profile predicts it, or what to bear in mind. */
  note: string;
}

/**
 * `fitted`: the row went into the constants. `validated`: nothing of its log did, and it comes out within 5 %. `checked`: further
 * off, or of a log that another figure was fitted to, or another engine's. `bound`: the source gives no measurement.
 */
export type RowStatus = 'fitted' | 'validated' | 'checked' | 'bound' | 'not-predicted' | 'not-recomputable';

export const STATUS_NAMES: Record<RowStatus, string> = {
  fitted: 'fitted to it',
  validated: 'validated',
  checked: 'checked',
  bound: 'a bound',
  'not-predicted': 'not predicted',
  'not-recomputable': 'not recomputable',
};

/** The file: rows of cells under named columns. */
export interface ValidationFile {
  columns: string[];
  rows: (string | number | null)[][];
}

export function rowsOf({ columns, rows }: ValidationFile): ValidationRow[] {
  const at = (row: (string | number | null)[], name: string): string | number | null =>
    row[columns.indexOf(name)] ?? null;
  const text = (row: (string | number | null)[], name: string): string => String(at(row, name) ?? '');
  return rows.map((row) => {
    const [protocol, version] = text(row, 'protocol').split('@');
    const number = (name: string): number | null => {
      const value = at(row, name);
      return typeof value === 'number' ? value : null;
    };
    return {
      what: text(row, 'subject'),
      where: [text(row, 'system'), text(row, 'setting')].filter(Boolean).join(', '),
      of: text(row, 'quantity'),
      quantity: text(row, 'unit') as Quantity,
      protocol: protocol || null,
      version: version ? Number(version) : null,
      measured: number('measured'),
      predicted: number('predicted'),
      status: text(row, 'status') as RowStatus,
      against: text(row, 'against'),
      note: text(row, 'note'),
    };
  });
}

export interface Agreement {
  rows: number;
  predicted: number;
  /** Rows that come of no log that was fitted to, and are no bound: agreement with them proves something. */
  free: number;
  /** Of those, within 5 %: validated. */
  validated: number;
  /** Of those: the middle and the largest distance from 1, as a part of 1. */
  middle: number | null;
  most: number | null;
}

/** predicted / measured; null where there is no prediction, or nothing to compare it with. */
export function ratioOf({ measured, predicted }: ValidationRow): number | null {
  return predicted === null || measured === null || measured === 0 ? null : predicted / measured;
}

/** How far a ratio is from 1, in whichever direction: 0.5 and 2 are equally far. */
export const distance = (ratio: number): number => Math.max(ratio, 1 / ratio) - 1;

export function agreement(rows: readonly ValidationRow[]): Agreement {
  const predicted = rows.filter((row) => row.predicted !== null);
  const free = predicted.filter(({ against }) => against !== '');
  const far = free
    .flatMap((row) => ratioOf(row) ?? [])
    .map(distance)
    .sort((a, b) => a - b);
  return {
    rows: rows.length,
    predicted: predicted.length,
    free: free.length,
    validated: free.filter(({ status }) => status === 'validated').length,
    middle: far[Math.floor((far.length - 1) / 2)] ?? null,
    most: far.at(-1) ?? null,
  };
}
