/** Replacing: what is asked, and what the core says. */
import type { ReplaceSettings, SweepPoint as CoreSweepPoint } from '../contract/core';

/** What to replace, and how (`ReplaceSettings`); what is left out takes the default. */
export type Wish = ReplaceSettings & { budget: string };

/** A point of a sweep: a link keeps no costs. */
export type SweepPoint = Omit<CoreSweepPoint, 'costs'>;
