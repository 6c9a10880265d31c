/**
 * Under what the page prices: how it is held, what the core is asked for it, and how a link sets it. Settings
 * of the menu are held by key, so that one that the core adds needs no line here. Pure.
 */
import type { Activations, CostSettings, OwnProfile, Stay, Terms } from '../contract/core';
import type { Choices, Rates } from './cost';

export interface Costing {
  /** What a person or a link chose; null: what the core says that the model opens under. */
  chosenProtocol: string | null;
  /** A preset's id, or `custom`. */
  link: string;
  custom: Rates;
  /** What the menu set, apart: who is priced under terms alone is not asked anew when activations change. */
  chosenTerms: Choices;
  chosenActivations: Choices;
  /** A profile made of measurements. */
  own: OwnProfile | null;
}

/** The link that the page starts with, and that of a link that names none. */
export const ALWAYS = {
  link: 'lan',
  custom: { up: 384, down: 384, rtt: 0.3 },
} as const;

/** Chosen for a rate without a limit once it is set by hand. */
export const FASTEST = 10_000;

export function termsFrom({
  protocol,
  link,
  custom: { up, down, rtt },
  chosenTerms,
  own,
}: { protocol: string } & Omit<Costing, 'chosenProtocol' | 'chosenActivations'>): Terms {
  return {
    protocols: [protocol],
    ...(link === 'custom' ? { up: up ?? FASTEST, down: down ?? FASTEST, rtt } : { link }),
    ...chosenTerms,
    ...(own && { calibration: own }),
  };
}

/** A setting may say more of another one: it counts, and is shown, where that one is set. */
export function counts(key: string, { activation = 'keep', activation_share = 0 }: Choices): boolean {
  if (key === 'activation_share') return activation !== 'keep';
  return key !== 'granularity' || (activation !== 'keep' && activation_share !== 0);
}

export const activationsFrom = (chosen: Choices): Activations =>
  Object.fromEntries(Object.entries(chosen).filter(([key]) => counts(key, chosen)));

/** The same terms for the network as it is in the file. */
export function termsOf({
  activation: _,
  activation_share: __,
  granularity: ___,
  replaced: ____,
  ...terms
}: CostSettings): Terms {
  return terms;
}

/** As the core writes it: what is as always is absent, or null. */
export type Sent = { [K in keyof CostSettings]?: CostSettings[K] | null };

const present = (fields: Record<string, unknown>): Choices =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Choices;

/** The whole of what a link sets: nothing stays of what was there before. */
export function costingOf(sent: Sent): Costing & { replaced: readonly Stay[] | null } {
  const { protocols, link, up, down, rtt, calibration, activation, activation_share, granularity, replaced, ...terms } =
    sent;
  const byHand = up != null && down != null;
  return {
    chosenProtocol: protocols?.[0] ?? null,
    link: byHand ? 'custom' : (link ?? ALWAYS.link),
    custom: byHand ? { up, down, rtt: rtt ?? 0 } : ALWAYS.custom,
    chosenTerms: present(terms),
    chosenActivations: present({ activation, activation_share, granularity }),
    own: calibration ?? null,
    replaced: replaced ?? null,
  };
}
