import { expect, test } from 'vitest';
import { MOST, movedTo, numbers, pointsOf, told } from './gates';

test('lists are read as people write them', () => {
  expect(numbers('-2, -1 0.5;3 x')).toEqual([-2, -1, 0.5, 3]);
  expect(pointsOf('1,2,3', '4 5')).toEqual([
    [1, 4],
    [2, 5],
  ]);
  expect(pointsOf('1 '.repeat(99), '1 '.repeat(99))).toHaveLength(MOST);
});

test('a point moves inside the frame, to two decimals', () => {
  expect(
    movedTo(
      [
        [0, 0],
        [1, 1],
      ],
      1,
      [9, -0.126],
      3,
    ),
  ).toEqual([
    [0, 0],
    [3, -0.13],
  ]);
});

test('steps are told at 1, 2 and 5 of each decade, and at the end', () => {
  expect(told(50)).toEqual([1, 2, 5, 10, 20, 50]);
  expect(told(7)).toEqual([1, 2, 5, 7]);
  expect(told(0)).toEqual([]);
});
