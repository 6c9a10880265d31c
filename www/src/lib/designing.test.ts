import { expect, test } from 'vitest';
import type { Spec } from '../contract/core';
import { FIRST, designPairs, designedOf } from './designing';

const spec = { input: [3, 32, 32], classes: 10, stages: [], head: 'gap' } as unknown as Spec;

test('what was changed travels, and comes back', () => {
  expect(designPairs(FIRST, null)).toEqual([]);
  const changed = { ...FIRST, blocks: '3,4,6,3', most: 343_040, alpha: true };
  const pairs = designPairs(changed, { name: 'HRN-5x5x3x', spec });
  expect(designedOf(pairs)).toEqual({
    equalising: changed,
    chosen: { name: 'HRN-5x5x3x', text: JSON.stringify(spec) },
  });
  expect(designedOf([])).toEqual({ equalising: FIRST, chosen: null });
});

test('the model that an order was measured on goes where names go, and only there', () => {
  const measured = { ...FIRST, order: '2,1,3,4', orderFrom: 'ours, a model run', orderOf: 'secret.onnx' };
  const pairs = designPairs(measured, null);
  expect(designedOf(pairs).equalising).toEqual(measured);
  const nameless = pairs.filter(([key]) => !key.startsWith('name.'));
  expect(JSON.stringify(nameless)).not.toContain('secret');
  expect(designedOf(nameless).equalising).toEqual({ ...measured, orderOf: '' });
});

test('what does not fit is passed over', () => {
  const bad = {
    blocks: 'x'.repeat(201),
    base: -1,
    side: 2.5,
    block: 'inverted',
    most: 0,
    alpha: 1,
    classes: 7,
    wings: 2,
  };
  expect(designedOf([['design.equalise', JSON.stringify(bad)]]).equalising).toEqual({ ...FIRST, classes: 7 });
  for (const text of ['{', 'null', '[1]', '5']) {
    expect(designedOf([['design.equalise', text]]).equalising).toEqual(FIRST);
  }
  expect(designedOf([['design.network', ' '.repeat(16_001)]]).chosen).toBeNull();
  expect(designPairs(FIRST, { name: 'a', spec: { ...spec, head: 'x'.repeat(16_000) } as unknown as Spec })).toEqual([]);
});
