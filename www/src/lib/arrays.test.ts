import { expect, test } from 'vitest';
import type { ArrayHead } from './run';
import { fits, fitsTurned, fromPixels, layoutOf, normalise, presets, rolesOf, thumbnail, transposed } from './arrays';

const head = (name: string, dtype: string, shape: number[]): ArrayHead => ({ name, dtype, shape });

test('layouts undo each other', () => {
  const values = Float32Array.from({ length: 2 * 2 * 3 * 3 }, (_, i) => i);
  const nchw = transposed(values, [2, 2, 3, 3], 'nhwc', 'nchw');
  expect(nchw.shape).toEqual([2, 3, 2, 3]);
  // Sample 0, channel 1, row 0: the second number of each pixel.
  expect([...nchw.values.subarray(6, 9)]).toEqual([1, 4, 7]);
  const back = transposed(nchw.values, nchw.shape, 'nchw', 'nhwc');
  expect(back.shape).toEqual([2, 2, 3, 3]);
  expect(back.values).toEqual(values);
});

test('a layout is read off the model', () => {
  expect(layoutOf([1, 3, 224, 224])).toBe('nchw');
  expect(layoutOf(['N', 224, 224, 3])).toBe('nhwc');
  expect(layoutOf([1, 64, 8, 8])).toBeNull();
  expect(layoutOf([1, 64])).toBeNull();
});

test('an array with its channels elsewhere is of the model still', () => {
  const port = { name: 'x', dtype: 'float32', shape: ['N', 3, 32, 24] };
  const made = (...shape: number[]) => head('a', 'float32', shape);
  expect([fits(made(5, 3, 32, 24), port), fits(made(5, 32, 24, 3), port)]).toEqual([true, false]);
  expect(fitsTurned(made(5, 32, 24, 3), port)).toBe(true);
  expect(fitsTurned(made(5, 3, 32, 24), { ...port, shape: ['N', 32, 24, 3] })).toBe(true);
  expect([made(5, 24, 32, 3), made(5, 32, 24), made(5, 32, 24, 3, 1)].map((one) => fitsTurned(one, port))).toEqual([
    false,
    false,
    false,
  ]);
});

test('the ImageNet preset on a white pixel', () => {
  const [, imagenet] = presets;
  const values = Float32Array.of(255, 255, 255);
  normalise(values, [1, 3, 1, 1], 'nchw', imagenet!.normal);
  expect([...values].map((value) => Number(value.toFixed(4)))).toEqual([2.2489, 2.4286, 2.64]);
  const last = Float32Array.of(255, 255, 255);
  normalise(last, [1, 1, 1, 3], 'nhwc', imagenet!.normal);
  expect(last).toEqual(values);
});

test('pixels become planes, or grey', () => {
  const pixels = [255, 0, 0, 255, 0, 255, 0, 255];
  const rgb = new Float32Array(6);
  fromPixels(pixels, 3, 'nchw', rgb, 0);
  expect([...rgb]).toEqual([255, 0, 0, 255, 0, 0]);
  const grey = new Float32Array(2);
  fromPixels(pixels, 1, 'nchw', grey, 0);
  expect(grey[0]).toBeCloseTo(76.245, 3);
});

test('a thumbnail stretches its own range', () => {
  const values = Float32Array.of(9, 9, 9, 9, -1, 0, 0, 1);
  const small = thumbnail(values, [2, 1, 2, 2], 'nchw', 1);
  expect([...(small?.pixels ?? [])]).toEqual([
    0, 0, 0, 255, 128, 128, 128, 255, 128, 128, 128, 255, 255, 255, 255, 255,
  ]);
  expect(thumbnail(values, [2, 4], 'nchw', 0)).toBeNull();
});

test('arrays find their inputs, labels their place', () => {
  const port = { name: 'input', shape: ['N', 1, 8, 8] };
  expect(rolesOf([head('x', 'float32', [500, 1, 8, 8]), head('y', 'int64', [500])], [port])).toEqual({
    inputs: { input: 0 },
    labels: 1,
  });
  // Two files: their own names.
  expect(rolesOf([head('test_y.npy', 'int64', [5]), head('test_x.npy', 'float32', [5, 1, 8, 8])], [port])).toEqual({
    inputs: { input: 1 },
    labels: 0,
  });
  // A model that reads whole numbers keeps its only array.
  expect(rolesOf([head('ids', 'int64', [5])], [{ name: 'ids', shape: ['N'] }])).toEqual({
    inputs: { ids: 0 },
    labels: null,
  });
  const two = [
    { name: 'a', shape: [1, 4] },
    { name: 'b', shape: [1, 4] },
  ];
  expect(rolesOf([head('b', 'float32', [1, 4]), head('a', 'float32', [1, 4])], two)).toEqual({
    inputs: { a: 1, b: 0 },
    labels: null,
  });
});
