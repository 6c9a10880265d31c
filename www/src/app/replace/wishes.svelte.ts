/** What is wished for of a plan, with undo and redo; or a plan file in its place. Holds no model: whose it is, it is told. */
import type { LayerWish } from '../../contract/core';
import type { History } from './history';
import { begin, changed, redone, settled, undone } from './history';
import type { Wish } from '../../lib/replace';
import type { Source } from '../../worker/client';

/** What can be undone: settings, or a plan file in their place. */
export interface Setup {
  wish: Wish;
  file: { name: string; text: string } | null;
}

export const FIRST: Wish = {
  budget: '100%',
  policy: 'error',
  granularity: 'pixel',
  method: 'dapa',
  degree: 2,
  per_channel: true,
  sequential: true,
  seed: 0,
};

class Wishes {
  /** The slider spends most of its way on small budgets. */
  log = $state(false);
  /** Whose model they are for. */
  of = $state.raw<Source | null>(null);
  #history = $state.raw<History<Setup>>(begin({ wish: FIRST, file: null }));

  get history(): History<Setup> {
    return this.#history;
  }

  setup = $derived(this.#history.now);
  wish = $derived(this.setup.wish);
  canUndo = $derived(this.#history.past.length > 0);
  canRedo = $derived(this.#history.future.length > 0);

  /** Begins anew: nothing of before can be undone. */
  begin(of: Source | null, setup: Setup): void {
    this.of = of;
    this.#history = begin(setup);
  }

  /** What can be undone and redone from what is set now, of an earlier visit. */
  surround(of: Source | null, past: readonly Setup[], future: readonly Setup[]): void {
    this.of = of;
    this.#history = { ...this.#history, past, future, tag: null };
  }

  /** For another model: another total, other layers; how to plan stays. */
  renew(of: Source | null): void {
    const { budget: _, layers: __, unit: ___, cost: ____, ...rest } = this.wish;
    this.begin(of, { wish: { ...rest, budget: FIRST.budget }, file: null });
  }

  /** Changes with the same tag are one step of undo until `settle`. */
  change(changes: Partial<Wish>, tag: string | null = null): void {
    this.#history = changed(this.#history, { wish: { ...this.wish, ...changes }, file: null }, tag);
  }

  settle(): void {
    this.#history = settled(this.#history);
  }

  undo(): void {
    this.#history = undone(this.#history);
  }

  redo(): void {
    this.#history = redone(this.#history);
  }

  /** A method or degree for one activation; none takes it back. */
  changeLayer(output: string, own: Omit<LayerWish, 'output'> | null): void {
    const { layers = [] } = this.wish;
    const others = layers.filter((layer) => layer.output !== output);
    this.change({ layers: own ? [...others, { output, ...own }] : others });
  }

  usePlan(name: string, text: string): void {
    this.#history = changed(this.#history, { wish: this.wish, file: { name, text } });
  }
}

export const wishes = new Wishes();

/** While a slider moves, layers are fitted each by itself. */
export const live = (wish: Wish): Wish => ({ ...wish, sequential: false });
