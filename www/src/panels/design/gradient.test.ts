import { expect, test } from 'vitest';
import type { Gradient } from '../../contract/core';
import { against, dearest, priceOf } from './gradient';

const price = (protocol: string, bytes: number, online: number | null) => ({
  protocol,
  bytes,
  offline_seconds: null,
  online_seconds: online,
  bound: false,
});
const set = (layer: string, a: number, b: number, online: number | null) => ({
  layers: [layer],
  stage: 'S1',
  channels: 16,
  relus: 1,
  macs: 1,
  params: 1,
  prices: [price('a', a, online), price('b', b, online)],
});
const gradient = {
  schema: 'reluctant.gradient/1',
  protocols: ['a', 'b'],
  sets: [set('one', 10, 3, null), set('two', 30, 1, 2), set('three', 20, 3, 5)],
  open: [],
} as unknown as Gradient;

test('the dearest layer stands first, what is not known last', () => {
  const names = (protocol: string, measure: 'bytes' | 'online') =>
    dearest(gradient, protocol, measure).map(({ layers }) => layers[0]);
  expect(names('a', 'bytes')).toEqual(['two', 'three', 'one']);
  expect(names('b', 'bytes')).toEqual(['one', 'three', 'two']);
  expect(names('a', 'online')).toEqual(['three', 'two', 'one']);
  expect(priceOf(gradient.sets[0]!, 'c', 'bytes')).toBeNull();
});

test('pairs that two protocols order differently are counted, ties left out', () => {
  // one-two: 10 < 30 and 3 > 1: turned. two-three: 30 > 20 and 1 < 3: turned. one-three: equal under b.
  expect(against(gradient, ['a', 'b'], 'bytes')).toEqual([2, 2]);
  expect(against(gradient, ['a', 'a'], 'online')).toEqual([0, 1]);
});
