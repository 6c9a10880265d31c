/**
 * The plan for what is wished. Every change asks for one at once. A plan in force is priced in every view; a fault
 * or a cancel leaves the last good one.
 */
import type { Planned } from '../../contract/core';
import { budgetOf, stayingOf } from '../../lib/replace-view';
import type { BenchAsk } from '../../worker/run-client';
import { runner } from '../../worker/run-client';
import { costs } from '../cost.svelte';
import { Question } from '../question.svelte';
import type { Scene } from '../session.svelte';
import { session } from '../session.svelte';
import { bench } from './bench.svelte';
import type { Setup } from './wishes.svelte';
import { live, wishes } from './wishes.svelte';
import { work } from './work';

const PLANNING = 'Planning';

class Plan {
  /** The activation that is open, by the name of its result. */
  opened = $state<string | null>(null);
  readonly #question = new Question<{ setup: Setup; planned: Planned }, Scene>(() => session.scene);

  /** Of a plan that came without its file. */
  #received = $derived.by(() => {
    const rows = session.score && costs.replaced ? stayingOf(session.score, costs.replaced) : [];
    const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + of(row), 0);
    return {
      total: sum(({ activation }) => activation.elements),
      kept: sum(({ activation, stay }) => stay?.kept ?? activation.elements),
    };
  });

  /** What the plan in force leaves; null without one. */
  kept = $derived(this.planned?.kept ?? (costs.replaced ? this.#received.kept : null));
  /** Elements that can be replaced. */
  total = $derived(bench.info?.total ?? this.planned?.total ?? this.#received.total);
  /** What the budget leaves, in elements; null where it counts something else. */
  budget = $derived((wishes.wish.unit ?? 'relus') === 'relus' ? budgetOf(wishes.wish.budget, this.total) : null);

  /** The last good plan of the model on the page. */
  get planned(): Planned | null {
    return this.#question.answer?.planned ?? null;
  }

  /** The plan is of what is set now. */
  get current(): boolean {
    return this.#question.answer?.setup === wishes.setup && !this.making;
  }

  get making(): boolean {
    return this.#question.waiting;
  }

  async ask(bench: BenchAsk, setup: Setup): Promise<void> {
    const { wish, file } = setup;
    let again = false;
    const ended = await this.#question.ask(async (_, asking) => {
      // A file that did not fit is followed by the setup of before, which takes back nothing.
      again = this.#question.answer?.setup === setup;
      const progress = (done: number, total: number): void => {
        if (!asking.signal.aborted && !work.busy)
          work.now = { what: 'Running the model for statistics', done, total, unit: 'samples' };
      };
      const planned = file
        ? await runner.call('planFile', { bench, text: file.text }, asking)
        : await runner.call('plan', { bench, wish: live(wish) }, { ...asking, progress });
      return { setup, planned };
    });
    if (!this.making && !work.busy) work.now = null;
    if (!ended) return;
    if ('answer' in ended) {
      this.#price(ended.answer.planned);
      if ((file && !again) || work.problem?.doing === PLANNING) work.problem = null;
      return;
    }
    work.problem = { doing: file ? `Opening ${file.name}` : PLANNING, fault: ended.fault };
    // A file that does not fit goes; what was set before it stays.
    if (file) wishes.undo();
  }

  /** A plan that was made beside these questions: refitted, one layer after the other. */
  accept(setup: Setup, planned: Planned): void {
    this.#question.accept({ setup, planned });
    this.#price(planned);
  }

  #price(planned: Planned): void {
    costs.replace(planned.kept < planned.total ? planned.replaced : null);
  }
}

export const plan = new Plan();
