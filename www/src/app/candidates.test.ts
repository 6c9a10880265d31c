import { expect, test } from 'vitest';
import { Candidates } from './candidates';

test('candidates are appended as columns, whatever room there was', () => {
  const all = new Candidates(2, 1);
  all.append({ places: Float64Array.of(7), figures: Float64Array.of(1, 2) });
  all.append({ places: Float64Array.of(8, 9), figures: Float64Array.of(3, 4, 5, Number.NaN) });
  expect(all.count).toBe(3);
  expect([...all.places.subarray(0, 3)]).toEqual([7, 8, 9]);
  expect([0, 1, 2].map((row) => all.figures(row))).toEqual([
    [1, 2],
    [3, 4],
    [5, Number.NaN],
  ]);
});
