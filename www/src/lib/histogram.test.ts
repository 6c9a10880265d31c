import { expect, test } from 'vitest';
import { aligned, bars, coarse } from './histogram';

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

test('joining bins moves no count across a boundary', () => {
  // Bins of 1/2 from -0.5: the first joined bin starts at -1.
  const joined = coarse({ low: -0.5, width: 0.5, counts: [1, 2, 3, 4, 5] }, 3);
  expect(joined).toEqual({ low: -1, width: 1, counts: [1, 5, 9] });
  expect(coarse(joined, 3)).toEqual(joined);
});

test('aligned histograms share their bins and keep their counts', () => {
  const all = [
    { low: -2, width: 1, counts: [4, 0, 1] },
    { low: 0.25, width: 0.25, counts: [1, 1, 2] },
    { low: 0, width: 1, counts: [] },
  ];
  const [a, b, c] = aligned(all, 16);
  expect(a).toEqual({ low: -2, width: 1, counts: [4, 0, 1] });
  expect(b).toEqual({ low: -2, width: 1, counts: [0, 0, 4] });
  expect(total(c?.counts ?? [1])).toBe(0);
  const few = aligned(all, 2);
  expect(few.every(({ counts }) => counts.length <= 2)).toBe(true);
  expect(few.map(({ counts }) => total(counts))).toEqual([5, 4, 0]);
});

test('an empty bin draws nothing, a small one something', () => {
  expect(bars({ low: 0, width: 1, counts: [0, 1000, 1] }, 30, 10)).toBe(
    'M10.00,10V0.00H20.00V10ZM20.00,10V9.25H30.00V10Z',
  );
});
