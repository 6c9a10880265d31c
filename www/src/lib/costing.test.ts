import type { CostSettings } from '../contract/core';
import { describe, expect, test } from 'vitest';
import type { Sent } from './costing';
import { activationsFrom, costingOf, termsFrom, termsOf } from './costing';

/** What the page asks of the core once it has opened a link. */
function asked(sent: Sent): CostSettings {
  const { replaced, chosenProtocol, ...costing } = costingOf(sent);
  const terms = termsFrom({ ...costing, protocol: chosenProtocol ?? 'as the core says' });
  return { ...terms, ...(replaced ? { replaced } : activationsFrom(costing.chosenActivations)) };
}

const own = { name: 'Mine', base: 'semi2k', base_version: 1, rest: 'base' as const, ring_bits: null, measurements: [] };

describe('a link sets costs', () => {
  test.each<[string, CostSettings]>([
    ['threads, each its own', { protocols: ['delphi:client-garbler'], link: 'wan', he_threads: 3, gc_threads: 8 }],
    [
      'a share with its decimals',
      { protocols: ['semi2k'], link: 'lan', activation: 'identity', activation_share: 0.125, granularity: 'layer' },
    ],
    ['rates by hand', { protocols: ['aby3'], up: 0.5, down: 200, rtt: 12.5 }],
    [
      'all that is seldom set',
      {
        protocols: ['circa:20'],
        link: 'lan',
        machine: 'atom',
        ring_bits: 32,
        share_bits: 41,
        ot: 'softspoken',
        faults: 'neg-pass',
        argmax: true,
      },
    ],
    ['a plan', { protocols: ['semi2k'], link: 'lan', replaced: [{ index: 4, kept: 10, scales: 1, products: 2 }] }],
    ['measurements', { protocols: ['calibrated'], link: 'lan', calibration: own }],
    ['a setting that the page does not name', { protocols: ['semi2k'], link: 'lan', novel: 'folded' } as CostSettings],
  ])('%s: what was sent is asked again', (_, sent) => {
    expect(asked(sent)).toEqual(sent);
  });

  test('what is absent, or null, is as always', () => {
    const always = {
      chosenProtocol: null,
      link: 'lan',
      custom: { up: 384, down: 384, rtt: 0.3 },
      chosenTerms: {},
      chosenActivations: {},
      own: null,
      replaced: null,
    };
    expect(costingOf({})).toEqual(always);
    const nothing = {
      up: null,
      down: null,
      rtt: null,
      he_threads: null,
      gc_threads: null,
      ring_bits: null,
      argmax: null,
      activation_share: null,
      replaced: null,
      calibration: null,
    };
    expect(costingOf({ protocols: [], link: null, ...nothing })).toEqual(always);
  });

  test('every part of what the page holds is set, so that nothing stays of another link', () => {
    const full: Sent = {
      protocols: ['semi2k'],
      up: 1,
      down: 1,
      he_threads: 2,
      activation: 'identity',
      calibration: own,
      replaced: [{ index: 1, kept: 0, scales: 0, products: 0 }],
    };
    expect(Object.keys(costingOf({})).toSorted()).toEqual(Object.keys(costingOf(full)).toSorted());
  });
});

test('a share counts where activations change, what it is kept by where some are kept', () => {
  expect(activationsFrom({ activation: 'identity', activation_share: 0.5, granularity: 'layer' })).toEqual({
    activation: 'identity',
    activation_share: 0.5,
    granularity: 'layer',
  });
  expect(activationsFrom({ activation_share: 0.5, granularity: 'layer' })).toEqual({});
  expect(activationsFrom({ activation: 'identity', granularity: 'layer' })).toEqual({ activation: 'identity' });
});

test('terms say nothing of activations', () => {
  const terms = { protocols: ['semi2k'], link: 'lan', argmax: true };
  expect(
    termsOf({ ...terms, activation: 'identity', activation_share: 0.5, granularity: 'layer', replaced: [] }),
  ).toEqual(terms);
});

test('a rate without a limit is a fast one once it is set by hand', () => {
  const costing = { ...costingOf({}), protocol: 'aby3', link: 'custom', custom: { up: null, down: 7, rtt: 0 } };
  expect(termsFrom(costing)).toEqual({ protocols: ['aby3'], up: 10_000, down: 7, rtt: 0 });
});
