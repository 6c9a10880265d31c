/** Exits of the model on the page, searched for under a budget, and measured on data where the model has heads. */
import type { CostSettings, ExitPoint, ExitSearch, ExitSearchSettings, ExitSweep, ExitUnit } from '../contract/core';
import { designers } from '../worker/design-client';
import { runner } from '../worker/run-client';
import { Bound } from './bound.svelte';
import { lab, sharesOf } from './lab.svelte';
import { run } from './run.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';
import { Work } from './work.svelte';

/** Bytes, or seconds, of one in the budget's field. */
export const UNITS: Record<ExitUnit, { title: string; of: number }> = {
  bytes: { title: 'MB', of: 1e6 },
  seconds: { title: 's', of: 1 },
};

export interface Measured {
  sweep: ExitSweep;
  search: ExitSearch | null;
  /** What it was measured on, in words. */
  from: string;
  end: string;
  /** What was set: as `Exiting.asked`. */
  asked: string;
}

/** The cheapest point at which some leave that is as right as the end is, within a hundredth; null: none. */
export function worthOf({ end_accuracy, points }: Pick<ExitSweep, 'end_accuracy' | 'points'>): ExitPoint | null {
  const wanted = (end_accuracy ?? 1) - 0.01;
  const good = points.filter(
    ({ accuracy, agreement, shares }) => (accuracy ?? agreement) >= wanted && (shares.at(-1) ?? 1) < 1,
  );
  return good.toSorted((a, b) => a.secure.bytes - b.secure.bytes)[0] ?? null;
}

class Exiting {
  readonly searching = new Work();
  readonly measuring = new Work();
  /** Exits at most. */
  most = $state(2);
  /** Behind any activation, or at the exits that are looked at, with their shares. */
  places = $state<'any' | 'listed'>('any');
  unit = $state<ExitUnit>('bytes');
  /** In MB or seconds; null: any. */
  budget = $state.raw<number | null>(null);
  /** Bits; null: any. */
  leak = $state.raw<number | null>(null);
  /** A head at depth d is sure of d to this power. */
  ease = $state(1);
  /** null: the first output. */
  readonly #end = new Bound<string, Scene['source']>(() => session.source);
  readonly #found = new Bound<ExitSearch, Scene>(() => session.scene);
  readonly #measured = new Bound<Measured, Scene>(() => session.scene);

  get found(): ExitSearch | null {
    return this.#found.value;
  }

  get measured(): Measured | null {
    return this.#measured.value;
  }

  /** Outputs that tell a class of each sample; a file may name one twice. */
  answers = $derived([
    ...new Set((session.score?.model.outputs ?? []).filter(({ shape }) => shape?.length === 2).map(({ name }) => name)),
  ]);

  get end(): string {
    return this.#end.value ?? this.answers[0] ?? '';
  }

  set end(name: string) {
    if (session.source) this.#end.hold(name);
  }

  /** The model's own heads, in the order of the network. */
  heads = $derived.by((): string[] => {
    const order = new Map(session.score?.layers.map(({ output }, at) => [output, at]));
    const place = (name: string): number => order.get(name) ?? 0;
    return this.answers.filter((name) => name !== this.end).toSorted((a, b) => place(a) - place(b));
  });

  /** What a measurement is of, as far as it is set: one that was asked for otherwise is of something else. */
  asked(settings: CostSettings): string {
    const { most, unit, budget, leak } = this;
    return JSON.stringify([this.end, most, unit, budget, leak, settings]);
  }

  search(settings: CostSettings): Promise<void> {
    const { scene } = session;
    return this.searching.do('Searching exits', async (step, signal) => {
      if (!scene) return;
      const { source, set } = scene;
      const ask = { source, set, wish: this.#wish(), settings };
      const found = await designers.call('exitSearch', ask, step('Pricing sets of exits', ''));
      if (!signal.aborted) this.#found.hold(found, scene);
    });
  }

  /** Runs the heads, and searches with what they say. */
  measure(settings: CostSettings): Promise<void> {
    const { scene } = session;
    return this.measuring.do('Measuring the heads', async (step, signal) => {
      if (scene?.source.kind !== 'files') return;
      const { key, files } = scene.source;
      const { inputs, batch, engine } = run;
      const model = { key, files, set: scene.set, batch, engine };
      const samples = { data: inputs.source(), take: inputs.samples, prepare: inputs.prepare() };
      const about = { from: inputs.text(), end: this.end, asked: this.asked(settings) };
      const at = this.heads;
      const { most, unit, budget, leak } = this.#wish();
      await runner.call('load', model, step('Loading the weights', 'bytes'));
      const ask = { model, samples, at, wish: { most, unit, budget, leak }, settings };
      const measured = await runner.call('heads', ask, step('Running the heads', 'samples'));
      if (!signal.aborted) this.#measured.hold({ ...measured, ...about }, scene);
    });
  }

  #wish(): Required<ExitSearchSettings> {
    const { most, unit, budget, leak, ease } = this;
    const listed = this.places === 'listed' ? lab.exits : [];
    let so = 0;
    return {
      at: listed.map(({ at }) => at),
      // A head is sure of those that stop there, and of those that an earlier one was sure of.
      sure: sharesOf(listed)
        .slice(0, -1)
        .map((share) => (so = Math.min(1, so + share))),
      ease,
      classes: lab.classesNow,
      most,
      unit,
      budget: budget === null ? null : budget * UNITS[unit].of,
      leak,
    };
  }
}

export const exiting = new Exiting();
