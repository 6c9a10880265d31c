/** Which protocols are comparable at all: whom each trusts, against whom, with what at hand. */
import type { Estimate, Need, TrustModel } from '../../contract/core';
import type { Choice } from '../../app/compare.svelte';

export const MODELS: Readonly<Record<TrustModel, string>> = {
  'two-parties': 'two parties',
  'two-parties-and-dealer': 'two parties and a dealer',
  'three-honest-majority': 'three parties, honest majority',
  'four-malicious': 'four parties, one malicious',
  'key-holder': 'the key holder alone',
};

export const NEEDS: Readonly<Record<Need, string>> = {
  gpu: 'a GPU',
  preprocessing: 'work before each input',
  keys: 'keys sent once',
};

export const modelNames = Object.keys(MODELS) as readonly TrustModel[];
export const needNames = Object.keys(NEEDS) as readonly Need[];

export function allows({ models, without, malicious }: Choice, { trust }: Estimate): boolean {
  const trusted = models.length === 0 || models.includes(trust.model);
  return (
    trusted && !trust.requires.some((need) => without.includes(need)) && (!malicious || trust.adversary === 'malicious')
  );
}

/** In or out of a list, in its own order. */
export const toggled = <T>(list: readonly T[], item: T): readonly T[] =>
  list.includes(item) ? list.filter((other) => other !== item) : [...list, item];

export interface Group {
  /** Nothing where the protocols stand in an order of their own. */
  title: string;
  estimates: readonly Estimate[];
}

/** By whom they trust, each group in its order; groups without a protocol are left out. */
export const grouped = (estimates: readonly Estimate[]): Group[] =>
  modelNames
    .map((model) => ({ title: MODELS[model], estimates: estimates.filter(({ trust }) => trust.model === model) }))
    .filter((group) => group.estimates.length > 0);

/** `semi-honest, at most 1 of 2; needs keys sent once` */
export function summary({ trust }: Estimate): string {
  const needs = trust.requires.map((need) => NEEDS[need]);
  const against = `${trust.adversary}, at most ${trust.corrupt} of ${trust.parties.length}`;
  return needs.length > 0 ? `${against}; needs ${needs.join(', ')}` : against;
}
