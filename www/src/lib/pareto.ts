/**
 * Published and own points as the core compares them (crate/src/api/pareto.rs, schema
 * `reluctant.pareto/1`), and how the page names them. Field names are a contract.
 */
import type {
  Axis,
  ParetoSettings as CoreSettings,
  PointStatus as Status,
  PublishedMethod,
  PublishedReplacement,
} from '../contract/core';

/** Of which points, and where they are placed; the price of a ReLU is asked for apart. */
export type ParetoSettings = Required<Omit<CoreSettings, 'cost'>>;

export const axes: readonly { id: Axis; title: string }[] = [
  { id: 'relus', title: 'ReLUs' },
  { id: 'latency', title: 'ReLU latency' },
  { id: 'traffic', title: 'ReLU traffic' },
  { id: 'macs', title: 'MACs' },
];

/** How far a value was checked, in a sentence. */
export const statusText: Record<Status, string> = {
  verified: 'read in the source itself, or twice by independent means',
  quoted: 'a later paper\u2019s quotation',
  digitised: 'measured off a figure',
  'single-source': 'one transcription, not seen in the source',
  unreviewed: 'the authors\u2019 development notes',
  conflict: 'contradicted by another source, or by its neighbour',
};

export type Mark = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross';

/** What replaced the ReLUs is the mark's shape. */
const MARKS: Record<PublishedReplacement, Mark> = {
  identity: 'circle',
  'degree-1 polynomial': 'square',
  'degree-2 polynomial': 'triangle',
  'none (architecture)': 'diamond',
  'degree-2/3 polynomial or drop': 'cross',
};

export const replacements: readonly { mark: Mark; title: string }[] = [
  { mark: 'circle', title: 'identity' },
  { mark: 'triangle', title: 'polynomial of degree 2' },
  { mark: 'square', title: 'polynomial of degree 1' },
  { mark: 'diamond', title: 'none: another architecture' },
  { mark: 'cross', title: 'several' },
];

export const markOf = (replacement: PublishedReplacement): Mark => MARKS[replacement];

/**
 * How a method is drawn: what fits beside a chart, its colour, dashed where it is a variant. Variants of a method share
 * its colour; colour 0 is that of the methods that have none of their own.
 */
const METHODS: Record<PublishedMethod, { label: string; colour: number; variant: boolean }> = {
  SNL: { label: 'SNL', colour: 1, variant: false },
  AutoReP: { label: 'AutoReP', colour: 2, variant: false },
  'AutoReP-dev (identity, SNL-like)': { label: 'AutoReP-dev, identity', colour: 2, variant: true },
  'AutoReP-dev (quadratic)': { label: 'AutoReP-dev, quadratic', colour: 2, variant: true },
  'AutoReP-dev (trainable w1x+w0)': { label: 'AutoReP-dev, w1x+w0', colour: 2, variant: true },
  ReLUPruner: { label: 'ReLUPruner', colour: 3, variant: false },
  'ReLUPruner (first-order Taylor)': { label: 'ReLUPruner, first-order', colour: 3, variant: true },
  'ReLUPruner (second-order Taylor)': { label: 'ReLUPruner, second-order', colour: 3, variant: true },
  'ReLUPruner (no layer weight)': { label: 'ReLUPruner, no layer weight', colour: 3, variant: true },
  SENet: { label: 'SENet', colour: 4, variant: false },
  DeepReDuce: { label: 'DeepReDuce', colour: 5, variant: false },
  Sphynx: { label: 'Sphynx', colour: 6, variant: false },
  CryptoNAS: { label: 'CryptoNAS', colour: 7, variant: false },
  'DELPHI (NAS planner)': { label: 'DELPHI, NAS planner', colour: 0, variant: true },
  'LFPC (pruning baseline)': { label: 'LFPC', colour: 0, variant: true },
  'SNIP (pruning baseline)': { label: 'SNIP', colour: 0, variant: true },
  'l1 filter pruning (baseline)': { label: 'l1 filter pruning', colour: 0, variant: true },
  SAFENet: { label: 'SAFENet', colour: 0, variant: false },
  'PASNet-A': { label: 'PASNet-A', colour: 0, variant: false },
  'PASNet-B': { label: 'PASNet-B', colour: 0, variant: false },
};

export const shortName = (method: PublishedMethod): string => METHODS[method].label;

/** The colour token of a method. */
export const colourOf = (method: PublishedMethod): string => `method-${METHODS[method].colour}`;

/** It has a colour of its own. */
export const isListed = (method: PublishedMethod): boolean => METHODS[method].colour > 0;

/** A variant's line is dashed. */
export const isVariant = (method: PublishedMethod): boolean => METHODS[method].variant;
