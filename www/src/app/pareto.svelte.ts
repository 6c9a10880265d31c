/**
 * The Pareto chart's state: data set, axis, methods, own points. The core compares; every change
 * asks it anew. Own points are the model on the page (always current) and pinned ones (kept as they
 * were). An accuracy is what was measured in this tab, or else the person's own word.
 */
import type { Accuracy as Told, Axis, OwnPoint, ParetoReport, Published, Score } from '../contract/core';
import type { ParetoSettings } from '../lib/pareto';
import { inOrder } from '../lib/order';
import { compareAll } from '../lib/pareto-report';
import type { Fault } from '../lib/types';
import { core } from '../worker/client';
import { costs } from './cost.svelte';
import { NO_DATASET, datasetOf } from './dataset';
import { Question, anywhere } from './question.svelte';
import { network } from './network.svelte';
import { session } from './session.svelte';

export interface Kept extends OwnPoint {
  id: number;
  name: string;
  /** That the accuracy is of. */
  dataset: string;
  measured?: Measured | null;
}

/** An accuracy that was measured here, in percent. */
interface Measured {
  top1: number;
  /** Wilson's, at 95 %. */
  interval: readonly [number, number] | null;
  /** On what, in words. */
  test: string;
}

interface Compared {
  report: ParetoReport;
  own: readonly Kept[];
}

/** As the core told it, in percent. */
export const accuracyOf = ({ top1, top1_interval: [low, high] }: Told, test: string): Measured => ({
  top1: Number((100 * top1).toFixed(2)),
  interval: [100 * low, 100 * high],
  test,
});

let ids = 0;

class Pareto {
  /** Chosen by the person; null: what suits the model. */
  chosenDataset = $state<string | null>(null);
  dataset = $derived(this.chosenDataset ?? (session.score ? datasetOf(session.score.model) : NO_DATASET));
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
  /** Typed in: top-1 accuracy of the network on the page, in percent, by data set, model and the ReLUs that stay. */
  accuracies = $state.raw<Readonly<Record<string, number>>>({});
  /** What was measured, by the model's hash and how many activations were replaced. */
  #measured = $state.raw<Readonly<Record<string, Measured>>>({});
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
      inOrder,
    ),
  );

  /** The model on the page as a point. */
  current = $derived(network.score ? this.#point(network.score) : null);

  /** Pinned ones; an accuracy on another data set says nothing on this one. */
  kept = $derived(
    this.pins.map((own): Kept =>
      own.dataset === this.dataset ? own : { ...own, accuracy: null, measured: null, dataset: this.dataset },
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
    Object.assign(this, { chosenDataset: dataset, chosen: null, window: null });
  }

  scale(log: boolean): void {
    Object.assign(this, { log, window: null });
  }

  setAccuracy(accuracy: number | null): void {
    if (!network.score) return;
    const key = `${this.dataset} ${this.#key(network.score)}`;
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
    const typed = { accuracy, measured: null, dataset: this.dataset };
    this.pins = this.pins.map((own) => (own.id === id ? { ...own, ...typed } : own));
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

  /** The accuracy of the model on the page with so many activations replaced. */
  tell(replaced: number, accuracy: Measured): void {
    if (session.score) this.#measured = { ...this.#measured, [`${session.score.model.hash} ${replaced}`]: accuracy };
  }

  #key(score: Score): string {
    const elements = ({ totals }: Score): number =>
      Object.values(totals.activations).reduce((sum, tally) => sum + tally.elements, totals.relu.elements);
    return `${score.model.hash} ${elements(session.score ?? score) - elements(score)}`;
  }

  #point(score: Score): Kept {
    const { model, totals } = score;
    const typed = this.accuracies[`${this.dataset} ${this.#key(score)}`] ?? null;
    const measured = typed === null ? (this.#measured[this.#key(score)] ?? null) : null;
    return {
      id: 0,
      name: model.name,
      relus: totals.relu.elements,
      macs: totals.macs,
      accuracy: typed ?? measured?.top1 ?? null,
      dataset: this.dataset,
      measured,
    };
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
