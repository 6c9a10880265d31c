/** The field's words, a plain sentence or two each; they open as cards where a word meets the eye. */
import type { Cause } from '../contract/core';
import type { CERTAINTY, Figure } from './cost';

export const terms = {
  relu: {
    title: 'ReLU',
    text: 'max(0, x) of one scalar: free in the clear, the dearest step on encrypted data, because comparing needs a conversation between the parties.',
  },
  mac: {
    title: 'MAC',
    text: 'One multiply-accumulate of a convolution, matrix product or recurrent cell, padded zeros included; the papers\u2019 \u201cFLOPs\u201d are MACs.',
  },
  parameter: {
    title: 'Parameter',
    text: 'One weight or bias that the file holds, or makes by ConstantOfShape in its place; a weight used twice counts once in the total.',
  },
  coverage: {
    title: 'Coverage',
    text: 'How many of the graph\u2019s nodes were counted; a node without a rule is listed as unknown and is never taken for zero.',
  },
  activation: {
    title: 'Other activations',
    text: 'Non-linear functions other than ReLU, in scalars that come out of them; each kind has its own price under a protocol.',
  },
  free: {
    title: 'Free to remove',
    text: 'Activations that change nothing on these samples: a dead channel is always zero, an always-on one is never below zero before its ReLU. Other samples may differ.',
  },
  'fixed-point': {
    title: 'Fixed point',
    text: 'Whole numbers of a ring stand for fractions, as protocols compute: products are truncated back, and what leaves the ring comes in on its other side.',
  },
  stage: {
    title: 'Stage',
    text: 'A run of layers that work at one resolution, found from the shapes of the graph.',
  },
  truncation: {
    title: 'Truncation point',
    text: 'A scalar that a fixed-point protocol must rescale after a multiplication.',
  },
  symbol: {
    title: 'Symbol',
    text: 'A size that the file leaves open, such as the batch; a guessed value is marked and can be set.',
  },
  hash: {
    title: 'Structure hash',
    text: 'A fingerprint of operators, attributes, wiring and shapes; neither names nor weights go into it.',
  },
  'bytes-read': {
    title: 'Bytes read',
    text: 'What was read of the file to count it: the graph without its weights.',
  },
  'wasm-memory': {
    title: 'Memory of the core',
    text: 'What the counting core holds in this tab; weights are skipped, so it stays small for large models.',
  },
  garbling: {
    title: 'Garbling',
    text: 'One party encrypts the circuit of a comparison, gate by gate; the other runs it once, on inputs that it cannot read. Whoever runs the circuits stores them until the input is there.',
  },
  link: {
    title: 'Link',
    text: 'The line between the parties: what each can send a second, and how long a message and its answer take. Every figure with a time has it in it.',
  },
  unpriced: {
    title: 'No price',
    text: 'Work that no source gives a price for under this protocol. It is in no figure: those are lower bounds then, and are marked so.',
  },
  'set-up': {
    title: 'Set-up',
    text: 'Keys and what else two parties exchange once, whatever they compute after; it is in no figure of an inference.',
  },
} as const;

export type TermId = keyof typeof terms;

/** A word's card. */
export interface Meaning {
  title: string;
  text: string;
  /** What it comes to here. */
  here?: string;
}

/** What each figure of a cost is. */
export const figureTerms: Record<Figure, Meaning> = {
  offline: {
    title: 'Offline',
    text: 'What the parties can do before the input is there: encrypted linear layers, garbled circuits or triples that wait to be used. It is done anew for every inference.',
  },
  online: {
    title: 'Online',
    text: 'What remains once the client has its input: the time that a person waits, compute and link together, one after the other.',
  },
  bytes: {
    title: 'Traffic',
    text: 'Bytes that all parties send for one inference, offline and online; set-up is apart.',
  },
  rounds: {
    title: 'Rounds',
    text: 'How often a party must wait for the other\u2019s message: those of the longest chain of layers. Each takes a round trip of the link, however little is sent.',
  },
  storage: {
    title: 'Client keeps',
    text: 'What a client stores between offline and online for one inference, such as the garbled circuits that it will run: where the server garbles, the client stores them, about 17 KB a ReLU in DELPHI; where the client garbles, the server does.',
  },
};

/** How well a figure is known. */
export const certaintyTerms: Record<(typeof CERTAINTY)[number], Meaning> = {
  validated: {
    title: 'Validated',
    text: 'The rule was held against a figure that it was not fitted to, and agrees: the view Validation has the rows.',
  },
  measured: {
    title: 'Measured',
    text: 'Read off a run of the protocol or its paper, on the machine that the constant names; yours is another. Calibrate takes your own figures.',
  },
  estimate: {
    title: 'Estimate',
    text: 'Derived here from what was measured at other sizes or on another machine, with a range where the source allows one.',
  },
};

/** What a phase is spent on. */
export const causeTerms: Record<Cause, string> = {
  linear: 'Convolutions and matrix products with the server\u2019s weights, under encryption or on shares.',
  product:
    'Products of two values that both depend on the input, as in attention: dearer than products with known weights.',
  relu: 'Comparisons with zero: what the field\u2019s papers save. Their seconds, and those of sending what they need.',
  gelu: 'GELU: an erf on encrypted data, by pieces of polynomials and comparisons.',
  activation: 'Activations other than ReLU and GELU, each by its own protocol.',
  softmax: 'A maximum, exponentials and a reciprocal for each row of attention.',
  'max-pool': 'A comparison for all but one element of each window; an average costs none.',
  norm: 'Normalisation at run time: means, squares and an inverse root that depend on the input.',
  'batch-norm': 'Batch norms that were not folded into a layer: a product and a truncation each.',
  polynomial: 'Polynomials in the place of activations: products of secrets, no comparisons.',
  function: 'Other functions of secret values: reciprocals, roots, look-ups, comparisons.',
  truncation: 'Bringing products of fixed-point numbers back to their scale.',
  bootstrap: 'Refreshing ciphertexts that have no level left for another product.',
  bandwidth: 'The bytes themselves, at the link\u2019s rate.',
  rounds: 'Round trips of the link, one after the other.',
  link: 'What the link takes: bytes at its rate, and round trips.',
  masks: 'Many small calls where a plan keeps scattered pixels.',
  nothing: 'Nothing is done in this phase.',
};
