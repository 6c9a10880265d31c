/** Stages that are trained alone: which networks, what is said of them, what the equaliser is given. */
import { expect, it } from 'vitest';
import { equalised, measuredOn, partOf, partsOf } from './stage-training';

it('trains all, none and each stage alone', () => {
  expect(partsOf(3)).toEqual([
    { only: null, stage: null },
    { only: [], stage: null },
    { only: [1], stage: 1 },
    { only: [2], stage: 2 },
    { only: [3], stage: 3 },
  ]);
});

it('ranks by held-out images and shows the spread on the test images', () => {
  const seed = (test_accuracy: number, validation_accuracy: number) => ({
    relus: 512,
    test_accuracy,
    validation_accuracy,
  });
  const part = partOf({ only: [3], stage: 3 }, [seed(0.8, 0.7), seed(0.9, 0.8), seed(0.85, 0.9)]);
  expect(part).toMatchObject({ stage: 3, relus: 512, least: 0.8, most: 0.9 });
  expect(part.validation).toBeCloseTo(0.8, 12);
  expect(part.test).toBeCloseTo(0.85, 12);
});

it('gives the equaliser the order, what it was measured on, and as many stages', () => {
  const on = measuredOn('drawn figures', [3600, 400, 1000], 'resnet-1-1-1-1 of 8 channels', [0, 1], 16);
  expect(on).toBe(
    'ours, trained in this page on drawn figures (3,600 to train on, 1,000 to test on), resnet-1-1-1-1 of 8 channels, seeds 0, 1, epochs 16',
  );
  expect(equalised([2, 3, 1, 4], on, '3,4,6,3')).toEqual({ order: '2,3,1,4', orderFrom: on, orderOf: '' });
  expect(equalised([2, 1, 3], on, '3,4,6,3', 'a')).toEqual({
    order: '2,1,3',
    orderFrom: on,
    orderOf: 'a',
    blocks: '2,2,2',
  });
});
