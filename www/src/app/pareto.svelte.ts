/**
 * The Pareto chart's state: data set, axis, methods, own points. The core compares; every change
 * asks it anew. Own points are the model on the page (always current) and pinned ones (kept as they
 * were). An accuracy is the person's own word: the page does not measure it here.
 */
import type { Axis, OwnPoint, ParetoReport, Published, Score } from '../contract/core';
import type { ParetoSettings } from '../lib/pareto';
import { compareAll } from '../lib/pareto-report';
import type { Fault } from '../lib/types';
import { core } from '../worker/client';
import { costs } from './cost.svelte';
import { Question, anywhere } from './question.svelte';
import { session } from './session.svelte';

export interface Kept extends OwnPoint {
  id: number;
  name: string;
  /** That the accuracy is of. */
  dataset: string;
}

interface Compared {
  report: ParetoReport;
  own: readonly Kept[];
}

let ids = 0;

class Pareto {
  dataset = $state('CIFAR-100');
  axis = $state<Axis>('relus');
  /** Logarithmic horizontal axis. */
  log = $state(true);
  tabled = $state(false);
  /** What is seen; null: everything. */
  window = $state.raw<{ x: readonly [number, number]; y: readonly [number, number] } | null>(null);
  /** Methods that are left out. */
  hidden = $state.raw<ReadonlySet<string>>(new Set());
  verified = $state(false);
  pins = $state.raw<readonly Kept[]>([]);
  /** Top-1 accuracy of the model on the page, in percent, by data set and the model's hash. */
  accuracies = $state.raw<Readonly<Record<string, number>>>({});
  /** Looked for: null takes the model's own cost, or accuracy. */
  budget = $state.raw<number | null>(null);
  target = $state.raw<number | null>(null);

  /** The point whose facts are open, by its id in the chart. */
  chosen = $state<string | null>(null);

  /** Comes with the chart, which is loaded when it is first needed. */
  published = $state.raw<Published | null>(null);

  /** Of no model: own points keep their figures, and the one of the page travels with the question. */
  readonly #question = new Question<Compared>(anywhere);

  methods = $derived(
    [...new Set((this.published?.points ?? []).filter((p) => p.dataset === this.dataset).map((p) => p.method))].sort(
      (a, b) => a.localeCompare(b),
    ),
  );

  /** The model on the page as a point. */
  current = $derived(session.score ? this.#point(session.score) : null);

  /** Pinned ones; an accuracy on another data set says nothing on this one. */
  kept = $derived(
    this.pins.map((own): Kept =>
      own.dataset === this.dataset ? own : { ...own, accuracy: null, dataset: this.dataset },
    ),
  );

  get report(): ParetoReport | null {
    return this.#question.answer?.report ?? null;
  }

  /** The own points that the report speaks of, in its order. */
  get own(): readonly Kept[] {
    return this.#question.answer?.own ?? [];
  }

  get fault(): Fault | null {
    return this.#question.fault;
  }

  ask(own: readonly Kept[], published: Published): void {
    const settings: ParetoSettings = {
      dataset: this.dataset,
      axis: this.axis,
      // None at all is not everything: a name that no method has.
      methods: this.hidden.size === 0 ? [] : ['', ...this.methods.filter((method) => !this.hidden.has(method))],
      statuses: this.verified ? ['verified'] : [],
      own: own.map(({ relus, macs, accuracy }) => ({ relus, macs, accuracy })),
      budget: this.budget,
      accuracy: this.target,
    };
    const priced = settings.axis === 'latency' || settings.axis === 'traffic';
    const terms = priced && costs.protocol ? costs.terms : null;
    void this.#question.ask(async (_, asking) => {
      const price = terms && (await core.call('reluPrice', { terms }, asking));
      const { ask, report } = compareAll(published, settings, price);
      return { report: report(await core.call('compare', ask, asking)), own };
    });
  }

  /** A budget is a cost on one axis; so is what is seen. */
  against(axis: Axis): void {
    if (axis === this.axis) return;
    Object.assign(this, { axis, budget: null, window: null });
  }

  on(dataset: string): void {
    Object.assign(this, { dataset, chosen: null, window: null });
  }

  scale(log: boolean): void {
    Object.assign(this, { log, window: null });
  }

  setAccuracy(accuracy: number | null): void {
    if (!session.score) return;
    const key = this.#key(session.score);
    const { [key]: _, ...rest } = this.accuracies;
    this.accuracies = accuracy === null ? rest : { ...rest, [key]: accuracy };
  }

  pin(): void {
    if (this.current) this.keep(this.current);
  }

  keep(point: Omit<Kept, 'id'>): void {
    this.pins = [...this.pins, { ...point, id: ++ids }];
  }

  setPinned(id: number, accuracy: number | null): void {
    this.pins = this.pins.map((own) => (own.id === id ? { ...own, accuracy, dataset: this.dataset } : own));
  }

  unpin(id: number): void {
    this.pins = this.pins.filter((other) => other.id !== id);
  }

  show(method: string, on: boolean): void {
    const hidden = new Set(this.hidden);
    if (on) hidden.delete(method);
    else hidden.add(method);
    this.hidden = hidden;
  }

  #key({ model }: Score): string {
    return `${this.dataset} ${model.hash}`;
  }

  #point(score: Score): Kept {
    const { model, totals } = score;
    const accuracy = this.accuracies[this.#key(score)] ?? null;
    return { id: 0, name: model.name, relus: totals.relu.elements, macs: totals.macs, accuracy, dataset: this.dataset };
  }
}

export const pareto = new Pareto();

/** Keeps the comparison current while a chart is on the page; call inside a component. */
export function watchPareto(): void {
  $effect(() => {
    const own = [...(pareto.current ? [pareto.current] : []), ...pareto.kept];
    if (pareto.published) pareto.ask(own, pareto.published);
  });
}
