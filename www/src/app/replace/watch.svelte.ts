/** What the view keeps current while it is on the page: the bench of its model, the plan for what is wished. */
import { untrack } from 'svelte';
import { run } from '../run.svelte';
import { session } from '../session.svelte';
import { bench } from './bench.svelte';
import { linked } from './linked.svelte';
import { plan } from './plan.svelte';
import { wishes } from './wishes.svelte';
import { work } from './work';

/** Another model: what is wished begins anew, or with the plan that a link brought for this one. */
function renew(): void {
  const { source, score } = session;
  if (!score || wishes.of === source) return;
  const brought = linked.of(score.model.hash);
  if (brought) {
    const { wish, file } = brought;
    wishes.begin(source, { wish, file: file === null ? null : { name: 'the link', text: file } });
  } else wishes.renew(source);
  plan.opened = null;
  work.problem = null;
  bench.statistics = null;
}

/** Call inside a component. */
export function watchReplace(): void {
  run.inputs.watch();
  bench.inputs.watch(false);
  $effect(() => {
    if (session.scene) untrack(renew);
  });
  $effect(() => {
    if (session.scene && !bench.info) untrack(() => void bench.look());
  });
  $effect(() => {
    const { ask } = bench;
    const { setup } = wishes;
    if (ask && session.scene) void plan.ask(ask, setup);
  });
  $effect(() => {
    const { plan } = session;
    if (!plan || !bench.info) return;
    session.plan = null;
    void plan.text().then((text) => wishes.usePlan(plan.name, text));
  });
  $effect(() => () => run.release());
}
