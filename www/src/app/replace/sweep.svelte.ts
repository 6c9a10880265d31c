/**
 * Many budgets, measured one after the other. Points stay when it is cancelled, so that it goes on from
 * there; other settings start anew. What each point costs is asked of the core as the protocol changes.
 */
import type { CostSettings, Estimate, Policy } from '../../contract/core';
import type { Points } from '../../lib/plan-link';
import type { SweepPoint, Wish } from '../../lib/replace';
import { policyTitle, sweepBudgets } from '../../lib/replace-view';
import type { Source } from '../../worker/client';
import { runner } from '../../worker/run-client';
import { Bound } from '../bound.svelte';
import { estimatesOf } from '../compare.svelte';
import { costs } from '../cost.svelte';
import { Question } from '../question.svelte';
import { run } from '../run.svelte';
import { session } from '../session.svelte';
import { bench } from './bench.svelte';
import { plan } from './plan.svelte';
import { wishes } from './wishes.svelte';
import { work } from './work';

/** Points, and what they were measured under. */
interface Swept {
  /** Everything that a point hangs on but its budget and policy. */
  conditions: string;
  /** In words. */
  under: string;
  points: Points;
}

export type SweepAxis = 'relus' | 'seconds' | 'bytes';

const NONE: Points = {};

class Sweep {
  count = $state(16);
  policies = $state.raw<ReadonlySet<Policy>>(new Set(['error']));
  axis = $state<SweepAxis>('relus');
  log = $state(false);
  tabled = $state(false);
  /** null: accuracy where there are labels. */
  fidelity = $state<'accuracy' | 'agreement' | null>(null);
  readonly #swept = new Bound<Swept, Source>(() => session.source);
  /** The scene of a price is the very points: a point more is another question. */
  readonly #costs = new Question<readonly Estimate[], readonly SweepPoint[]>(() => this.flat);

  /** All points, policy by policy. */
  flat = $derived(Object.values(this.points).flatMap((points) => points ?? []));
  /** What each of them costs under the chosen protocol; nothing until the core has said. */
  estimates = $derived(this.#costs.answer ?? []);
  labelled = $derived(this.flat.some(({ accuracy }) => accuracy !== null));
  shows = $derived(this.fidelity === 'agreement' || !this.labelled ? ('agreement' as const) : ('accuracy' as const));
  budgets = $derived(sweepBudgets(plan.total, this.count, wishes.log));
  #conditions = $derived.by(() => {
    const { budget: _, policy: __, unit: ___, cost: ____, ...wish } = wishes.wish;
    const { source: _____, ...asked } = bench.ask ?? { source: null };
    return JSON.stringify([asked, wish]);
  });
  #same = $derived(this.#swept.value?.conditions === this.#conditions);

  /** What is still to be measured. */
  missing = $derived.by(() => {
    const points = this.#same ? this.points : {};
    return [...this.policies].flatMap((policy) => {
      const had = new Set(points[policy]?.map(({ budget }) => budget));
      return this.budgets
        .filter((budget) => !had.has(String(budget)))
        .map((budget) => ({ policy, budget: String(budget) }));
    });
  });
  /** Some points are there, under these very settings. */
  begun = $derived(this.flat.length > 0 && this.#same);

  get points(): Points {
    return this.#swept.value?.points ?? NONE;
  }

  /** What the points were measured under, in words. */
  get under(): string {
    return this.#swept.value?.under ?? '';
  }

  toggle(policy: Policy, on: boolean): void {
    const policies = new Set(this.policies);
    if (on) policies.add(policy);
    else policies.delete(policy);
    this.policies = policies;
  }

  async start(): Promise<void> {
    const { ask } = bench;
    const { source } = session;
    const todo = this.missing;
    if (!ask || !source || todo.length === 0) return;
    const under = `${run.inputs.samples} samples of ${run.inputs.text()}, statistics of ${bench.text()}`;
    let swept = (this.begun && this.#swept.value) || { conditions: this.#conditions, under, points: NONE };
    this.#swept.hold(swept);
    const { unit: _, cost: __, ...rest } = wishes.wish;
    await work.do('Sweeping', async (_, signal) => {
      for (const [done, { policy, budget }] of todo.entries()) {
        const what = `Measuring budget ${Number(budget).toLocaleString('en')}, ${policyTitle(policy)}`;
        work.now = { what, done, total: todo.length, unit: '' };
        const wish: Wish = { ...rest, policy, budget };
        const point = await runner.call('sweepPoint', { bench: ask, wish }, { signal });
        const { points } = swept;
        // Named by the budget that was asked for, so that it is found again.
        const all = [...(points[policy] ?? []), { ...point, policy, budget }].toSorted((a, b) => a.kept - b.kept);
        swept = { ...swept, points: { ...points, [policy]: all } };
        this.#swept.hold(swept, source);
      }
    });
  }

  clear(): void {
    this.#swept.clear();
  }

  /** What a link brought. */
  receive(points: Points): void {
    this.#swept.hold({ conditions: '', under: '', points });
  }

  async price(each: CostSettings[]): Promise<void> {
    const { scene } = session;
    if (!scene) return;
    const ended = await this.#costs.ask(async (_, asking) => {
      const answers = await estimatesOf(scene, each, asking);
      return answers.flatMap(([first]) => first ?? []);
    });
    if (ended && 'fault' in ended) work.problem = { doing: 'Pricing the sweep', fault: ended.fault };
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
