import { describe, expect, test } from 'vitest';
import type { LinkedPlan, Pairs } from './plan-link';
import { pairsOf, planOf } from './plan-link';
import type { SweepPoint } from './replace';

const point: SweepPoint = {
  budget: '1024',
  policy: 'senet',
  kept: 1000,
  total: 3072,
  accuracy: 0.98400001,
  accuracy_interval: [0.968750001, 0.9921875],
  agreement: null,
  kl: 0.00123456789,
  relative_error: 0.5,
  replaced: [
    { index: 1, kept: 0, scales: 1, products: 1 },
    { index: 4, kept: 1000, scales: 0, products: 2 },
  ],
};

const plan: LinkedPlan = {
  wish: {
    budget: '25%',
    policy: 'senet',
    degree: 2,
    per_channel: true,
    seed: 7,
    drop_outputs: true,
    descent: [3, 4],
    probe: null,
    layers: [{ output: '/relu/Relu_output_0', degree: 4 }],
  },
  points: { senet: [point] },
  measured: {
    kept: 768,
    total: 3072,
    samples: 500,
    test: 'mine.npz',
    agreement: 0.994,
    original: 0.986,
    changed: 0.984,
    engine: 'gpu',
  },
  file: '{"schema":"reluctant.plan/1"}',
};

describe('a plan in a link', () => {
  test('comes back, figures to five digits', () => {
    const back = planOf(pairsOf(plan));
    expect(back).toEqual({
      ...plan,
      points: { senet: [{ ...point, accuracy: 0.984, accuracy_interval: [0.96875, 0.99219], kl: 0.0012346 }] },
    });
  });

  test('made before its points had intervals opens without them', () => {
    const before = pairsOf({ ...plan, points: { senet: [{ ...point, accuracy_interval: null }] } });
    expect(planOf(before)?.points.senet?.[0]?.accuracy_interval).toBeNull();
  });

  test('leaves names behind with the keys that hold them', () => {
    const pairs = pairsOf(plan).filter(([key]) => !key.startsWith('name.'));
    expect(pairs.every(([key]) => key.startsWith('plan.'))).toBe(true);
    const text = JSON.stringify(pairs);
    expect(text).not.toContain('relu/Relu');
    expect(text).not.toContain('mine.npz');
    const back = planOf(pairs);
    expect(back?.measured?.changed).toBe(0.984);
    expect(back?.wish.layers).toBeUndefined();
    expect(back?.file).toBeNull();
  });

  test('a plan file that is too long stays a file', () => {
    expect(planOf(pairsOf({ ...plan, file: 'x'.repeat(40_000) }))?.file).toBeNull();
  });

  test.each<[string, Pairs]>([
    ['nothing', []],
    ['no JSON', [['plan.wish', '{']]],
    ['no budget', [['plan.wish', '{"policy":"error"}']]],
    ['a list', [['plan.wish', '[1]']]],
  ])('%s is no plan', (_, pairs) => {
    expect(planOf(pairs)).toBeNull();
  });

  test('what does not fit is left out', () => {
    const wish: [string, string] = [
      'plan.wish',
      '{"budget":"10","degree":-1,"policy":"<b>","seed":1e99,"extra":{"a":1},"gates":true}',
    ];
    const bad = [
      '{}',
      '[[1,2]]',
      '[["1",5,4,null,null,null,null,[]]]',
      '[["1",1,4,null,null,null,null,[1,2,3]]]',
      '[["1",1,4,"x",null,null,null,[1,2,3,-4]]]',
    ];
    for (const text of bad) {
      const back = planOf([wish, ['plan.sweep.error', text], ['plan.measured', '{"kept":"1"}']]);
      expect(back?.wish).toEqual({ budget: '10', gates: true });
      expect(back?.points.error ?? []).toEqual([]);
      expect(back?.measured).toBeNull();
    }
  });
});
