/** What an estimate says in a sentence: which kind of work dominates, and what a change of activations costs. */
import type { Estimate } from '../contract/core';
import type { CostKind } from './cost';
import { KINDS } from './cost';
import { change, share } from './format';

export type Measure = 'time' | 'bytes';

/** Bytes or seconds of a kind of work; seconds that are not known count as none. */
export function amountOf(estimate: Estimate, kind: CostKind, measure: Measure): number {
  const part = estimate.by_kind[kind];
  return measure === 'time' ? (part.seconds ?? 0) : part.bytes;
}

const SENTENCES: Partial<Record<CostKind, (share: string, of: string) => string>> = {
  linear: (share, of) => `Linear layers are ${share} of the ${of} here; removing ReLUs will not help that part.`,
  pool: (share, of) => `Max-pooling is ${share} of the ${of} here; average pooling would take most of it away.`,
  truncation: (share, of) => `Truncation after linear layers is ${share} of the ${of} here.`,
  bootstrap: (share, of) =>
    `Bootstrapping is ${share} of the ${of} here; fewer levels per activation need fewer of it.`,
};

/** A sentence where one kind of work other than activations is more than half; else nothing. */
export function dominant(estimate: Estimate, measure: Measure): string | null {
  const whole = KINDS.reduce((sum, kind) => sum + amountOf(estimate, kind, measure), 0);
  for (const kind of KINDS) {
    const part = amountOf(estimate, kind, measure);
    if (part > whole / 2) return SENTENCES[kind]?.(share(part, whole), measure === 'time' ? 'time' : 'traffic') ?? null;
  }
  return null;
}

/** `offline -9.4 %, online -98 %, traffic +126 %` against keeping every activation. */
export function against(kept: Estimate, now: Estimate): string {
  const time = (estimate: Estimate, phase: 'offline' | 'online'): number =>
    estimate[phase].seconds?.[1] ?? estimate[phase].link_seconds;
  const parts: [string, number, number][] = [
    ['offline', time(kept, 'offline'), time(now, 'offline')],
    ['online', time(kept, 'online'), time(now, 'online')],
    ['traffic', kept.bytes_total, now.bytes_total],
  ];
  return parts
    .map(([what, before, after]) => [what, change(before, after)])
    .filter(([, text]) => text !== null)
    .map((pair) => pair.join(' '))
    .join(', ');
}
