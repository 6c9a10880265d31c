/** What runs are called beside published points: nobody's but this page's are ours, and checked. */
import { expect, it } from 'vitest';
import { worthOf } from './published';

it('calls ours, and checked, what was trained here alone', () => {
  const here = worthOf('CIFAR-10', 40, 'here');
  expect(here).toMatch(/ours, trained in this page, on 40\stest images; the set has 10,000/);
  expect(here).toContain('size and classes are all that was checked');
  for (const origin of ['link', 'file'] as const) {
    const said = worthOf('CIFAR-10', 10_000, origin);
    expect(said).toMatch(new RegExp(`the ${origin}.s, not trained here, on 10,000\\stest images\\. That`));
    expect(said).toContain('nothing of it was checked');
    expect(said).not.toContain('ours');
  }
});
