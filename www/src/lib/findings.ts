/** What an estimate says in a sentence: which kind of work dominates, and what a change of activations costs. */
import type { Estimate } from '../contract/core';
import type { CostKind, Figure } from './cost';
import { KINDS } from './cost';
import { boundText, figureOf, figureText, isBound, LABELS } from './cost-view';
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

/**
 * `offline -9.4 %, online -98 %, traffic +126 %` against keeping every activation. A lower bound is in no percentage: both
 * stand side by side, `online >0.30 s, was 1.2 s`.
 */
export function against(kept: Estimate, now: Estimate): string {
  const text = (of: Estimate, figure: Figure, value: number): string =>
    boundText(figureText(figure, value), isBound(of, figure));
  return (['offline', 'online', 'bytes'] as const)
    .flatMap((figure) => {
      const [before, after] = [figureOf(kept, figure), figureOf(now, figure)];
      if (before.value === null || after.value === null) return [];
      // Link time alone against link and compute would say what the compute is.
      const whole = !isBound(kept, figure) && !isBound(now, figure) && before.linkOnly === after.linkOnly;
      if (!whole)
        return [`${LABELS[figure]} ${text(now, figure, after.value)}, was ${text(kept, figure, before.value)}`];
      const sign = change(before.value, after.value);
      return sign === null ? [] : [`${LABELS[figure]} ${sign}`];
    })
    .join(', ');
}
