import { expect, test } from 'vitest';
import type { Spec } from '../contract/core';
import { respec } from './respec';

const stage = { groups: 1, stride: 1, shortcut: 'conv', relu: 'all' } as const;
const SPEC: Spec = {
  input: [3, 16, 16],
  classes: 8,
  stem: { channels: 8, kernel: 3, stride: 2, relu: true },
  stages: [
    { ...stage, block: 'basic', blocks: 2, channels: 8 },
    { ...stage, block: 'basic', blocks: 2, channels: 16, stride: 2 },
  ],
  head: 'gap',
};

test('a width that a stage shares is its channels, one inside a block is that block alone', () => {
  const moved = respec(SPEC, [
    { names: ['conv1.weight', 'layer1.0.conv2.weight', 'layer1.1.conv2.weight'], to: 9 },
    { names: ['layer1.0.conv1.weight'], to: 6 },
    { names: ['layer1.1.conv1.weight'], to: 8 },
    { names: ['layer2.0.conv2.weight', 'layer2.0.downsample.0.weight', 'layer2.1.conv2.weight'], to: 15 },
    { names: ['layer2.1.conv1.weight'], to: 20 },
  ]);
  expect(moved.stem?.channels).toBe(9);
  expect(moved.stages.map(({ channels, mid }) => [channels, mid])).toEqual([
    [9, [6, 8]],
    [15, [16, 20]],
  ]);
});

test('what is not moved stays as it is', () => {
  const same = respec(SPEC, []);
  expect(same.stages.map(({ channels, mid }) => [channels, mid])).toEqual([
    [8, 8],
    [16, 16],
  ]);
  const vgg: Spec = { ...SPEC, stages: [{ ...stage, block: 'vgg', blocks: 2, channels: [4, 6] }] };
  expect(respec(vgg, [{ names: ['layer1.1.conv.weight'], to: 7 }]).stages[0]?.channels).toEqual([4, 7]);
  expect(respec(vgg, []).stages[0]).not.toHaveProperty('mid');
});
