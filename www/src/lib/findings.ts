/** What stands in the way of a phase, as the core says it, and what it is made of; what a change of activations costs. */
import type { Cause, Estimate, Finding, PhaseName } from '../contract/core';
import type { CostKind, Figure } from './cost';
import { boundText, figureOf, figureText, isBound, LABELS } from './cost-view';
import { change } from './format';
import { percents } from './shares';

export type Measure = 'time' | 'bytes';

/** Bytes or seconds of a kind of work; seconds that are not known count as none. */
export function amountOf(estimate: Estimate, kind: CostKind, measure: Measure): number {
  const part = estimate.by_kind[kind];
  return measure === 'time' ? (part.seconds ?? 0) : part.bytes;
}

/** The core's sentence, with its figures kept on one line with their units. */
export const said = (text: string): string =>
  text.replace(/(\d) (?=%|(?:[kMGTP]?B|[\u00b5m]?s|h|min|rounds?|threads?|layers?)(?![a-z]))/g, '$1\u00a0');

/** What stands in the way of a phase, in the core's words. */
export const findingOf = ({ findings }: Estimate, phase: PhaseName): Finding | undefined =>
  findings.find((finding) => finding.phase === phase);

/** What else is worth a sentence, after those of the two phases. */
export const notesOf = ({ findings }: Estimate): readonly Finding[] => findings.slice(2);

export const CAUSE_NAMES: Record<Cause, string> = {
  linear: 'linear',
  product: 'secret products',
  relu: 'ReLUs',
  gelu: 'GELU',
  activation: 'activations',
  softmax: 'softmax',
  'max-pool': 'max-pooling',
  norm: 'norms',
  'batch-norm': 'batch norms',
  polynomial: 'polynomials',
  function: 'other functions',
  truncation: 'truncation',
  bootstrap: 'bootstrapping',
  bandwidth: 'sending',
  rounds: 'waiting',
  link: 'link',
  masks: 'masks',
  nothing: 'nothing',
};

const OTHERS: Partial<Record<Cause, CostKind>> = {
  linear: 'linear',
  product: 'linear',
  'max-pool': 'pool',
  truncation: 'truncation',
  'batch-norm': 'truncation',
  bootstrap: 'bootstrap',
};

/** The kind of work whose colour a cause takes. */
export const kindOf = (cause: Cause): CostKind => OTHERS[cause] ?? 'activation';

export interface PhasePart {
  cause: Cause;
  amount: number;
  /** Whole per cent; those of a phase add up to 100. */
  share: number;
}

/** What a phase is for, the largest first; the link's time is with whoever sends. Without compute times it is all there is. */
export function partsOf({ causes }: Estimate, phase: PhaseName, measure: Measure): PhasePart[] {
  const amounts = causes
    .filter((part) => part.phase === phase)
    .map((part) => ({
      cause: part.cause,
      amount: measure === 'time' ? (part.seconds ?? part.link_seconds) : part.bytes,
    }))
    .filter(({ amount }) => amount > 0)
    .sort((a, b) => b.amount - a.amount);
  const shares = percents(amounts.map(({ amount }) => amount));
  return amounts.map((part, i) => ({ ...part, share: shares[i] ?? 0 }));
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
