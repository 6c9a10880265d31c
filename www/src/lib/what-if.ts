/** What one change to one layer does to the network (crate/src/cost/what_if.rs): after, less before. */
import type { Effect } from '../contract/core';

export const CHANGES = ['poly2:public', 'average-pool', 'relu'] as const;
export const MEASURES = ['bytes', 'seconds', 'link_seconds', 'rounds', 'storage_bytes'] as const;
export type Signed = (typeof MEASURES)[number];

export function signedOf(effect: Effect | undefined, measure: Signed): number | null {
  return effect?.difference?.[measure] ?? null;
}

/** How many changes save, cost more, or do nothing; those without a figure are in none. */
export function tally(effects: readonly Effect[], measure: Signed): { less: number; more: number; same: number } {
  const counts = { less: 0, more: 0, same: 0 };
  for (const effect of effects) {
    const value = signedOf(effect, measure);
    if (value !== null) counts[value < 0 ? 'less' : value > 0 ? 'more' : 'same'] += 1;
  }
  return counts;
}

const of = (n: number, all: number): string => (n === all ? (all === 1 ? 'it' : `all ${all}`) : `${n} of ${all}`);

/** `all 17 send more and all 17 are faster`: bytes and time apart, since they can point in opposite ways. */
export function verdict(effects: readonly Effect[]): string {
  const bytes = tally(effects, 'bytes');
  const known = bytes.less + bytes.more + bytes.same;
  if (known === 0) return 'no figure is known';
  const parts: string[] = [];
  const say = (n: number, all: number, one: string, many: string): void => {
    if (n > 0) parts.push(`${of(n, all)} ${n === 1 ? one : many}`);
  };
  say(bytes.less, known, 'sends less', 'send less');
  say(bytes.more, known, 'sends more', 'send more');
  if (bytes.same === known) parts.push('nothing changes what is sent');
  const whole = tally(effects, 'seconds');
  const timed = whole.less + whole.more + whole.same;
  const link = tally(effects, 'link_seconds');
  const time = timed > 0 ? whole : link;
  const all = timed > 0 ? timed : link.less + link.more + link.same;
  const where = timed > 0 ? '' : ' on the link (compute is not known)';
  const timeParts: string[] = [];
  if (time.less > 0) timeParts.push(`${of(time.less, all)} ${time.less === 1 ? 'is' : 'are'} faster`);
  if (time.more > 0) timeParts.push(`${of(time.more, all)} ${time.more === 1 ? 'is' : 'are'} slower`);
  if (timeParts.length > 0) parts.push(timeParts.join(', ') + where);
  return parts.join('; ');
}
