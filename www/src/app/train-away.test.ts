import { expect, it, vi } from 'vitest';

vi.mock('../worker/design-client', () => ({ designers: {} }));
vi.mock('../worker/train-client', () => ({ trainers: {} }));
vi.mock('./session.svelte', () => ({ session: {} }));
vi.mock('./train.svelte', () => ({ train: {} }));
const { planSettings } = await import('./train-away');

const outcome = { relus: 1568, test: 0.9, validation: 0.9, before: null };
const base = { method: null, budget: null, seed: 3, outcome };

it('says the budget that the plan was made within, and none where there was none', () => {
  expect(planSettings(base, null)).toEqual([
    ['policy', 'none'],
    ['budget', '1568'],
    ['seed', '3'],
  ]);
  // Made of the whole network since: its 1,568 ReLUs are no budget of that.
  expect(planSettings(base, { by: 'adjust', budget: 392 })).toContainEqual(['budget', '392']);
  expect(planSettings(base, { by: 'utilisation', budget: null })).toEqual([
    ['policy', 'utilisation'],
    ['seed', '3'],
  ]);
  const snl = { ...base, method: 'snl' as const, budget: 314, outcome: { ...outcome, relus: 310 } };
  expect(planSettings(snl, null)).toEqual([
    ['policy', 'snl'],
    ['budget', '314'],
    ['seed', '3'],
  ]);
});
