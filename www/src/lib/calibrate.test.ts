import { expect, test } from 'vitest';
import { tableOf } from './calibrate';

test('measurements as a table leave out columns that nothing is in', () => {
  const row = {
    op: 'relu',
    size: '16',
    calls: 1,
    seconds: 0.5,
  };
  expect(tableOf([{ ...row, bytes: 9 }, row])).toBe('op\tsize\tbytes\tseconds\nrelu\t16\t9\t0.5\nrelu\t16\t\t0.5');
});
