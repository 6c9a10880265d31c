/** The rows of the calculator and what they cost, under the protocol and link of the page. */
import { untrack } from 'svelte';
import type { Figure, Terms, WorkRow } from '../lib/cost';
import { rowView } from '../lib/cost-view';
import type { LayerKind, TypedRow } from '../lib/typed-rows';
import { typedRow, workRow } from '../lib/typed-rows';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import { core } from '../worker/client';
import { awaitCard } from './cards.svelte';
import type { Answer } from './cost.svelte';
import { answerOf, costs, under } from './cost.svelte';
import { route } from './routes.svelte';

let ids = 0;

class Calculator {
  rows = $state.raw<readonly TypedRow[]>([typedRow(++ids, 'conv'), typedRow(++ids, 'activation')]);
  answer = $state.raw<Answer | null>(null);
  fault = $state.raw<Fault | null>(null);

  add(kind: LayerKind): void {
    this.rows = [...this.rows, typedRow(++ids, kind)];
  }

  remove(id: number): void {
    this.rows = this.rows.filter((row) => row.id !== id);
  }

  change(id: number, changes: Partial<TypedRow>): void {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, ...changes } : row));
  }
}

export const calculator = new Calculator();

export function openTypedCost(anchor: HTMLElement, position: number, figure: Figure): void {
  const { answer } = calculator;
  const rows = calculator.rows.map(workRow);
  const name = rows[position]?.name;
  if (!answer || name === undefined) return;
  void awaitCard(anchor, async (signal) => {
    const card = await core.call('typedCard', { rows, position, terms: costs.terms }, { signal, brief: true });
    return { kind: 'cost', view: rowView(card, figure, name, under(answer.estimate)) };
  });
}

let asking = new AbortController();

async function ask(rows: WorkRow[], terms: Terms): Promise<void> {
  asking.abort();
  const { signal } = (asking = new AbortController());
  try {
    const answer = answerOf(await core.call('typedCost', { rows, terms }, { signal, brief: true }));
    Object.assign(calculator, { answer, fault: null });
  } catch (error) {
    if (!isFault(error)) throw error;
    if (error.code !== 'cancelled' && !signal.aborted) calculator.fault = error;
  }
}

$effect.root(() => {
  $effect(() => {
    if (route.view !== 'calculator') return;
    const rows = calculator.rows.map(workRow);
    const { terms } = costs;
    untrack(() => void ask(rows, terms));
  });
});
