/** The work on plans: opening, measuring, sweeping, writing. One piece at a time. */
import { runner } from '../../worker/run-client';
import { Work } from '../work.svelte';

export const work = new Work();

/** A plan in the making runs beside this work: it ends with its worker. */
export function cancel(): void {
  if (work.busy) work.cancel();
  else runner.stop();
}
