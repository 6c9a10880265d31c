/** The score and what goes with it, and faults. */
import type { Code, Fault as CoreFault } from '../contract/core';

/** A fault of the core, passed on unchanged, or of the page, with a code of its own. */
export type Fault = Omit<CoreFault, 'code'> & { code: Code | 'internal' | (string & {}) };

/** What the person set: `input` -> `1x3x32x32`, `batch` -> `4`. */
export type Settings = Record<string, string>;

export function isFault(value: unknown): value is Fault {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Fault).code === 'string' &&
    typeof (value as Fault).message === 'string'
  );
}
