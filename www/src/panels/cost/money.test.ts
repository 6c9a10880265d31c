import { expect, test } from 'vitest';
import type { Money } from '../../contract/core';
import { moneyText } from './money';

const traffic: Money['parts'][number] = {
  of: 'traffic',
  quantity: 60,
  unit: 'GB',
  price: 0.05,
  amount: 3,
  reason: null,
};

test('a sum names its parts; what is not known is never nothing', () => {
  expect(moneyText({ per_1000: 3, at_least: false, parts: [traffic] })).toBe(
    '3.00 for 1,000 inferences: traffic 3.00, 60.0 GB',
  );
  const cores: Money['parts'][number] = {
    of: 'core time',
    quantity: null,
    unit: 'core hours',
    price: 1,
    amount: null,
    reason: 'no times',
  };
  expect(moneyText({ per_1000: 3, at_least: true, parts: [traffic, cores] })).toBe(
    'At least 3.00 for 1,000 inferences: traffic 3.00, 60.0 GB; core time not known (no times)',
  );
  expect(moneyText({ per_1000: null, at_least: true, parts: [cores] })).toBe(
    'What 1,000 inferences cost is not known: core time not known (no times)',
  );
});
