/** Replacing: what is asked, and what the core says. */
import type { ReplaceSettings, SweepPoint as CoreSweepPoint } from '../contract/core';
export type {
  BenchInfo,
  BudgetUnit,
  ClassChange,
  Compared,
  LayerView,
  LayerWish,
  Measured,
  Method,
  Planned,
  Policy,
  ReplaceLayer,
} from '../contract/core';

export type { Stay } from './cost';

/** What to replace, and how (`ReplaceSettings`); what is left out takes the default. */
export type Wish = ReplaceSettings & { budget: string };

/** A point of a sweep: a link keeps no costs. */
export type SweepPoint = Omit<CoreSweepPoint, 'costs'>;
