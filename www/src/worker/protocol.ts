/** What the page and the worker say to each other. Plain data: all of it survives a structured clone. */
import type {
  Advice,
  Calibrated,
  CalibrationReport,
  Card,
  CostCard,
  CostSettings,
  CostTable,
  Diff,
  Estimate,
  Example,
  Link,
  LinkState,
  LinkView,
  Opening,
  OwnProfile,
  Protocol,
  ReluPrice,
  Report,
  Score,
  Setting,
  Spec,
  Terms,
  WhatIf,
  WorkRow,
} from '../contract/core';
import type { CalibrateSettings } from '../lib/calibrate';
import type { Compared, Comparison } from '../lib/pareto-report';
import type { Fault, Settings } from '../lib/types';

/** Where a model comes from; kept by the page, so that a fresh worker can open it again. */
export type Source =
  | { readonly kind: 'files'; readonly key: number; readonly files: readonly File[] }
  | { readonly kind: 'example'; readonly key: number; readonly id: string }
  | { readonly kind: 'link'; readonly key: number; readonly text: string };

/** Every request names its model and settings: the worker keeps the last ones as a cache, nothing more. */
export interface Subject {
  source: Source;
  set: Settings;
}

export interface Scored {
  score: Score;
  /** Bytes of the core's memory after the score. */
  memory: number;
  /** The protocols that it opens under where nobody has chosen one. */
  opensUnder: Opening[];
  /** What came with a link. */
  link: LinkState | null;
}

/** A table, and for comparison the estimate with every activation kept, where the settings change them. */
export interface Costed {
  table: CostTable;
  kept: Estimate | null;
}

interface Costs {
  settings: CostSettings;
}

/** Of no network, or of one as it is in the file. */
interface Priced {
  terms: Terms;
}

interface Typed extends Priced {
  rows: WorkRow[];
}

export interface Verbs {
  score: { ask: Subject; answer: Scored };
  examples: { ask: null; answer: Example[] };
  card: { ask: Subject & { index: number | null; column: string }; answer: Card };
  cost: { ask: Subject & Costs; answer: Costed };
  /** Totals only, once for each of the settings. */
  costEach: { ask: Subject & { each: CostSettings[] }; answer: Report[] };
  /** With a cost for each row: for exports. */
  costReport: { ask: Subject & Costs; answer: Report };
  costCard: { ask: Subject & Costs & { index: number }; answer: CostCard };
  typedCost: { ask: Typed; answer: Costed };
  typedCard: { ask: Typed & { position: number }; answer: CostCard };
  protocols: { ask: Priced; answer: Protocol[] };
  /** Of the menu. */
  settings: { ask: null; answer: Setting[] };
  links: { ask: null; answer: Link[] };
  reluPrice: { ask: Priced; answer: ReluPrice };
  compare: { ask: Comparison; answer: Compared };
  /** What single changes to layers do. */
  whatIf: { ask: Subject & Costs; answer: WhatIf };
  /** What stands in the way, and what to do about it. */
  advice: { ask: Subject & Costs; answer: Advice };
  /** Fits measurements; a profile that came with a link; a saved one. */
  calibrate: { ask: CalibrateSettings; answer: Calibrated };
  calibration: { ask: OwnProfile; answer: CalibrationReport };
  openProfile: { ask: string; answer: CalibrationReport };
  /** The network of a spec (the first) beside the model, aligned by stage. */
  diffSpec: { ask: Subject & Costs & { spec: Spec; name: string }; answer: Diff };
  /** The link of the model under what is on screen. */
  share: { ask: Subject & { view: LinkView; names: boolean }; answer: string };
}

export type Verb = keyof Verbs;

export interface Request<V extends Verb = Verb> {
  id: number;
  verb: V;
  ask: Verbs[V]['ask'];
}

/** The verbs of a worker: what each is asked and answers. */
export type Table<T> = { [V in keyof T]: { ask: unknown; answer: unknown } };

/** A request as it travels, whichever worker it goes to. */
export interface Asked {
  id: number;
  verb: string;
  ask: unknown;
}

export type Reply =
  | { id: number; type: 'progress'; done: number; total: number }
  | { id: number; type: 'answer'; answer: unknown }
  /** `fatal`: the core stopped in a way that it cannot go on from. */
  | { id: number; type: 'fault'; fault: Fault; fatal: boolean };
