/** The field's words, one plain sentence each; they open as cards where a word first meets the eye. */
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
} as const;

export type TermId = keyof typeof terms;
