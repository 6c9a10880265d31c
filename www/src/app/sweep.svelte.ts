/**
 * Many budgets, measured one after the other. Points stay when it is cancelled, so that it goes on from
 * there; other settings start anew. What each point costs is asked of the core as the protocol changes.
 */
import type { CostSettings, Estimate } from '../lib/cost';
import type { Policy, SweepPoint, Wish } from '../lib/replace';
import { policyTitle, sweepBudgets } from '../lib/replace-view';
import { runner } from '../worker/run-client';
import { estimatesOf } from './compare.svelte';
import { costs } from './cost.svelte';
import { Question } from './question.svelte';
import { replace } from './replace.svelte';
import { run } from './run.svelte';
import { session } from './session.svelte';

export type SweepAxis = 'relus' | 'seconds' | 'bytes';

class Sweep {
  count = $state(16);
  policies = $state.raw<ReadonlySet<Policy>>(new Set(['error']));
  axis = $state<SweepAxis>('relus');
  log = $state(false);
  tabled = $state(false);
  /** null: accuracy where there are labels. */
  fidelity = $state<'accuracy' | 'agreement' | null>(null);
  /** The scene of a price is the very points: a point more is another question. */
  readonly #costs = new Question<readonly Estimate[], readonly SweepPoint[]>(() => this.flat);

  /** All points, policy by policy. */
  flat = $derived(Object.values(replace.sweep).flatMap((points) => points ?? []));
  /** What each of them costs under the chosen protocol; nothing until the core has said. */
  estimates = $derived(this.#costs.answer ?? []);
  labelled = $derived(this.flat.some(({ accuracy }) => accuracy !== null));
  shows = $derived(this.fidelity === 'agreement' || !this.labelled ? ('agreement' as const) : ('accuracy' as const));
  budgets = $derived(sweepBudgets(replace.total, this.count, replace.log));
  /** Everything that a point hangs on but its budget and policy. */
  #conditions = $derived.by(() => {
    const { budget: _, policy: __, unit: ___, cost: ____, ...wish } = replace.wish;
    const { source: _____, ...bench } = replace.bench ?? { source: null };
    return JSON.stringify([bench, wish]);
  });

  /** What is still to be measured. */
  missing = $derived.by(() => {
    const points = replace.swept.of === this.#conditions ? replace.sweep : {};
    return [...this.policies].flatMap((policy) => {
      const had = new Set(points[policy]?.map(({ budget }) => budget));
      return this.budgets
        .filter((budget) => !had.has(String(budget)))
        .map((budget) => ({ policy, budget: String(budget) }));
    });
  });
  /** Some points are there, under these very settings. */
  begun = $derived(this.flat.length > 0 && replace.swept.of === this.#conditions);

  toggle(policy: Policy, on: boolean): void {
    const policies = new Set(this.policies);
    if (on) policies.add(policy);
    else policies.delete(policy);
    this.policies = policies;
  }

  async start(): Promise<void> {
    const { bench, wish } = replace;
    const todo = this.missing;
    if (!bench || todo.length === 0) return;
    if (!this.begun) {
      const under = `${run.inputs.samples} samples of ${run.inputs.text()}, statistics of ${replace.statisticsText()}`;
      replace.swept = { source: session.source, of: this.#conditions, under, points: {} };
    }
    const { unit: _, cost: __, ...rest } = wish;
    await replace.doing('Sweeping', async (_, signal) => {
      for (const [done, { policy, budget }] of todo.entries()) {
        replace.work = {
          what: `Measuring budget ${Number(budget).toLocaleString('en')}, ${policyTitle(policy)}`,
          done,
          total: todo.length,
          unit: '',
        };
        const ask = { bench, wish: { ...rest, policy, budget } satisfies Wish };
        const point = await runner.call('sweepPoint', ask, { signal });
        const { points } = replace.swept;
        // Named by the budget that was asked for, so that it is found again.
        const all = [...(points[policy] ?? []), { ...point, policy, budget }].toSorted((a, b) => a.kept - b.kept);
        replace.swept = { ...replace.swept, points: { ...points, [policy]: all } };
      }
    });
  }

  clear(): void {
    replace.sweep = {};
  }

  async price(each: CostSettings[]): Promise<void> {
    const { scene } = session;
    if (!scene) return;
    const ended = await this.#costs.ask(async (_, asking) => {
      const answers = await estimatesOf(scene, each, asking);
      return answers.flatMap(([first]) => first ?? []);
    });
    if (ended && 'fault' in ended) replace.fault = { doing: 'Pricing the sweep', fault: ended.fault };
  }
}

export const sweep = new Sweep();

/** Keeps the points priced while they are on the page; call inside a component. */
export function watchSweep(): void {
  $effect(() => {
    const { flat } = sweep;
    const { terms } = costs;
    if (!session.scene || flat.length === 0) return;
    void sweep.price(flat.map(({ kept, total, replaced }) => (kept < total ? { ...terms, replaced } : terms)));
  });
}
