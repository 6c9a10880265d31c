import { expect, test } from 'vitest';
import { planesOf, tilesOf } from './tiles';

test('sizes become channels, height and width; what fits none is a row', () => {
  expect(planesOf([1, 3, 8, 4], 96)).toEqual([3, 8, 4]);
  expect(planesOf([1, 10], 10)).toEqual([1, 1, 10]);
  // A mask's part of a value.
  expect(planesOf([1, 4, 8, 8], 152)).toEqual([2, 8, 8]);
  expect(planesOf([1, 4, 8, 8], 20)).toEqual([1, 1, 20]);
  expect(planesOf([], 0)).toEqual([1, 1, 0]);
});

test('channels stand side by side, with a gap', () => {
  const { width, height, pixels } = tilesOf(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 2, 2]);
  expect([width, height]).toEqual([5, 2]);
  const grey = Array.from({ length: 10 }, (_, at) => pixels[4 * at]);
  expect(grey).toEqual([1, 2, 0, 5, 6, 3, 4, 0, 7, 8]);
  expect(pixels[4 * 2 + 3]).toBe(0);
});

test('a long row is folded, and its end is left open', () => {
  const { width, height, pixels } = tilesOf(new Uint8Array(100).fill(9), [1, 100]);
  expect([width, height]).toEqual([64, 2]);
  expect([pixels[4 * 99], pixels[4 * 100]]).toEqual([9, 0]);
});
