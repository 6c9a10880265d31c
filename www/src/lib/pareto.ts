/**
 * Published and own points as the core compares them (crate/src/api/pareto.rs, schema
 * `reluctant.pareto/1`), and how the page names them. Field names are a contract.
 */
import type { Axis, ParetoSettings as CoreSettings, PointStatus as Status } from '../contract/core';

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
export const replacements: readonly { mark: Mark; title: string; is: (replacement: string) => boolean }[] = [
  { mark: 'circle', title: 'identity', is: (text) => text === 'identity' },
  { mark: 'triangle', title: 'polynomial of degree 2', is: (text) => text === 'degree-2 polynomial' },
  { mark: 'square', title: 'polynomial of degree 1', is: (text) => text === 'degree-1 polynomial' },
  { mark: 'diamond', title: 'none: another architecture', is: (text) => text.startsWith('none') },
  { mark: 'cross', title: 'several', is: () => true },
];

export const markOf = (replacement: string): Mark => replacements.find(({ is }) => is(replacement))?.mark ?? 'cross';

/** Variants of a method share its colour. */
const families = ['SNL', 'AutoReP', 'ReLUPruner', 'SENet', 'DeepReDuce', 'Sphynx', 'CryptoNAS'];

/** The colour of methods that have none of their own. */
export const OTHER = 'method-0';

/** `ReLUPruner (second-order Taylor)` -> `ReLUPruner, second-order`: what fits beside a chart. */
export const shortName = (method: string): string =>
  method.replace(/ \((?:pruning )?baseline\)| Taylor|trainable |, SNL-like/g, '').replace(/ \((.*)\)/, ', $1');

/** The colour token of a method, `method-1` to `method-7`; `method-0` for the rest. */
export function colourOf(method: string): string {
  return `method-${families.findIndex((family) => method.startsWith(family)) + 1}`;
}

/** A variant's line is dashed. */
export const isVariant = (method: string): boolean => method.includes('(') || method.includes('-dev');
