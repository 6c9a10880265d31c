/** A profile of one's own. Measurements are its source of truth. */
import type { CalibrateSettings as CoreSettings, Measurement, OwnProfile } from '../contract/core';

/** All of it is said. */
export type CalibrateSettings = Required<CoreSettings>;

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
