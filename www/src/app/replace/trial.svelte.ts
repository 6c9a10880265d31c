/** Original and plan side by side on the same samples: what was measured here, or said by a link. */
import type { Measured } from '../../contract/core';
import type { MeasuredSummary } from '../../lib/plan-link';
import type { Source } from '../../worker/client';
import { runner } from '../../worker/run-client';
import { Bound } from '../bound.svelte';
import { accuracyOf, pareto } from '../pareto.svelte';
import { run } from '../run.svelte';
import { session } from '../session.svelte';
import { bench } from './bench.svelte';
import { plan } from './plan.svelte';
import type { Setup } from './wishes.svelte';
import { wishes } from './wishes.svelte';
import { work } from './work';

export interface Result {
  measured: Measured;
  setup: Setup;
  /** Where the samples came from, in words. */
  statistics: string;
  test: string;
}

class Trial {
  readonly #result = new Bound<Result, Source>(() => session.source);
  readonly #sent = new Bound<MeasuredSummary, Source>(() => session.source);

  get result(): Result | null {
    return this.#result.value;
  }

  /** What a link carries of it. */
  get summary(): MeasuredSummary | null {
    const { result } = this;
    if (!result) return this.#sent.value;
    const { planned, compared, engine } = result.measured;
    const { samples, agreement, original, changed } = compared;
    return {
      kept: planned.kept,
      total: planned.total,
      samples,
      test: result.test,
      agreement,
      original: original?.top1 ?? null,
      changed: changed?.top1 ?? null,
      engine: engine.engine,
    };
  }

  /** What whoever sent the link measured. */
  receive(summary: MeasuredSummary | null): void {
    if (summary) this.#sent.hold(summary);
    else this.#sent.clear();
  }

  async measure(): Promise<void> {
    const { ask } = bench;
    const { setup } = wishes;
    const { scene } = session;
    if (!ask || !scene) return;
    const file = setup.file && plan.planned ? { plan: plan.planned.plan } : {};
    const [statistics, test] = [bench.text(), run.inputs.text()];
    await work.do('Measuring', async (step) => {
      const measured = await runner.call(
        'measure',
        { bench: ask, wish: setup.wish, ...file },
        step('Running original and plan side by side', 'samples'),
      );
      this.#result.hold({ measured, setup, statistics, test }, scene.source);
      const { planned, compared } = measured;
      if (session.scene === scene) {
        if (compared.original) pareto.tell(0, accuracyOf(compared.original, test));
        if (compared.changed) pareto.tell(planned.total - planned.kept, accuracyOf(compared.changed, test));
      }
      if (wishes.setup === setup && session.scene === scene) plan.accept(setup, measured.planned);
    });
  }
}

export const trial = new Trial();
