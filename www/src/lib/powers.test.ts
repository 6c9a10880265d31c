import { expect, test } from 'vitest';
import { small } from './powers';

test('two figures, and no small one reads as zero', () => {
  expect([0, 0.0257, 1e-4].map(small)).toEqual(['0', '0.026', '0.0001']);
  expect([4.0612e-7, -1.5e-12, 9.96e-5].map(small)).toEqual([
    '4.1\u00d710\u207b\u2077',
    '-1.5\u00d710\u207b\u00b9\u00b2',
    '1.0\u00d710\u207b\u2074',
  ]);
});
