/** Undo and redo of a value that is replaced as a whole. Pure: every step gives a new history. */

export interface History<T> {
  readonly past: readonly T[];
  readonly now: T;
  readonly future: readonly T[];
  /** What the last change was of: the next one of the same is one step with it. */
  readonly tag: string | null;
}

/** Steps that are kept. */
const MOST = 200;

export const begin = <T>(now: T): History<T> => ({ past: [], now, future: [], tag: null });

/** A change; one with the tag of the change before it joins that. */
export function changed<T>({ past, now, tag: last }: History<T>, next: T, tag: string | null = null): History<T> {
  const joins = tag !== null && tag === last;
  return { past: joins ? past : [...past, now].slice(-MOST), now: next, future: [], tag };
}

/** The next change is a step of its own. */
export const settled = <T>(history: History<T>): History<T> => ({ ...history, tag: null });

export function undone<T>({ past, now, future }: History<T>): History<T> {
  const before = past.at(-1);
  return before === undefined
    ? { past, now, future, tag: null }
    : { past: past.slice(0, -1), now: before, future: [now, ...future], tag: null };
}

export function redone<T>({ past, now, future }: History<T>): History<T> {
  const [next, ...rest] = future;
  return next === undefined
    ? { past, now, future, tag: null }
    : { past: [...past, now], now: next, future: rest, tag: null };
}
