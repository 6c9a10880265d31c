/**
 * The reports of replacing as the core writes them (crate/src/api/replace.rs), and what is asked for. Field
 * names are a contract: they are added, never renamed.
 */
import type { Stay, Terms } from './cost';
import type { About, Accuracy, Histogram } from './run';

export type { Stay } from './cost';

export type Policy = 'error' | 'senet' | 'criticality' | 'balance' | 'uniform' | 'random' | 'senet-ratios' | 'bcd';
export type Method =
  'dapa' | 'fit' | 'minimax' | 'chebyshev' | 'autorep' | 'pillar' | '0.25x2+0.5x' | 'x2+x' | 'identity';
export type BudgetUnit = 'relus' | 'seconds' | 'bytes';

/** One activation with a method or a degree of its own. */
export interface LayerWish {
  /** Name of its result. */
  output: string;
  method?: Method;
  degree?: number;
}

/** What to replace, and how (`ReplaceSettings`); what is left out takes the default. */
export interface Wish {
  /** `50000`, or `25%`. */
  budget: string;
  unit?: BudgetUnit;
  /** Protocol and link of a budget in seconds or bytes. */
  cost?: Terms;
  policy?: Policy;
  /** `pixel`, `spatial`, `channel`, `patch:SIDE`, `layer`, `stage`. */
  granularity?: string;
  method?: Method;
  degree?: number;
  per_channel?: boolean;
  /** Each layer is fitted once those before it are replaced: takes a run a layer. */
  sequential?: boolean;
  gates?: boolean;
  seed?: number;
  /** Name of a list of SENet's ratios. */
  ratios?: string;
  layers?: LayerWish[];
}

export interface ReplaceLayer {
  /** Node index, as the score counts them. */
  index: number;
  node: string;
  /** Name of its result. */
  output: string;
  target: string;
  stage: number;
  elements: number;
  kept: number;
  method: Method;
  degree: number;
  /** Expected squared error of one replaced element. */
  mse: number | null;
  /** Share of its inputs outside the range that was fitted. */
  outside: number | null;
}

/** A plan: what becomes of the activations. `plan` is the file `reluctant.plan/1`, to be handed back as it is. */
export interface Planned {
  total: number;
  kept: number;
  /** total / kept; null where nothing stays. */
  reduction: number | null;
  /** In the unit's own whole numbers: elements, nanoseconds, bytes. */
  budget: number;
  spent: number;
  /** The choice is proven best by the policy's measure. */
  exact: boolean;
  /** (cost, loss) of the relaxed problem's corners. */
  front: [number, number][];
  layers: ReplaceLayer[];
  replaced: Stay[];
  notes: string[];
  plan: unknown;
}

/** What can be replaced, before anything is. */
export interface BenchInfo {
  model: string;
  /** Elements of one sample that can be replaced. */
  total: number;
  layers: Pick<ReplaceLayer, 'index' | 'node' | 'output' | 'target' | 'stage' | 'elements'>[];
  /** SENet's lists that fit this model. */
  ratios: string[];
  /** The model has its weights: it can be measured and exported. */
  runnable: boolean;
}

/** Outputs of the original and the changed model on the same samples. */
export interface Compared {
  samples: number;
  /** Share of samples with the same best class. */
  agreement: number | null;
  /** Mean divergence of the softmax of the outputs, in nats. */
  kl: number | null;
  relative_error: number;
  original: Accuracy | null;
  changed: Accuracy | null;
}

export interface ClassChange {
  class: number;
  samples: number;
  /** Right ones before and after, where there are labels; else samples given this class. */
  before: number;
  after: number;
}

export interface Measured {
  planned: Planned;
  compared: Compared;
  /** Relative error of each activation's result in the changed model, in graph order. */
  growth: { index: number; output: string; relative_error: number }[];
  /** null where the outputs are no scores. */
  classes: ClassChange[] | null;
  engine: About;
  /** Of one run of the test samples, original and changed. */
  seconds: [number, number];
}

export interface SweepPoint {
  budget: string;
  policy: Policy;
  kept: number;
  total: number;
  accuracy: number | null;
  agreement: number | null;
  kl: number | null;
  relative_error: number | null;
  replaced: Stay[];
}

/** What flows into one activation, and its polynomial. */
export interface LayerView {
  index: number;
  output: string;
  target: string;
  /** Channels there are; with one polynomial a channel, each can be asked for. */
  channels: number;
  /** null: all channels together. */
  channel: number | null;
  mean: number;
  std: number;
  /** What was seen; null without data. */
  histogram: Histogram | null;
  method: Method;
  degree: number;
  /** Ascending powers of x. */
  coefficients: number[];
  /** Where it was fitted. */
  range: [number, number];
  mse: number;
  max_error: number;
  max_error_at: number;
  outside: number;
  /** x, activation and polynomial at points over what was seen and fitted: for drawing. */
  curve: { x: number[]; activation: number[]; polynomial: number[] };
  /** Multiplications and depth, by Horner and by Paterson-Stockmeyer. */
  horner: { multiplications: number; depth: number } | null;
  paterson_stockmeyer: { multiplications: number; depth: number };
  /** Error by degree 1 to 8 with this method, where it has degrees. */
  by_degree: { degree: number; mse: number; max_error: number }[];
}
