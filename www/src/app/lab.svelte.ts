/** The lab: exits of the model on the page, gated ReLUs on some points, climbing with another slope. Small questions, asked as their fields change. */
import type { AscentReport, CostSettings, ExitsReport, GatedReport, NtkReport, Score } from '../contract/core';
import { designers } from '../worker/design-client';
import { Bound } from './bound.svelte';
import { Question, anywhere } from './question.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';

/** An exit that is looked at, and the percentage of the inputs that stop there. */
export interface Exit {
  readonly at: string;
  readonly percent: number;
}

/** Where a network can be left: after each of its stages but the last, by the value that is made there. */
export function placesOf({ layers }: Pick<Score, 'layers'>): { stage: string; at: string }[] {
  const last = new Map<string, string>();
  for (const { stage, output, shape } of layers)
    if (/^S\d+$/.test(stage) && shape !== null && output !== '') last.set(stage, output);
  return [...last].map(([stage, at]) => ({ stage, at })).slice(0, -1);
}

/** Shares of the inputs: of the exits, and what is left for the end. */
export function sharesOf(exits: readonly Exit[]): number[] {
  const left = 100 - exits.reduce((sum, { percent }) => sum + percent, 0);
  return [...exits.map(({ percent }) => percent / 100), Math.round(left * 1e9) / 1e11];
}

/** Of an exit that nobody has given a share. */
const FIRST = [40, 30, 20];

class Lab {
  /** Another model has another number of them. */
  readonly #classes = new Bound<number, Scene['source']>(() => session.source);
  /** null: one after each stage. */
  #exits = $state.raw<{ of: Scene; exits: readonly Exit[] } | null>(null);
  readonly #priced = new Question<ExitsReport, Scene>(() => session.scene);
  readonly #gated = new Question<GatedReport, Scene>(() => session.scene);

  points = $state.raw<readonly (readonly [number, number])[]>([
    [-2, 1],
    [-1, -1],
    [0, 1],
    [1, 1],
    [2, -1],
  ]);
  lambda = $state(0.1);
  steps = $state(50);
  readonly #ntk = new Question<NtkReport>(anywhere);

  slopes = $state.raw<readonly number[]>([0, 0.1, 0.3, 1 / 3, 0.5, 0.9]);
  starts = $state.raw<readonly number[]>([0.1, -0.1, -0.5, 0.5]);
  readonly #climbs = new Question<{ slopes: readonly number[]; climbs: AscentReport[][] }>(anywhere);

  get exits(): readonly Exit[] {
    const { scene } = session;
    if (!scene) return [];
    if (this.#exits?.of === scene) return this.#exits.exits;
    return placesOf(scene.score)
      .slice(0, FIRST.length)
      .map(({ at }, i) => ({ at, percent: FIRST[i] ?? 0 }));
  }

  set exits(exits: readonly Exit[]) {
    if (session.scene) this.#exits = { of: session.scene, exits };
  }

  /** What a person said; null: nothing. */
  get classes(): number | null {
    return this.#classes.value;
  }

  set classes(classes: number | null) {
    if (classes !== null && session.source) this.#classes.hold(classes);
    else this.#classes.clear();
  }

  /** Logits: of the model's first output, unless a person says otherwise. */
  get classesNow(): number {
    const shape = session.score?.model.outputs[0]?.shape;
    // Samples x classes; where each place has a class, the places stand behind.
    const last = shape && shape.length > 2 ? shape[1] : shape?.at(-1);
    return this.classes ?? (typeof last === 'number' && last > 1 ? last : 10);
  }

  get priced(): Question<ExitsReport, Scene> {
    return this.#priced;
  }

  get gated(): Question<GatedReport, Scene> {
    return this.#gated;
  }

  get ntk(): Question<NtkReport> {
    return this.#ntk;
  }

  get climbs(): Question<{ slopes: readonly number[]; climbs: AscentReport[][] }> {
    return this.#climbs;
  }

  price(settings: CostSettings): void {
    const { exits, classesNow: classes } = this;
    if (exits.length === 0) return this.#priced.clear();
    const [at, shares] = [exits.map((exit) => exit.at), sharesOf(exits)];
    void this.#priced.ask(({ source, set }, asking) =>
      designers.call('exits', { source, set, at, shares, classes, settings }, asking),
    );
  }

  /** With a gate in the place of each ReLU. */
  gate(settings: CostSettings): void {
    void this.#gated.ask(({ source, set }, asking) => designers.call('gated', { source, set, settings }, asking));
  }

  solve(): void {
    const { lambda, steps } = this;
    const [points, y] = [this.points.map(([x]) => x), this.points.map(([, y]) => y)];
    void this.#ntk.ask((_, asking) => designers.call('ntk', { points, width: 1, y, lambda, steps }, asking));
  }

  climb(): void {
    const [slopes, starts] = [[...this.slopes], [...this.starts]];
    void this.#climbs.ask(async (_, asking) => ({
      slopes,
      climbs: await designers.call('ascents', { slopes, starts, steps: 200, mu: 0.05 }, asking),
    }));
  }
}

export const lab = new Lab();
