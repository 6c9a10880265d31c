import { expect, test } from 'vitest';
import type { Need, TrustModel } from '../../contract/core';
import { estimate } from '../../lib/testing';
import type { Choice } from '../../app/compare.svelte';
import { allows, grouped, summary, toggled } from './trust';

const ANY: Choice = { models: [], without: [], malicious: false };

const under = (protocol: string, model: TrustModel, requires: Need[], malicious = false) => {
  const one = estimate({}, { protocol });
  const trust = {
    ...one.trust,
    parties: ['a', 'b'],
    model,
    requires,
    adversary: malicious ? ('malicious' as const) : ('semi-honest' as const),
  };
  return { ...one, trust };
};

const all = [
  under('dealer', 'two-parties-and-dealer', ['preprocessing', 'gpu']),
  under('two', 'two-parties', ['keys']),
  under('four', 'four-malicious', ['preprocessing'], true),
  under('also two', 'two-parties', []),
];
const left = (choice: Partial<Choice>) =>
  all.filter((one) => allows({ ...ANY, ...choice }, one)).map(({ protocol }) => protocol);

test('a protocol is offered where its trust, its adversary and its needs are taken', () => {
  expect(left({})).toEqual(['dealer', 'two', 'four', 'also two']);
  expect(left({ models: ['two-parties', 'four-malicious'] })).toEqual(['two', 'four', 'also two']);
  expect(left({ without: ['gpu', 'keys'] })).toEqual(['four', 'also two']);
  expect(left({ malicious: true })).toEqual(['four']);
  expect(left({ models: ['key-holder'] })).toEqual([]);
  expect(toggled(toggled(['a'], 'b'), 'a')).toEqual(['b']);
});

test('groups hold every protocol once, in its order', () => {
  expect(grouped(all).map(({ title, estimates }) => [title, ...estimates.map(({ protocol }) => protocol)])).toEqual([
    ['two parties', 'two', 'also two'],
    ['two parties and a dealer', 'dealer'],
    ['four parties, one malicious', 'four'],
  ]);
  expect(summary(all[0]!)).toBe('semi-honest, at most 1 of 2; needs work before each input, a GPU');
  expect(summary(all[3]!)).toBe('semi-honest, at most 1 of 2');
});
