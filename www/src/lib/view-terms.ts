/** Words of single views; they are fetched with those, and open as cards like the others of `terms.ts`. */
import type { Adversary, Method, Policy } from '../contract/core';
import type { Meaning } from './terms';

/** How it is decided which activations stay, after the sentence beside the choice. */
export const policyTerms: Record<Policy, string> = {
  error:
    'For each activation, the squared difference that its polynomial is expected to make on what flows in, times how much the output was seen to move with that layer. The largest stay. It is this tool\u2019s own measure, built from DaPa\u2019s; without data the inputs are taken as normal with mean 0 and deviation 1.',
  senet:
    'SENet (ICLR 2023) measures how far apart the outputs are with and without a layer\u2019s activations, and shares the budget out by it. Here it is measured by forward passes on your samples.',
  criticality:
    'DeepReDuce (ICML 2021) orders the stages by how much accuracy hangs on their ReLUs: culling takes all of the least critical stage, thinning every second layer of a stage.',
  balance:
    'A ReLU that is zero, or passes its input on, for nearly every sample hardly bends the function: those go first, on the samples that were seen.',
  uniform: 'The yardstick: every layer keeps the same share, wherever its activations matter.',
  random: 'The other yardstick: what stays is drawn by lot. The seed makes the same draw again.',
  nested:
    'One random map at the size of the largest layer, averaged to that of every other: what is low in one layer is low in all, and every layer keeps the same share. Semi-structured sparsity (arXiv 2309.06626) draws its masks so.',
  'senet-ratios':
    'The shares of each layer that SENet published after its own training; they fit the networks that they were found on.',
  bcd: 'Block coordinate descent (arXiv 2511.11781): of some blocks of activations tried on a batch, the one goes whose loss hurts least; again, until the budget is met.',
};

/** What comes in the place of an activation. */
export const methodTerms: Record<Method, string> = {
  dapa: 'Distribution-aware polynomial approximation, from AutoReP (ICCV 2023): the polynomial with the least expected squared error when what flows in is normal, with the mean and the deviation that were measured there. No polynomial of its degree is nearer under that law.',
  fit: 'As DaPa, but for the histogram of what flowed in instead of a normal law: better where that is lopsided, and bound to those samples.',
  minimax:
    'The polynomial whose largest error on the range is smallest, found by the exchange algorithm of Remez. It heeds no distribution.',
  chebyshev: 'The first terms of the Chebyshev series on the range: close to minimax, and found by sums alone.',
  sign: 'A chain of odd polynomials that tends to the sign of x; a ReLU is x times half of one and that.',
  autorep:
    'The coefficients that the authors\u2019 code sets before it trains: to be trained from there, not to be used as they are.',
  pillar:
    'The quartic of PILLAR (USENIX Security 2024), on [\u22125, 5]: its authors train the network so that nothing leaves that range.',
  '0.25x2+0.5x': 'A fixed quadratic of the literature, the same in every layer: the network has to be trained with it.',
  'x2+x': 'A fixed quadratic of the literature, the same in every layer: the network has to be trained with it.',
  identity: 'Nothing stands in its place: the layer before and the one after could be one.',
};

export const paretoTerm: Meaning = {
  title: 'Pareto front',
  text: 'The points that no other beats in both: none is more accurate at the same cost or less, and none is cheaper at the same accuracy or more. Named after Vilfredo Pareto. The steps join the front of all published points; the other lines are fronts of one method.',
};

/** What a mark of the chart is, by its title in the legend. */
export const markTerms: Record<string, Meaning> = {
  identity: {
    title: 'Identity',
    text: 'ReLUs that went were left out: their input is passed on. What is left is cheaper under every protocol.',
  },
  'polynomial of degree 2': {
    title: 'Polynomial of degree 2',
    text: 'ReLUs that went became quadratics: no comparison, but a product of two secrets each, which every protocol prices.',
  },
  'not verified': {
    title: 'Not verified',
    text: 'The value was not read in its source or twice by independent means: it is a quotation, measured off a figure, or one transcription. The facts of a point say which.',
  },
  disputed: {
    title: 'Disputed',
    text: 'Sources give accuracies more than one point apart for the same method, network and count; the facts of the point list them.',
  },
};

/** How a row of Validation stands to the constants. */
export const rowTerms = {
  free: {
    title: 'Not fitted to',
    text: 'Nothing of this row\u2019s log went into the constants: it is of another source, or of the same engine in another shape or on another machine. Agreement proves something. Within 5 % it is validated, further off it is checked.',
  },
  fitted: {
    title: 'Fitted, or a bound to',
    text: 'The constants were read off this row, or the source gives no more than a bound: agreement proves nothing.',
  },
} as const satisfies Record<string, Meaning>;

/** What a corrupt party may do. */
export const adversaryTerms: Record<Adversary, string> = {
  'semi-honest': 'Semi-honest: a corrupt party does as the protocol says, and looks at all that it sees.',
  malicious: 'Malicious: a corrupt party may send anything, and the others notice before a result is out.',
};
