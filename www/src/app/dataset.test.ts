import type { Port } from '../contract/core';
import { expect, it } from 'vitest';
import { NO_DATASET, datasetOf } from './dataset';

const port = (...shape: (number | string)[]): Port => ({ name: '', dtype: null, shape, declared: null, set: false });

it.each([
  [port(1, 3, 32, 32), port(1, 100), 'CIFAR-100'],
  [port(1, 3, 32, 32), port(1, 10), 'CIFAR-10'],
  [port('N', 3, 64, 64), port('N', 200), 'TinyImageNet'],
  [port(8, 3, 224, 224), port(8, 1000), 'ImageNet'],
  // Digits, a segmentation, a language model, an open size.
  [port(1, 1, 8, 8), port(1, 10), NO_DATASET],
  [port(1, 3, 224, 224), port(1, 21, 224, 224), NO_DATASET],
  [port(1, 128), port(1, 128, 30522), NO_DATASET],
  [port(1, 3, 'h', 'w'), port(1, 1000), NO_DATASET],
])('knows the data set by sizes', (input, output, dataset) => {
  expect(datasetOf({ inputs: [input], outputs: [output] })).toBe(dataset);
});

it('knows nothing of two inputs, or of none', () => {
  const image = port(1, 3, 32, 32);
  expect(datasetOf({ inputs: [image, image], outputs: [port(1, 10)] })).toBe(NO_DATASET);
  expect(datasetOf({ inputs: [], outputs: [] })).toBe(NO_DATASET);
});
