/** What 1,000 inferences cost at the person's own prices, in words. Pure. */
import type { Money } from '../../contract/core';
import { significant } from '../../lib/format';

/** `At least 3.22 for 1,000 inferences: traffic 3 (60 GB), core time not known (its times are a graphics processor's)`. */
export function moneyText({ per_1000, at_least, parts }: Money): string {
  const sum =
    per_1000 === null
      ? 'What 1,000 inferences cost is not known'
      : `${at_least ? 'At least ' : ''}${significant(per_1000)} for 1,000 inferences`;
  const each = parts.map(({ of, quantity, unit, amount, reason }) => {
    const known =
      quantity === null || amount === null ? 'not known' : `${significant(amount)}, ${significant(quantity)} ${unit}`;
    return `${of} ${known}${reason === null ? '' : ` (${reason})`}`;
  });
  return `${sum}: ${each.join('; ')}`;
}
