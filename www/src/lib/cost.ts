/**
 * The estimates `reluctant.cost/1` as the core writes them (crate/src/cost/estimate.rs), the card of
 * a row's cost, protocols and links. Field names are a contract: they are added, never renamed.
 */

import type { OwnProfile } from './calibrate';

export type Range = [low: number, mid: number, high: number];
export type Status = 'validated' | 'measured' | 'estimate' | 'not-supported';
export type Granularity = 'pixel' | 'spatial' | 'channel' | 'layer' | 'stage';
export type Machine = 'epyc' | 'atom' | 'a100-40' | 'a100-80' | 'h100' | 'rtx5090';
export type Ot = 'ferret' | 'softspoken';
export type FaultMode = 'pos-zero' | 'neg-pass';
export type Plan = 'keep' | 'identity' | 'poly2:public' | 'poly2:secret';

/** What stays of an activation, and what its polynomial asks of a protocol. */
export interface Stay {
  /** Node index, as the score counts them. */
  index: number;
  kept: number;
  /** Multiplications by a public number, for each replaced element. */
  scales: number;
  /** Multiplications of two secrets. */
  products: number;
}

/** MB/s; null has no limit. And ms. */
export interface Rates {
  up: number | null;
  down: number | null;
  rtt: number;
}

/** What becomes of activations, in the network that is priced. */
export interface Activations {
  activation?: Plan;
  /** Part of the activations that stays, 0 to 1; `activation` says what the others become. */
  activation_share?: number;
  granularity?: Granularity;
  /** A plan instead, by rising index. */
  replaced?: readonly Stay[];
}

interface AllTerms {
  protocols: string[];
  link?: string;
  /** MB/s and ms: together, and instead of a preset. */
  up?: number;
  down?: number;
  rtt?: number;
  he_threads?: number;
  gc_threads?: number;
  machine?: Machine;
  ring_bits?: number;
  share_bits?: number;
  ot?: Ot;
  faults?: FaultMode;
  /** How many times slower than the machine that SPU was timed on. */
  machine_factor?: number;
  argmax?: boolean;
  /** The profile `calibrated`. */
  calibration?: OwnProfile;
}

/**
 * Under what a network is priced, whatever it is: what is left out takes its default. Verbs that take terms
 * refuse what is said of activations; here the compiler does.
 */
export type Terms = AllTerms & { readonly [K in keyof Activations]?: never };

/** Terms, and what becomes of activations under them. */
export type CostSettings = AllTerms & Activations;

export type Value = string | number | boolean;

/** One row of the core's table of settings: what a menu shows of it. */
export interface Setting {
  /** As in `Terms` or `Activations`. */
  key: string;
  title: string;
  /** One sentence. */
  about: string;
  of: 'terms' | 'activations';
  kind:
    | { type: 'choice'; options: readonly { value: Value; title: string }[] }
    | { type: 'number'; least: number; most: number }
    /** 0 to 1, shown in per cent. */
    | { type: 'share' }
    /** Above 0; 1 where nothing is said. */
    | { type: 'factor'; most: number };
  default: Value | null;
  /** Heeded only by the profiles whose `knobs` hold it; null: by all. */
  knob: string | null;
}

/** Settings by key, where they are not as always. */
export type Choices = Readonly<Record<string, Value>>;

export interface Phase {
  /** Compute and link; null where the compute time is not known. */
  seconds: Range | null;
  link_seconds: number;
  bytes_up: number;
  bytes_down: number;
  bytes_between: number;
  rounds: number;
}

export interface Part {
  bytes: number;
  seconds: number | null;
  rounds: number;
}

export const KINDS = ['linear', 'activation', 'pool', 'truncation', 'bootstrap', 'link'] as const;
export type CostKind = (typeof KINDS)[number];
export const KIND_NAMES: Record<CostKind, string> = {
  linear: 'linear',
  activation: 'activations',
  pool: 'max-pooling',
  truncation: 'truncation',
  bootstrap: 'bootstrapping',
  link: 'link',
};
export type ByKind = Record<CostKind, Part>;

/** How well a figure is known, the surest first. */
export const CERTAINTY = ['validated', 'measured', 'estimate'] as const;

export interface StatusShare {
  parts: number;
  bytes: number;
  bytes_share: number;
  seconds_share: number | null;
}

export type ByStatus = Record<'validated' | 'measured' | 'estimate', StatusShare> & {
  'not-supported': { parts: number };
};

export interface Link {
  id: string;
  /** null takes no time. */
  up_bytes_per_s: number | null;
  down_bytes_per_s: number | null;
  rtt_ms: number;
  source: string;
}

export interface SettingsView {
  link: Link;
  he_threads: number;
  gc_threads: number;
  activation: Plan;
  machine: Machine;
  ring_bits: number | null;
  share_bits: number;
  ot: Ot;
  faults: FaultMode;
  /** Where it is not 1. */
  machine_factor?: number;
  argmax: boolean;
  /** Settings of every protocol that are not as always, in words. */
  changed: string[];
  activation_share?: number;
  granularity?: Granularity;
  replaced?: readonly Stay[];
  per_call: boolean;
}

export interface Estimate {
  protocol: string;
  variant: string;
  profile_version: number;
  link: string;
  offline: Phase;
  online: Phase;
  setup_bytes: number;
  client_storage_bytes: number | null;
  bytes_total: number;
  compute_included: boolean;
  partial: boolean;
  by_kind: ByKind;
  status: ByStatus;
  unpriced: { index: number; reason: string }[];
  /** Where a protocol gets signs wrong, and how often. */
  faults?: { window: number; inside: number; mode: FaultMode };
  leaves_out: string;
  settings: SettingsView;
  layers?: RowCost[];
}

export interface Report {
  schema: string;
  estimates: Estimate[];
}

/** What a row asks of homomorphic encryption. */
export interface Homomorphic {
  level: number;
  leaves: number;
  bootstraps: number;
  ciphertexts: number;
  slot_use: number;
  products: number | null;
  rotations: number | null;
}

/** null: nothing of the row has a price. */
export interface RowCost {
  index: number;
  offline: Phase | null;
  online: Phase | null;
  bytes_total: number | null;
  client_storage_bytes: number | null;
  by_kind: ByKind;
  status: ByStatus;
  partial: boolean;
  /** Its rounds are among the network's; else it answers while others do. */
  on_path: boolean;
  homomorphic?: Homomorphic;
}

export interface Constant {
  name: string;
  value: number | null;
  unit: string;
  range: [number, number] | null;
  source: string;
  status: Status;
}

export interface CostCard {
  title: string;
  /** One line for each way and phase; `with_values` has the same lines. */
  formula: string;
  with_values: string;
  constants: Constant[];
  leaves_out: string;
  status: Status | null;
  missing: string[];
  cost: RowCost;
}

export interface Protocol {
  id: string;
  family: string;
  variant: string;
  version: number;
  title: string;
  parties: number;
  leaves_out: string;
  has_compute: boolean;
  has_ring: boolean;
  /** The settings that it heeds, of those that some pass over. */
  knobs: string[];
  /** That can be chosen, the one that stands for none first. */
  machines: Machine[];
  /** The number in the id, where any other gives a profile too. */
  parameter?: { name: string; value: number; most: number } | null;
  work: [what: string, status: Status][];
  constants: Constant[];
}

/** Estimates, and the rows under the first of them as columns of numbers: NaN where nothing is known. */
export interface CostTable {
  report: Report;
  fields: string[];
  values: Float64Array;
}

/** The figures of a row or a total that can be shown and opened. */
export const FIGURES = ['offline', 'online', 'bytes', 'rounds', 'storage'] as const;
export type Figure = (typeof FIGURES)[number];

/** A piece of work as the core takes it (crate/src/count/row.rs). */
export type Work = { type: string } & Record<string, unknown>;

export interface WorkRow {
  index: number;
  name: string;
  op: string;
  work: Work[];
  unknown: string | null;
  /** Positions of the rows that it reads; left out, the one before it. */
  after?: number[];
}
