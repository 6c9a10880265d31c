/** The model that is planned for, as the worker keeps it: what of it can be replaced, and the samples it is judged on. */
import type { BenchInfo } from '../../contract/core';
import type { BenchAsk, Samples } from '../../worker/run-client';
import { runner } from '../../worker/run-client';
import { Bound } from '../bound.svelte';
import { Inputs, TRAINING_DIGITS } from '../inputs.svelte';
import { run } from '../run.svelte';
import type { Scene } from '../session.svelte';
import { session } from '../session.svelte';
import { work } from './work';

/** Where statistics come from: samples of their own, those that judge, or none. */
export type Statistics = 'own' | 'same' | 'none';

const samplesOf = (inputs: Inputs): Samples | null =>
  inputs.samples === 0 ? null : { data: inputs.source(), take: inputs.samples, prepare: inputs.prepare() };

class Bench {
  /** null: what suits the model. */
  statistics = $state<Statistics | null>(null);
  /** For statistics; those that judge are the inputs of a run. */
  readonly inputs = new Inputs(TRAINING_DIGITS, (problem) => (work.problem = problem));
  readonly #info = new Bound<BenchInfo, Scene>(() => session.scene);

  info = $derived(this.#info.value);
  /** All weights are here. */
  runnable = $derived(this.info?.runnable === true && session.score?.model.weights.missing_files.length === 0);
  /** There are no weights, and that is known. */
  lacking = $derived(this.info ? !this.runnable : session.source?.kind === 'link' && !session.link?.view.example);
  statisticsNow = $derived<Statistics>(this.statistics ?? (run.inputs.from === 'digits' ? 'own' : 'same'));

  /** The bench as it is asked for; null while what it needs is not known. */
  ask = $derived.by((): BenchAsk | null => {
    if (!this.info) return null;
    if (!this.runnable) return this.#asked(null, null);
    const { statisticsNow, inputs } = this;
    if (run.inputs.reading || (statisticsNow === 'own' && inputs.reading)) return null;
    const test = samplesOf(run.inputs);
    if (statisticsNow === 'same') return this.#asked(test, null);
    return this.#asked(statisticsNow === 'own' ? samplesOf(inputs) : null, test);
  });

  /** Looks at what can be replaced. */
  async look(): Promise<void> {
    const { scene } = session;
    const ask = this.#asked(null, null);
    if (!scene || !ask) return;
    await work.do('Opening the model for changes', async (step) => {
      this.#info.hold(await runner.call('bench', ask, step(`Opening ${scene.score.model.name}`, 'bytes')), scene);
    });
  }

  /** Where statistics come from, in words. */
  text(): string {
    if (this.statisticsNow === 'none') return 'a standard normal law';
    return (this.statisticsNow === 'own' ? this.inputs : run.inputs).text();
  }

  #asked(data: Samples | null, test: Samples | null): BenchAsk | null {
    const { source, set, link } = session;
    const example = source?.kind === 'example' ? source.id : source?.kind === 'link' ? link?.view.example : null;
    const subject: BenchAsk['source'] | null =
      source?.kind === 'files'
        ? { kind: 'files', files: source.files }
        : example
          ? { kind: 'example', id: example }
          : null;
    return (
      source && subject && { key: source.key, source: subject, set, batch: run.batch, engine: run.engine, data, test }
    );
  }
}

export const bench = new Bench();

/** Opens the small network beside the page. */
export async function demonstrate(): Promise<void> {
  await session.openBeside('digits.onnx');
  run.inputs.choose('digits');
  scrollTo(0, 0);
}
