/** A profile of one's own, `reluctant.profile/1` (crate/src/api/calibrate.rs). Measurements are its source of truth. */

export interface Measurement {
  op: string;
  size: string;
  calls: number;
  phase: 'offline' | 'online' | null;
  bytes: number | null;
  bytes_up: number | null;
  bytes_down: number | null;
  rounds: number | null;
  seconds: number | null;
}

/** What a link and a file hold; the coefficients are fitted anew wherever it is opened. */
export interface OwnProfile {
  name: string;
  base: string;
  base_version: number;
  rest: 'base' | 'none';
  ring_bits: number | null;
  measurements: Measurement[];
}

export interface Point {
  /** Place in the list of measurements. */
  measurement: number;
  measured: number;
  fitted: number;
  /** (fitted - measured) / measured; null where nothing was measured. */
  relative: number | null;
}

export interface Fit {
  op: string;
  quantity: string;
  phase: 'offline' | 'online' | null;
  unit: string;
  coefficients: { name: string; value: number | null }[];
  r2: number | null;
  condition: number | null;
  points: Point[];
  warnings: string[];
}

export interface CalibrationReport extends OwnProfile {
  schema: string;
  base_version_now: number;
  fits: Fit[];
  leaves_out: string;
  warnings: string[];
}

export interface Calibrated extends CalibrationReport {
  /** Operations that no layer of a network is. */
  skipped: { op: string; rows: number }[];
  /** Columns that were not needed. */
  ignored: string[];
}

export interface CalibrateSettings {
  text: string;
  /** Keeps the rows whose column is the value. */
  only: [column: string, value: string][];
  base: string;
  name: string;
  rest: 'base' | 'none';
}

/** Id of the profile that the settings bring along. */
export const CALIBRATED = 'calibrated';

/** What a link and a price need of a report. */
export function ownOf({ name, base, base_version, rest, ring_bits, measurements }: OwnProfile): OwnProfile {
  return { name, base, base_version, rest, ring_bits, measurements };
}

const COLUMNS = ['op', 'size', 'calls', 'phase', 'bytes', 'bytes_up', 'bytes_down', 'rounds', 'seconds'] as const;

/** Measurements as a table that reads back as themselves; columns that nothing is in are left out. */
export function tableOf(measurements: readonly Measurement[]): string {
  const shown = COLUMNS.filter((column) =>
    measurements.some(
      (row) => row[column] !== null && row[column] !== undefined && !(column === 'calls' && row.calls === 1),
    ),
  );
  const lines = measurements.map((row) => shown.map((column) => row[column] ?? '').join('\t'));
  return [shown.join('\t'), ...lines].join('\n');
}
