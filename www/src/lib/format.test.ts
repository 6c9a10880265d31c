import { expect, test } from 'vitest';
import {
  bytes,
  digits,
  exact,
  groupIntegers,
  headline,
  range,
  seconds,
  shape,
  shapeInput,
  share,
  short,
} from './format';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test('exact numbers keep every digit', () => {
  expect(exact(557056)).toBe('557,056');
  expect(exact(Number.MAX_SAFE_INTEGER)).toBe('9,007,199,254,740,991');
  expect(exact(1e21)).toBe('1,000,000,000,000,000,000,000');
});

test('whole numbers are grouped as the browser groups them', () => {
  const format = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  const values = [
    0, 7, 999, 1000, 12_345, 123_456, 1_234_567, 1e12, 0.4, 0.6, 1.5, 999.5, 1234.56, -1, -999, -1000, -1234.5,
  ];
  for (const value of values) expect(exact(value)).toBe(format.format(value));
});

test('integers in a formula are grouped, other figures left alone', () => {
  expect(groupIntegers('64 * 65536 = 4194304')).toBe('64 * 65,536 = 4,194,304');
  expect(groupIntegers('0.12345 v12345 65,536 12345.5')).toBe('0.12345 v12345 65,536 12345.5');
});

test('a copied number is its digits alone', () => {
  expect(digits(555468800)).toBe('555468800');
  expect(digits(1e21)).toBe('1000000000000000000000');
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1.00 k'],
  [9_994, '9.99 k'],
  [9_996, '10.0 k'],
  [999_949, '999.9 k'],
  [999_950, '1.00 M'],
  [555_468_800, '555.5 M'],
  [11_220_132, '11.2 M'],
  [1_814_073_344, '1.81 G'],
])('%d is short %s', (value, text) => {
  expect(plain(short(value))).toBe(text);
});

test('a headline is exact as long as it fits', () => {
  expect(headline(9_608_704)).toBe('9,608,704');
  expect(plain(headline(10_000_000))).toBe('10.0 M');
});

test('bytes carry decimal units', () => {
  expect(plain(bytes(12))).toBe('12 B');
  expect(plain(bytes(197_000))).toBe('197.0 kB');
  expect(plain(bytes(2_200_000_000))).toBe('2.20 GB');
});

test('a share is never rounded to a false nothing or a false whole', () => {
  expect(plain(share(1, 1000))).toBe('<1 %');
  expect(plain(share(999, 1000))).toBe('>99 %');
  expect(plain(share(1000, 1000))).toBe('100 %');
  expect(plain(share(0, 1000))).toBe('0 %');
  expect(share(0, 0)).toBe('-');
});

test('shapes read as products and are typed back with an x', () => {
  expect(shape([1, 'n', 32])).toBe('1\u00d7n\u00d732');
  expect(shape([])).toBe('scalar');
  expect(shape(null)).toBeNull();
  expect(shapeInput([1, 3, 32, 'w'])).toBe('1x3x32x?');
});

test.each([
  [8.57e-7, '0.857 \u00b5s'],
  [9.94e-5, '99.4 \u00b5s'],
  [1e-4, '0.100 ms'],
  [0.0515, '51.5 ms'],
  [0, '0 s'],
  [330.1, '330 s'],
  [999.4, '999 s'],
  [999.6, '16 min 40 s'],
  [2200, '36 min 40 s'],
  [3600, '1 h'],
  [56_700, '15 h 45 min'],
  [107_000, '29 h 43 min'],
  [7_150_000, '1,986 h'],
])('%d seconds read %s', (value, text) => {
  expect(plain(seconds(value))).toBe(text);
});

test('a range is in the unit of its figure', () => {
  expect(range([315, 330, 350])).toBe('[315\u2013350]');
  expect(range([0.04, 0.05, 0.2])).toBe('[40.0\u2013200]');
  expect(range([4e-7, 5e-7, 6e-7])).toBe('[0.400\u20130.600]');
  expect(plain(range([800, 56_700, 107_000]))).toBe('[800 s\u201329 h 43 min]');
  expect(range([1, 1, 1])).toBe('');
});
