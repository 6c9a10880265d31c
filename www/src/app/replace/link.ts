/** Plan, sweep and what was measured as pairs of a link, and back. Loaded where a link is made or brings a plan. */
import type { Pairs } from '../../lib/plan-link';
import { pairsOf, planOf } from '../../lib/plan-link';
import { costs } from '../cost.svelte';
import { session } from '../session.svelte';
import { linked } from './linked.svelte';
import { plan } from './plan.svelte';
import { sweep } from './sweep.svelte';
import { trial } from './trial.svelte';
import type { Setup } from './wishes.svelte';
import { FIRST, wishes } from './wishes.svelte';

/** For the link that is made. */
export function planPairs(): Pairs {
  const { points } = sweep;
  // Whoever was never in the view has wished for nothing.
  if (wishes.of !== session.source || (!costs.replaced && Object.keys(points).length === 0)) return [];
  const { planned } = plan;
  const file = planned ? JSON.stringify(planned.plan) : linked.file;
  return pairsOf({ wish: wishes.wish, points, measured: trial.summary, file });
}

const NOTHING = { points: {}, measured: null };

/** The settings that undo and redo bring, each as the pairs of a link. */
export function planSteps(): { past: Pairs[]; future: Pairs[] } {
  if (wishes.of !== session.source) return { past: [], future: [] };
  const pairs = ({ wish, file }: Setup): Pairs => pairsOf({ wish, ...NOTHING, file: file?.text ?? null });
  return { past: wishes.history.past.map(pairs), future: wishes.history.future.map(pairs) };
}

/** The same, back. */
export function openSteps(past: readonly Pairs[], future: readonly Pairs[]): void {
  const setups = (steps: readonly Pairs[]): Setup[] =>
    steps.flatMap((pairs) => {
      const step = planOf(pairs);
      if (!step) return [];
      const { wish, file } = step;
      return [{ wish: { ...FIRST, ...wish }, file: file === null ? null : { name: 'the plan', text: file } }];
    });
  if (past.length + future.length > 0) wishes.surround(session.source, setups(past), setups(future));
}

/** From the link that was opened. */
export function openPlan(pairs: Pairs): void {
  const brought = planOf(pairs);
  if (!brought) return;
  const { points, measured, file } = brought;
  const wish = { ...FIRST, ...brought.wish };
  wishes.begin(session.source, { wish, file: null });
  sweep.receive(points);
  trial.receive(measured);
  linked.bring(wish, file);
}
