import { describe, expect, test } from 'vitest';
import type { CostSettings, Terms } from '../lib/cost';
import { needsAll } from './needs-all';
import type { Request, Source, Verbs } from './protocol';

const source: Source = { kind: 'example', key: 1, id: 'resnet18-cifar100' };
const link: Source = { kind: 'link', key: 2, text: '#r1=' };
const first: Terms = { protocols: ['delphi:server-garbler'], link: 'lan' };

function asks<V extends keyof Verbs>(verb: V, ask: Verbs[V]['ask']): boolean {
  return needsAll({ id: 1, verb, ask } as Request);
}

const cost = (settings: CostSettings): boolean => asks('cost', { source, set: {}, settings });

test('a first visit is answered by the first core', () => {
  expect(asks('examples', null)).toBe(false);
  expect(asks('links', null)).toBe(false);
  expect(asks('score', { source, set: {} })).toBe(false);
  expect(asks('card', { source, set: {}, index: null, column: 'relu' })).toBe(false);
  expect(asks('compare', { groups: [], budgets: [], accuracies: [] })).toBe(false);
  for (const id of ['delphi:server-garbler', 'delphi:client-garbler', 'semi2k', 'aby3']) expect(cost({ protocols: [id], link: 'wan' }), id).toBe(false);
  expect(cost({ protocols: ['semi2k'], up: 1, down: 1, rtt: 1, he_threads: 2, gc_threads: 2, machine: 'atom', ring_bits: 32, activation: 'identity' })).toBe(false);
});

describe('the whole core answers', () => {
  test.each<[string, CostSettings]>([
    ['an argmax', { ...first, argmax: true }],
    ['bits of shares', { ...first, share_bits: 40 }],
    ['another OT', { ...first, ot: 'softspoken' }],
    ['another way to err', { ...first, faults: 'neg-pass' }],
    ['a share of the activations', { ...first, activation: 'identity', activation_share: 0.5 }],
    ['a plan', { ...first, replaced: [{ index: 1, kept: 0, scales: 1, products: 1 }] }],
    ['a profile of one\u2019s own', { ...first, calibration: { name: '', base: 'semi2k', base_version: 1, rest: 'base', ring_bits: null, measurements: [] } }],
    ['a protocol that it does not price', { ...first, protocols: ['delphi:server-garbler', 'cheetah:spu'] }],
    ['a setting that nobody here has heard of', { ...first, novel: 1 } as CostSettings],
  ])('%s, whatever the verb', (_, settings) => {
    expect(cost(settings)).toBe(true);
    expect(asks('costReport', { source, set: {}, settings })).toBe(true);
    expect(asks('costCard', { source, set: {}, settings, index: 0 })).toBe(true);
    expect(asks('costEach', { source, set: {}, each: [first, settings] })).toBe(true);
    expect(asks('reluPrice', { terms: settings as Terms })).toBe(true);
    expect(asks('typedCost', { rows: [], terms: settings as Terms })).toBe(true);
  });

  test('a model that came as a link', () => {
    expect(asks('score', { source: link, set: {} })).toBe(true);
    expect(asks('cost', { source: link, set: {}, settings: first })).toBe(true);
    expect(asks('card', { source: link, set: {}, index: null, column: 'relu' })).toBe(true);
  });

  test('a list of everything, and verbs that only it has', () => {
    expect(asks('protocols', { terms: first, all: false })).toBe(false);
    expect(asks('protocols', { terms: first, all: true })).toBe(true);
    expect(asks('whatIf', { source, set: {}, terms: first })).toBe(true);
    expect(asks('settings', null)).toBe(true);
    expect(asks('openProfile', '{}')).toBe(true);
    expect(needsAll({ id: 1, verb: 'novel', ask: null } as unknown as Request)).toBe(true);
  });
});
