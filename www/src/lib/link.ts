/** What a link holds beside the score (crate/src/api/share.rs). Field names are a contract. */
import type { Sent } from './costing';

export interface LinkView {
  /** Id of the example, where it is one. */
  example: string | null;
  view: string;
  /** Complete: what is absent is as always. null only where the document says nothing of costs. */
  cost: Sent | null;
  /** By name, as text. Keys in `name.` hold text of the model's author and stay behind without names. */
  settings: [string, string][];
  /** Node indices, rising. */
  selection: number[];
}

export interface LinkState {
  view: LinkView;
  profiles: [string, number][];
  /** Cost profiles that are not the sender's. */
  changed: { id: string; was: number; now: number | null; what: string[] }[];
  sent: { protocol: string; offline_seconds: number; online_seconds: number; bytes_total: number }[];
}

/** Longer ones break in messages: a file is sent instead. */
export const LONGEST_LINK = 8000;

/** A fragment that is a link of any version. */
export const isLink = (fragment: string): boolean => /^#r\d+=/.test(fragment);

/** Files that hold a profile of one's own. */
export const PROFILE_FILE = /\.profile\.json$/i;

/** Files that the page saves for links too long to paste. */
export const LINK_FILE = /\.reluctant(\.txt)?$/i;

/** Files that hold a plan: what becomes of a model's activations. */
export const PLAN_FILE = /plan[^/]*\.json$/i;
