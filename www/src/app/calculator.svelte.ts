/** The rows of the calculator and what they cost, under the protocol and link of the page. */
import type { Terms, WorkRow } from '../contract/core';
import type { Figure } from '../lib/cost';
import { rowView } from '../lib/cost-view';
import type { LayerKind, TypedRow } from '../lib/typed-rows';
import { typedRow, workRow } from '../lib/typed-rows';
import type { Fault } from '../lib/types';
import { core } from '../worker/client';
import { awaitCard } from './cards.svelte';
import type { Answer } from './cost.svelte';
import { answerOf, costs, under } from './cost.svelte';
import { Question, anywhere } from './question.svelte';
import { route } from './routes.svelte';

let ids = 0;

class Calculator {
  rows = $state.raw<readonly TypedRow[]>([typedRow(++ids, 'conv'), typedRow(++ids, 'activation')]);
  readonly #question = new Question<Answer>(anywhere);

  get answer(): Answer | null {
    return this.#question.answer;
  }

  get fault(): Fault | null {
    return this.#question.fault;
  }

  add(kind: LayerKind): void {
    this.rows = [...this.rows, typedRow(++ids, kind)];
  }

  remove(id: number): void {
    this.rows = this.rows.filter((row) => row.id !== id);
  }

  ask(rows: WorkRow[], terms: Terms): void {
    void this.#question.ask(async (_, asking) => answerOf(await core.call('typedCost', { rows, terms }, asking)));
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
  void awaitCard(anchor, async (asking) => {
    const card = await core.call('typedCard', { rows, position, terms: costs.terms }, asking);
    return { kind: 'cost', view: rowView(card, figure, name, under(answer.estimate)) };
  });
}

$effect.root(() => {
  $effect(() => {
    if (route.view !== 'calculator' || !costs.protocol) return;
    calculator.ask(calculator.rows.map(workRow), costs.terms);
  });
});
