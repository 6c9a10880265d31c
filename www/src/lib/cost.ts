/** Estimates, the card of a row, protocols and settings: how the page groups and names them. */
import type { Value } from '../contract/core';

export type Range = [low: number, mid: number, high: number];

/** MB/s; null has no limit. And ms. */
export interface Rates {
  up: number | null;
  down: number | null;
  rtt: number;
}

/** Settings by key, where they are not as always. */
export type Choices = Readonly<Record<string, Value>>;

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
/** How well a figure is known, the surest first. */
export const CERTAINTY = ['validated', 'measured', 'estimate'] as const;

/** The figures of a row or a total that can be shown and opened. */
export const FIGURES = ['offline', 'online', 'bytes', 'rounds', 'storage'] as const;
export type Figure = (typeof FIGURES)[number];
