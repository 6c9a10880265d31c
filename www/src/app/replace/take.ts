/**
 * What can be taken away: the changed model, masks and coefficients, the plan. While a slider moves, layers are fitted
 * each by itself; what is taken away is fitted one layer after the other, where that is wished for.
 */
import type { PlanFile } from '../../contract/core';
import type { BenchAsk } from '../../worker/run-client';
import { runner } from '../../worker/run-client';
import { session } from '../session.svelte';
import { bench } from './bench.svelte';
import { linked } from './linked.svelte';
import { plan } from './plan.svelte';
import { trial } from './trial.svelte';
import { wishes } from './wishes.svelte';
import { work } from './work';

export interface Taken {
  name: string;
  blob: Blob;
}

/** The changed model, as a file, and what a reader must know before it is handed out. */
export const changedModel = (): Promise<(Taken & { doubt: string | null }) | null> =>
  take('Writing the changed model', (bench, plan) => runner.call('export', { bench, plan }));

export const masks = (): Promise<Taken | null> =>
  take('Writing masks and coefficients', async (bench, plan) => {
    const { name, bytes } = await runner.call('masks', { bench, plan });
    return { name, blob: new Blob([bytes]) };
  });

export const planFile = async (): Promise<string | null> =>
  plan.planned || linked.file === null
    ? take('Writing the plan', async (_, plan) => `${JSON.stringify(plan, null, 1)}\n`)
    : linked.file;

async function take<T>(doing: string, write: (bench: BenchAsk, plan: PlanFile) => Promise<T>): Promise<T | null> {
  const { ask } = bench;
  const { setup } = wishes;
  const { planned } = plan;
  if (!ask || !planned || !session.scene) return null;
  let taken: T | null = null;
  await work.do(doing, async (step) => {
    const fitted = setup.file !== null || !setup.wish.sequential || ask.data === null || trial.result?.setup === setup;
    const last = fitted
      ? planned
      : await runner.call(
          'plan',
          { bench: ask, wish: setup.wish },
          step('Fitting one layer after the other', 'samples'),
        );
    step(doing, '');
    taken = await write(ask, last.plan);
  });
  return taken;
}
