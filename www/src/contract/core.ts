/**
 * What crosses between the core and the page: types and lists of names, written from the core's by its test
 * `api::contract`. Do not edit: `RELUCTANT_WRITE=1 cargo test -p reluctant --lib contract` writes it.
 */
export const POLICIES = ["error", "senet", "criticality", "balance", "uniform", "random", "nested", "senet-ratios", "bcd"] as const;
export const METHODS = ["dapa", "fit", "minimax", "chebyshev", "sign", "autorep", "pillar", "0.25x2+0.5x", "x2+x", "identity"] as const;
export const TRAIN_METHODS = ["snl", "autorep", "random", "random-poly", "bcd", "plan", "nested"] as const;
export const POINT_STATUSES = ["verified", "quoted", "digitised", "single-source", "unreviewed", "conflict"] as const;

/** What an engine is, for people. */
export type About = {
  /** `cpu` or `gpu`. */
  engine: string,
  /** Library, version, threads; or the adapter. */
  detail: string,
  /** What it does differently from the file, a sentence each: `float16 runs as float32`. */
  notes: Array<string>,
  /** Of what the GPU gave and the CPU repeated: the largest difference, as a share of the largest magnitude. */
  largest_difference: number | null,
  /** Why the CPU runs where the GPU was asked for. */
  fallback: string | null,
};

/** How often a classifier is right. */
export type Accuracy = {
  /** Samples with a label. */
  samples: number,
  /** Those whose best class is the label. */
  correct: number,
  /** Share of those. */
  top1: number,
  /** Its Wilson interval at 95 %. */
  top1_interval: [number, number],
  /** Those whose label is among the best five; None with five classes or fewer. */
  correct5: number | null,
  /** Share of those. */
  top5: number | null,
  /** Its Wilson interval at 95 %. */
  top5_interval: [number, number] | null,
};

/** One use of a non-linear function. */
export type Activation = {
  /** Which function. */
  kind: ActivationKind,
  /** Scalars that come out of it (for `ReduceMax`, `ArgMax`: outputs; see `rows` for what goes in). */
  elements: number,
  /** Independent rows for Softmax, ArgMax, TopK, ReduceMax and the norms; 0 where rows mean nothing. */
  rows: number,
  /** Scalars in each row, or in each window of a MaxPool; 0 where rows mean nothing. */
  row_length: number,
  /** Two-way comparisons: MaxPool outputs x (window - 1), ReLU 1 per element, ReLU6 2, ...; 0 where the kind is no comparison. */
  comparisons: number,
  /** Folded into a quantiser: the node that carries it is a QuantizeLinear or a quantised op. */
  folded: boolean,
};

/** Non-linear functions, as the field names them. */
export type ActivationKind = "ReLU" | "ReLU6" | "Clip" | "LeakyReLU" | "PReLU" | "ThresholdedReLU" | "SiLU" | "QuickGELU" | "GELU" | "GELU-tanh" | "Mish" | "HardSwish" | "HardSigmoid" | "Sigmoid" | "Tanh" | "ELU" | "SELU" | "CELU" | "Softplus" | "Softsign" | "Shrink" | "Erf" | "Exp" | "Log" | "Sqrt" | "Reciprocal" | "Division" | "Power" | "Trigonometric" | "Rounding" | "Abs" | "Comparison" | "Logic" | "Softmax" | "LogSoftmax" | "MaxPool" | "ReduceMax" | "ArgMax" | "TopK" | "LayerNorm" | "RMSNorm" | "InstanceNorm" | "GroupNorm" | "LRN" | "LSTM" | "GRU" | "RNN" | "LookUp" | "LessThan" | "Equality" | "Choice" | "Sign";

/** An activation. */
export type ActivationPort = {
  /** Index of the node in the graph, as in `reluctant.score/1`. */
  index: number,
  /** Its name. */
  node: string,
  /** Operator or composite. */
  op: string,
  /** The pre-activation. */
  input: string,
  /** The activation. */
  output: string,
};

/** An activation and the channels that it does nothing for. */
export type ActivationReport = {
  /** Channels. */
  channels: number,
  /** Channels whose output was 0 for every sample: free to remove. */
  dead: Array<number>,
  /** Of a ReLU: channels whose input was never below 0: the ReLU is free to remove. */
  always_on: Array<number>,
  /** Index of the node in the graph, as in `reluctant.score/1`. */
  index: number,
  /** Its name. */
  node: string,
  /** Operator or composite. */
  op: string,
  /** The pre-activation. */
  input: string,
  /** The activation. */
  output: string,
};

/** What becomes of activations. */
export type Activations = {
  /** What becomes of activations. */
  activation?: "keep" | "identity" | "poly2:public" | "poly2:secret" | "aespa",
  /** Part of the activations that stays; the others become what `activation` says. */
  activation_share?: number,
  /** What is kept or replaced together. */
  granularity?: "pixel" | "spatial" | "channel" | "layer" | "stage" | (string & {}),
  /** A plan instead, INDEX:KEPT:SCALES:PRODUCTS for each activation that it changes, with commas between. */
  replaced?: readonly Stay[],
};

/** Which GPU it is, for people. */
export type Adapter = {
  /** Its name, as the driver or browser gives it; browsers often give none. */
  name: string,
  /** `vulkan`, `webgpu`. */
  backend: string,
  /** It runs on the CPU (lavapipe, SwiftShader). */
  software: boolean,
  /** Times of single kernels can be measured. */
  timings: boolean,
};

/** What a corrupt party may do. */
export type Adversary = "semi-honest" | "malicious";

/** What stands in the way, and what to do. */
export type Advice = {
  /** Always `reluctant.advice/1`. */
  schema: string,
  /** Id of the profile. */
  protocol: string,
  /** Its version. */
  profile_version: number,
  /** Id of the link. */
  link: string,
  /** What it starts from: `network`, or `plan` where something is replaced. */
  starts_from: string,
  /** The estimate it starts from leaves work out. */
  at_least: boolean,
  /** A sentence for each phase, then what else is worth one. */
  findings: Array<Finding>,
  /** Each by itself, the greatest saving first; what is not known is last. */
  changes: Array<Advised>,
  /** What was not tried, and why. */
  left_out: Array<LeftOut>,
};

/** A change, and what it does. */
export type Advised = {
  /** `poly2:all`, `poly2:stage:S1`, `poly2:layer:12`, `average-pool`, `link:lan`, `protocol:semi2k`, ... */
  id: string,
  /** What to do, for people. */
  text: string,
  /** What it does. */
  delta: Delta,
  /** Why some of that is not known. */
  reason: string | null,
};

/** How often two runs agree. */
export type Agreement = {
  /** Samples that agree. */
  samples: number,
  /** Share of those. */
  share: number,
  /** Its Wilson interval at 95 %. */
  interval: [number, number],
};

/** The best point of a climb. */
export type AscentReport = {
  /** Always `reluctant.ascent/1`. */
  schema: string,
  /** Where. */
  x: number,
  /** The true function there. */
  value: number,
};

/** The JSON of `reluctant atlas --json`. */
export type Atlas = {
  /** Always `reluctant.atlas/1`. */
  schema: string,
  /** Networks with ReLUs, in the order given. ReLU6 counts as ReLU. */
  networks: Array<AtlasNetwork>,
  /** One for each profile and link under which two networks or more have a whole price. */
  entries: Array<AtlasEntry>,
  /** Sums over `entries`. */
  sums: PairCounts,
};

/** A profile over a link. */
export type AtlasEntry = {
  /** Profile id. */
  protocol: string,
  /** Its name, with the system or paper behind it. */
  title: string,
  /** Version of its constants and formulas. */
  profile_version: number,
  /** The link. */
  link: string,
  /** Networks that it prices as a whole: places in `networks`, with costs. */
  priced: Array<[number, WholeCost]>,
  /** Pairs of these. */
  pairs: PairCounts,
};

/** A network. */
export type AtlasNetwork = {
  /** Id of the example, or file name. */
  name: string,
  /** ReLU and ReLU6 elements. */
  relus: number,
};

/** What the horizontal axis shows. */
export type Axis = "relus" | "latency" | "traffic" | "macs";

/** What can be replaced, before anything is. */
export type BenchInfo = {
  /** Name of the file, or id of the example. */
  model: string,
  /** Elements of one sample that can be replaced. */
  total: number,
  /** The activations. */
  layers: Array<BenchLayer>,
  /** SENet's lists that fit this model. */
  ratios: Array<string>,
  /** There are weights: it can be measured and written. */
  runnable: boolean,
};

/** One activation that can be replaced. */
export type BenchLayer = {
  /** Its node, as the score counts them. */
  index: number,
  /** Name of its node. */
  node: string,
  /** Name of its result. */
  output: string,
  /** What it computes. */
  target: string,
  /** Stage, as the score counts them from 0. */
  stage: number,
  /** Elements of one sample. */
  elements: number,
};

/** A histogram of equal bins. */
export type Bins = {
  /** Where the first bin starts. */
  low: number,
  /** Width of each. */
  width: number,
  /** Values in each. */
  counts: Array<number>,
};

/** Kind of block. */
export type Block = "basic" | "bottleneck" | "wide" | "vgg" | "inverted";

/** What a budget counts. */
export type BudgetUnit = "relus" | "seconds" | "bytes";

/** Parts of a total; bytes, seconds (middle) and rounds add up to it. */
export type ByKind = {
  /** Convolutions, matrix products, products of two secrets. */
  linear: Part,
  /** Activations, softmax included. */
  activation: Part,
  /** Maxima over windows. */
  pool: Part,
  /** Truncation after linear layers, average pools and scalings. */
  truncation: Part,
  /** Refreshing of homomorphic ciphertexts. */
  bootstrap: Part,
  /** Time on the link. */
  link: Part,
};

/** Shares by status; those of bytes add up to 1, so do those of seconds. */
export type ByStatus = {
  /** Checked against what it was not fitted to. */
  validated: StatusShare,
  /** From a run or log. */
  measured: StatusShare,
  /** Bounds and compositions. */
  estimate: StatusShare,
  /** Work without a price. */
  "not-supported": NotSupported,
};

/** What to calibrate. */
export type CalibrateSettings = {
  /** Measurements: a table or JSON, as typed or pasted. */
  text?: string,
  /** Keeps the rows whose `op`, `variant`, `protocol`, `ring_bits` or `engine` is the one given. */
  only?: Array<[string, string]>,
  /** Id of the profile to stand on. */
  base?: string,
  /** Name for people. */
  name?: string,
  /** What becomes of work that was not measured. */
  rest?: Rest,
};

/** The profile, and what of the text is not in it. */
export type Calibrated = {
  /** Operations that no layer of a network is. */
  skipped: Array<Skipped>,
  /** Columns that were not needed. */
  ignored: Array<string>,
  /** Always `reluctant.profile/1`. */
  schema: string,
  /** Version of the base in this release, which prices what was not measured. */
  base_version_now: number,
  /** Coefficients, made anew whenever the file is read. */
  fits: Array<Fit>,
  /** What every figure leaves out. */
  leaves_out: string,
  /** About the profile as a whole. */
  warnings: Array<string>,
  /** Name for people. */
  name: string,
  /** Id of the profile that it stands on. */
  base: string,
  /** That profile's version when it was made; 0 is the present one. */
  base_version: number,
  /** What was not measured. */
  rest: Rest,
  /** Width of the ring that was measured; None prices every ring alike. */
  ring_bits: number | null,
  /** The measurements. */
  measurements: Array<Measurement>,
};

/** A profile of one's own with its fit: the saved file. */
export type CalibrationReport = {
  /** Always `reluctant.profile/1`. */
  schema: string,
  /** Version of the base in this release, which prices what was not measured. */
  base_version_now: number,
  /** Coefficients, made anew whenever the file is read. */
  fits: Array<Fit>,
  /** What every figure leaves out. */
  leaves_out: string,
  /** About the profile as a whole. */
  warnings: Array<string>,
  /** Name for people. */
  name: string,
  /** Id of the profile that it stands on. */
  base: string,
  /** That profile's version when it was made; 0 is the present one. */
  base_version: number,
  /** What was not measured. */
  rest: Rest,
  /** Width of the ring that was measured; None prices every ring alike. */
  ring_bits: number | null,
  /** The measurements. */
  measurements: Array<Measurement>,
};

/** Where a number of the table comes from: the card that opens beside it. */
export type Card = {
  /** What the number is. */
  title: string,
  /** The number, exact. */
  value: number | null,
  /** Its unit. */
  unit: string,
  /** The rule in symbols. */
  formula: string,
  /** The rule with the values put in. */
  with_values: string,
  /** The convention behind it. */
  source: string,
  /** What the number leaves out; may be empty. */
  leaves_out: string,
  /** Rows that sum to it, by `Layer::index`, for a total. */
  rows: Array<number>,
  /** The same figure as other tools give it. */
  also?: Array<View>,
};

/** The figure of a row that a line of its card is of. */
export type CardFigure = "offline" | "online" | "bytes" | "rounds" | "storage" | "setup";

/** A line of a card: `label = formula`, and `label = values`. */
export type CardLine = {
  /** What it is part of. */
  figure: CardFigure,
  /** What it comes to. */
  label: string,
  /** In symbols. */
  formula: string,
  /** The same with values put in, and the result. */
  values: string,
  /** Names of the constants in it, those behind factors included. */
  constants: Array<string>,
};

/** What takes time, or is sent. */
export type Cause = "linear" | "product" | "relu" | "gelu" | "activation" | "softmax" | "max-pool" | "norm" | "batch-norm" | "polynomial" | "function" | "truncation" | "bootstrap" | "bandwidth" | "rounds" | "link" | "masks" | "nothing";

/** What a cause takes of a phase. */
export type CauseShare = {
  /** When. */
  phase: PhaseName,
  /** What it is for. */
  cause: Cause,
  /** Compute and link, in the middle of the range; None where the profile has no compute time. */
  seconds: number | null,
  /** Of them on the link: its bytes' time, and its rounds'. */
  link_seconds: number,
  /** Bytes of all parties. */
  bytes: number,
  /** Rounds on the longest chain. */
  rounds: number,
};

/** What a cell's network is like. */
export type CellView = {
  /** `1 conv3+relu(0); 2 skip(1)`: number, operation, what it reads (0 is the cell's input). */
  text: string,
  /** Parameters. */
  params: number,
  /** MACs of an image. */
  macs: number,
};

/** What is searched. */
export type CellsSettings = {
  /** ReLUs of a network, at most. */
  relus?: number,
  /** Channels of the first stage. */
  width?: number,
  /** Nodes of a cell. */
  nodes?: number,
  /** Cells that are trained in the search, and as many drawn at random beside it. */
  evaluations?: number,
  /** Epochs of each. */
  epochs?: number,
  /** Figures to train on, and to score on. */
  images?: [number, number],
  /** Seed of cells, weights and orders. */
  seed?: number,
};

/** What a budget allows. */
export type CellsStart = {
  /** ReLU layers of a cell. */
  layers: number,
  /** ReLUs of every network. */
  relus: number,
  /** Operations that a node may be. */
  ops: number,
  /** Sizes and rates, as the engine reads them. */
  options: string,
};

/** What becomes of a layer's function. */
export type Change = "poly2:public" | "average-pool" | "relu";

/** A value. */
export type Choice = number | Relus;

/** Which images choose the checkpoint that is kept. */
export type ChosenOn = "validation" | "test" | "last";

/** A claim. */
export type Claim = {
  /** What is claimed, a sentence. */
  claim: string,
  /** Paper and place. */
  source: string,
  /** The published figure; None where only words are public. */
  published: number | null,
  /** What comes out here; None where it cannot be computed. */
  computed: number | null,
  /** Unit of both. */
  unit: string,
  /** How the figure comes about, or why there is none. */
  how: string,
};

/** One class before and after. */
export type ClassChange = {
  /** Which. */
  class: number,
  /** Samples of this class; all samples where there are no labels. */
  samples: number,
  /** Right ones of the original; those given this class where there are no labels. */
  before: number,
  /** The changed model's. */
  after: number,
};

/** What went, and what was left. */
export type CleanReport = {
  /** Always `reluctant.clean/1`. */
  schema: string,
  /** Name of the file. */
  model: string,
  /** Results of sums S - T + T, which are S. */
  sums: Array<string>,
  /** Nodes of the main graph before. */
  nodes_before: number,
  /** Nodes of it that stay. */
  nodes_after: number,
  /** Stored tensors that went. */
  tensors: number,
  /** Size of the changed file. */
  bytes: number,
};

/** What goes. */
export type CoarseSettings = {
  /** Culling: stages that lose all, by name: `stem`, `S1`. */
  cull?: Array<string>,
  /** Thinning: one of the two ReLUs of each block stays; a block with one keeps it. */
  thin?: Thin | null,
  /** ReLUs after sums go: those on the path of the shortcuts, which CryptoNAS prunes. */
  skip?: boolean,
  /** One group of so many keeps its ReLU, the others pass as they are: our reading of ReLU-reuse. */
  groups?: number | null,
};

/** What kind of fault, stable: scripts and the page switch on it. */
export type Code = "empty-file" | "not-onnx" | "malformed" | "truncated" | "unsupported-version" | "limit-exceeded" | "invalid-graph" | "overflow" | "invalid-setting" | "io" | "cancelled" | "missing-data" | "invalid-link" | "invalid-measurement" | "not-supported" | "gpu";

/** One coefficient. */
export type Coefficient = {
  /** `per_element`, as cards name it. */
  name: string,
  /** None where the measurements do not determine it. */
  value: number | null,
};

/** How the changed model differs. */
export type Compared = {
  /** Samples. */
  samples: number,
  /** Share of samples with the same best class; None where outputs are no scores. */
  agreement: number | null,
  /** Mean Kullback-Leibler divergence of the softmax of the outputs, in nats. */
  kl: number | null,
  /** Root of the mean squared difference of outputs over that of the outputs themselves. */
  relative_error: number,
  /** The original's accuracy, where there are labels. */
  original: Accuracy | null,
  /** The changed model's. */
  changed: Accuracy | null,
};

/** What a released recipe comes to. */
export type Computed = {
  /** Exact ReLUs. */
  relus: number,
  /** Dense MACs. */
  macs: number,
  /** The recipe. */
  recipe: string,
};

/** Values of one method, data set and ReLU count that differ. */
export type Conflict = {
  /** Indices of the points, in the order given. */
  points: Array<number>,
  /** Largest less smallest accuracy. */
  spread: number,
};

/** A constant as a card shows it. */
export type Constant = {
  /** Name, as the formula spells it. */
  name: string,
  /** Value in force; None where there is none. */
  value: number | null,
  /** Unit. */
  unit: string,
  /** Least and greatest value seen. */
  range: [number, number] | null,
  /** Where it comes from. */
  source: string,
  /** How well it is known. */
  status: Status,
};

/**
 * A bound: `relus`, `macs`, `params`, or `bytes`, `rounds`, `seconds`, `offline`, `online`, `money` of a protocol, as in
 * `bytes:semi2k`.
 */
export type Constraint = {
  /** Of what. */
  of: string,
  /** At least. */
  least?: number,
  /** At most. */
  most?: number,
};

/** A convolution's sizes, one entry per spatial axis. */
export type Conv = {
  /** Batch. */
  batch: number,
  /** Input channels, all groups. */
  in_channels: number,
  /** Output channels, all groups. */
  out_channels: number,
  /** Groups. */
  groups: number,
  /** Input size. */
  input: Array<number>,
  /** Output size. */
  output: Array<number>,
  /** Kernel size. */
  kernel: Array<number>,
  /** Strides. */
  strides: Array<number>,
  /** Dilations. */
  dilations: Array<number>,
  /** Padding before and after, resolved from auto_pad. */
  pads: Array<[number, number]>,
};

/** Where a row's cost comes from. */
export type CostCard = {
  /** What is priced. */
  title: string,
  /** One for each way and phase that has any. */
  lines: Array<CardLine>,
  /** The constants in use. */
  constants: Array<Constant>,
  /** What the figures leave out. */
  leaves_out: string,
  /** The worst status among the terms; None when the row is free. */
  status: Status | null,
  /** Why (a part of) the row has no price. */
  missing: Array<string>,
  /** The figures, as the layer table has them. */
  cost: RowCost,
};

/** Before and after. */
export type CostChange = {
  /** Id of the protocol. */
  protocol: string,
  /** The original. */
  before: CostLine,
  /** With the plan. */
  after: CostLine,
  /**
   * Change of online seconds (of bytes, where seconds are not known), as a share: -0.5 is half,
   * above 0 the plan costs more. None where either is partial: two lower bounds have no ratio.
   */
  change: number | null,
  /** The plan costs more than it saves; never said of lower bounds. */
  worse: boolean,
};

/** A network's cost in a line. */
export type CostLine = {
  /** Middle estimate; None where the profile has no compute time. */
  offline_seconds: number | null,
  /** Middle estimate; None where the profile has no compute time. */
  online_seconds: number | null,
  /** All parties, both phases. */
  bytes: number,
  /** Of the online phase. */
  online_rounds: number,
  /** Some work has no price. */
  partial: boolean,
};

/** Terms, and what becomes of activations under them. */
export type CostSettings = {
  /** A protocol, as `reluctant protocols` lists them; may be given several times. */
  protocols: string[],
  /** A preset of the link between the parties. */
  link?: string,
  /** Rate from the client, instead of a preset. */
  up?: number,
  /** Rate to the client. */
  down?: number,
  /** Round-trip time. */
  rtt?: number,
  /** Threads for homomorphic layers. */
  he_threads?: number,
  /** Threads for garbled circuits. */
  gc_threads?: number,
  /** The client's processor, or the graphics processor of ckks:gpu. */
  machine?: "epyc" | "atom" | "a100-40" | "a100-80" | "h100" | "rtx5090",
  /** Width of the ring. */
  ring_bits?: 32 | 64 | 128,
  /** Bits of a share where a protocol chooses them freely (cheetah:paper, cheetah:window16, sci-ot). */
  share_bits?: number,
  /** Oblivious transfer of cheetah:spu. */
  ot?: "ferret" | "softspoken",
  /** Which side of zero errs under circa. */
  faults?: "pos-zero" | "neg-pass",
  /** Circuit that finds a sign under trio and quad: parallel prefix has few rounds, ripple carry few bytes. */
  adder?: "ppa" | "rca",
  /** Bits that comparisons of trio and quad look at: signs of values outside them are wrong. */
  window?: "none" | "8",
  /** Bits that comparisons of fss look at: its drivers take 37 to 51 for transformers. */
  fss_bits?: number,
  /** Bits of the fraction that truncations of fss take off. */
  fraction?: number,
  /** Chooses the class under encryption: an argmax over the last linear layer. */
  argmax?: boolean,
  /** What is done with batch normalisations beside linear layers: they go into the weights of the layers before or after them, of those before, or are computed. */
  batch_norm?: "weights" | "folded" | "separate",
  /** What a gigabyte costs that one party sends another, in your own money: gives the cost of 1,000 inferences. */
  price_gb?: number,
  /** What an hour of a processor core costs, in your own money: gives the cost of 1,000 inferences. */
  price_core_hour?: number,
  /** How many times slower a machine is than the one that SPU was timed on; 1 where it is not said. */
  machine_factor?: number,
  /** How many inferences one set-up serves: each one's part of its bytes is said beside the totals. */
  inferences?: number,
  /** The profile `calibrated`: measurements on top of a base. */
  calibration?: OwnProfile,
} & Activations;

/** Estimates of a network, and the cost of each row under the first of them. */
export type CostTable = {
  /** The estimates, without layers. */
  report: Report,
  /** [`COST_FIELDS`]. */
  fields: Array<string>,
  /** Column after column, as many numbers each as there are rows. */
  values: Float64Array,
};

/** How much of the graph the totals speak for. */
export type Coverage = {
  /** All nodes, functions inlined and bodies entered. */
  nodes: number,
  /** Nodes that were counted, nodes without work included. */
  counted: number,
  /** Nodes that could hold work and were not counted. */
  unknown: Array<UnknownNode>,
};

/** The JSON of `reluctant design criticality --json`. */
export type Criticality = {
  /** Always `reluctant.criticality/1`. */
  schema: string,
  /** Samples with a label. */
  samples: number,
  /** With all ReLUs. */
  all: Accuracy,
  /** With none. */
  none: Accuracy,
  /** Stages that have ReLUs, in order. */
  stages: Array<StageCriticality>,
  /** Names of the stages from the highest score to the lowest; of equal ones the later stage first. */
  order: Array<string>,
  /** The exponent of ReLUs in `score`. */
  weight: number,
};

/** Points over what was seen and fitted. */
export type Curve = {
  /** Places. */
  x: Array<number>,
  /** The activation there. */
  activation: Array<number>,
  /** The polynomial there. */
  polynomial: Array<number>,
};

/** Errors of one degree. */
export type DegreeError = {
  /** Degree. */
  degree: number,
  /** Expected squared error. */
  mse: number,
  /** Largest error on the range. */
  max_error: number,
};

/** After, less before; negative is a saving. */
export type Delta = {
  /** Compute and link before the input, in the middle of the range; None where it is not known in full on a side. */
  offline_seconds: number | null,
  /** The same after it. */
  online_seconds: number | null,
  /** Bytes of all parties, both phases, set-up apart. */
  bytes: number | null,
  /** Rounds of the longest chain. */
  rounds: number | null,
};

/** An open device. */
export type Device = {
  /** Which it is. */
  adapter: Adapter,
  /** What it takes. */
  limits: Limits,
};

/** The JSON of `reluctant diff --json`. */
export type Diff = {
  /** Always `reluctant.diff/1`. */
  schema: string,
  /** The first network. */
  a: DiffSide,
  /** The second. */
  b: DiffSide,
  /** Both have the same structure: operators, attributes, wiring, shapes. */
  same_structure: boolean,
  /** Stages by name, in order; a side that lacks one is null. */
  stages: Array<DiffStage>,
  /** Costs of the whole, a protocol each. */
  costs: Array<DiffCost>,
};

/** What both cost. */
export type DiffCost = {
  /** Profile id. */
  protocol: string,
  /** The first. */
  a: WholeCost,
  /** The second. */
  b: WholeCost,
};

/** One network as a whole. */
export type DiffSide = {
  /** File name, or the name of the example. */
  name: string,
  /** Hash of the structure. */
  hash: string,
  /** ReLUs. */
  relus: number,
  /** Multiply-accumulates. */
  macs: number,
  /** Parameters. */
  params: number,
  /** Nodes that were not counted: then the figures are lower bounds. */
  unknown: number,
};

/** A stage of both. */
export type DiffStage = {
  /** `stem`, `S1`, ..., `head`. */
  name: string,
  /** In the first. */
  a: StageFigures | null,
  /** In the second. */
  b: StageFigures | null,
};

/** Differences of totals; negative is a saving. */
export type Difference = {
  /** Bytes of all parties, both phases, set-up apart. */
  bytes: number,
  /** Bytes before the input is known. */
  offline_bytes: number,
  /** Bytes that the client keeps; None where unknown. */
  storage_bytes: number | null,
  /** Rounds of the longest chain. */
  rounds: number,
  /** Time on the link, both phases. */
  link_seconds: number,
  /** Compute and link, both phases, in the middle of the range; None where the time of either is not known. */
  seconds: number | null,
};

/** A symbolic dimension. */
export type Dimension = {
  /** Name in the file, or `INPUT[AXIS]` for an unnamed one. */
  name: string,
  /** The value in force; None leaves it symbolic. */
  value: number | null,
  /** Who chose the value. */
  origin: Origin,
  /** Why another value is guessed than the usual, or none: `128 is impossible: the window is wider than ...`. */
  why?: string,
};

/** How far a point lies from the best of others. */
export type Distance = {
  /** Best other point within the same cost. */
  at_budget: number | null,
  /** Points of accuracy that it is ahead by; negative where the own point is ahead. */
  accuracy_gap: number | null,
  /** Cheapest other point of at least the same accuracy. */
  at_accuracy: number | null,
  /** Own cost over that point's; below 1 where the own point is cheaper. None where it costs 0. */
  cost_factor: number | null,
};

/** What a change to one row does to the whole network: after, less before. */
export type Effect = {
  /** Index of the row. */
  index: number,
  /** The change. */
  change: Change,
  /** Scalars that come out of the function. */
  elements: number,
  /** The differences; None where the row has no price before or after. */
  difference: Difference | null,
  /** Why there is none, or why seconds are missing. */
  reason: string | null,
};

/** The effects under one protocol. */
export type Effects = {
  /** Id of the profile. */
  protocol: string,
  /** One for each row and change that it allows. */
  effects: Array<Effect>,
};

/** Which engine runs. */
export type EngineKind = "cpu" | "gpu";

/** The JSON of `reluctant design equalise --json`. */
export type EqualiseReport = {
  /** Always `reluctant.equalise/1`. */
  schema: string,
  /** Networks, ranked. */
  solutions: Array<Solution>,
  /** There are, or may be, tuples with a multiplier above the largest. */
  bounded: boolean,
  /** Tuples before `max_relus` took some away. */
  found: number,
};

/** What is asked. */
export type EqualiseSettings = {
  /** Blocks of each stage, 2 to 6 stages. */
  blocks?: Array<number>,
  /** Stages from the most critical to the least, from 1. */
  order?: Array<number>,
  /** Least multiplier. */
  min_mult?: number,
  /** Largest multiplier. */
  max_mult?: number,
  /** Kind of block. */
  block?: Block,
  /** Stride of each stage; empty is 1, then 2 each. */
  strides?: Array<number>,
  /** Channels of the stem and of the first stage. */
  base?: number,
  /** Channels, height and width of the input. */
  input?: [number, number, number],
  /** Classes. */
  classes?: number,
  /** Puts another first multiplier in each solution: 2 makes the family for low budgets. */
  alpha?: number | null,
  /** Leaves out networks of more ReLUs. */
  max_relus?: number | null,
  /** What comes first. */
  rank?: RankBy,
  /** Under what to price; no protocol, no prices. */
  cost?: CostSettings,
};

/** The cost of a network. */
export type Estimate = {
  /** Id of the profile: `delphi:server-garbler`. */
  protocol: string,
  /** Variant in its family; empty where there is one only. */
  variant: string,
  /** Version of constants and formulas. */
  profile_version: number,
  /** Id of the link. */
  link: string,
  /** Before the input is known, set-up apart. */
  offline: Phase,
  /** Afterwards. */
  online: Phase,
  /** Sent once: keys, base OTs; None where unknown. */
  setup_bytes: number | null,
  /** What each of `inferences` carries of them, rounded up; only where several share one set-up that is known. */
  setup_bytes_each?: number,
  /** Bytes that the client keeps between the phases; None where unknown. */
  client_storage_bytes: number | null,
  /** Offline and online bytes of all parties, set-up apart. */
  bytes_total: number,
  /** Seconds hold compute; else they are null and `link_seconds` is all that is known. */
  compute_included: boolean,
  /** Some work, or the time of some work, has no price: see `unpriced`. */
  partial: boolean,
  /** The totals are lower bounds, as the estimate is partial: in no ranking, and no percentage of them says anything. */
  bound: boolean,
  /** Split by kind of work, both phases together: no share of it says what waits for the input. */
  by_kind: ByKind,
  /** The same of what happens before the input is known. */
  offline_by_kind: ByKind,
  /** The same of what happens afterwards. */
  online_by_kind: ByKind,
  /** What each phase is for, the largest first: finer than kinds of work, and the link's time with whoever sends. */
  causes: Array<CauseShare>,
  /** What stands in the way, a sentence for each phase; then what else is worth one. */
  findings: Array<Finding>,
  /** Split by status. */
  status: ByStatus,
  /** What has no price, and why. */
  unpriced: Array<Unpriced>,
  /** How often values are refreshed; None where the protocol has no levels. */
  refreshes?: Refreshes,
  /** How often signs are wrong, of a protocol that lets them be. */
  faults?: Faults,
  /** What was measured in place of the base's prices, under `calibrated`. */
  calibration?: Provenance,
  /** What every figure leaves out. */
  leaves_out: string,
  /** Whom the protocol trusts with what. */
  trust: Trust,
  /** The cost of 1,000 inferences, where a price was given. */
  money?: Money,
  /** The settings. */
  settings: SettingsView,
  /** One for each row, in their order, when asked for. */
  layers?: Array<RowCost>,
};

/** A network that can be opened without a file. */
export type Example = {
  /** Stable: links and the command line name it. */
  id: string,
  /** For people. */
  title: string,
  /** Data set whose image size and classes it takes. */
  dataset: string,
  /** The convention that its figures hang on; may be empty. */
  note: string,
};

/** A place that may be an exit. */
export type ExitCandidate = {
  /** Name of the value. */
  value: string,
  /** Share of the network's MACs that it needs: of what it is computed from. */
  depth: number,
  /** Share of the inputs that a head there is sure of; None where it was measured, by threshold. */
  sure: number | null,
};

/** What a way to run the network takes. */
export type ExitCost = {
  /** Bytes of all parties, offline and online. */
  bytes: number,
  /** Online exchanges. */
  rounds: number,
  /** Compute and link of both phases, `[low, mid, high]`; None where a compute time is not known. */
  seconds: [number, number, number] | null,
  /** Link time of both phases. */
  link_seconds: number,
  /** Before the input is there. */
  offline: ExitPhase,
  /** After it. */
  online: ExitPhase,
  /** Totals are lower bounds: some work has no price. */
  bound: boolean,
  /** Its bytes and rounds are: some work has no price at all, and not only no compute time. */
  bytes_bound: boolean,
  /** That work, once each. */
  unpriced: Array<string>,
  /** What the parties learn beyond the result, in bits: the entropy of the exit that is taken. */
  leak_bits: number,
};

/** One way to run the network. */
export type ExitFound = {
  /** Which. */
  policy: ExitPolicy,
  /** Where it may be left. */
  at: Array<string>,
  /** Share of the inputs at each of those, and at the end. */
  shares: Array<number>,
  /** Of a measured head: the public threshold. */
  threshold: number | null,
  /**
   * Share of the inputs that a head which is sure of them answers, or the end; measured: the accuracy, or without labels
   * the share of the end's classes.
   */
  quality: number,
  /** What it takes. */
  cost: ExitCost,
};

/** What classifies at an exit. */
export type ExitHead = "pooled" | "each-position" | "own";

/** What a way to run the network takes of one phase, or of both. Expected over inputs where the way depends on them. */
export type ExitPhase = {
  /** Bytes of all parties. */
  bytes: number,
  /** Sequential exchanges. */
  rounds: number,
  /** Compute and link, `[low, mid, high]`; None where the compute time is not known. */
  seconds: [number, number, number] | null,
  /** Link time alone. */
  link_seconds: number,
};

/** An exit. */
export type ExitPlace = {
  /** Name of the value that its head reads. */
  value: string,
  /** Channels there. */
  channels: number,
  /** Positions there, which a head averages where the network tells one class an input. */
  positions: number,
  /** What classifies there. */
  head: ExitHead,
  /** Share of the inputs that stop there. */
  share: number,
};

/** One threshold. */
export type ExitPoint = {
  /** A sample leaves at the first exit whose largest logit is above this. */
  threshold: number,
  /** Share of the samples at each exit, and at the end. */
  shares: Array<number>,
  /** Share that comes as far as each exit, and to the end. */
  reach: Array<number>,
  /** Share that gets its label's class; None without labels. */
  accuracy: number | null,
  /** Share that gets the class that the end would give. */
  agreement: number,
  /** What a secure test at each exit costs, expected over these samples. */
  secure: ExitCost,
};

/** Ways to leave. */
export type ExitPolicy = "none" | "fixed" | "secure" | "all";

/** What a search found. */
export type ExitSearch = {
  /** Always `reluctant.exits-search/1`. */
  schema: string,
  /** Id of the profile. */
  protocol: string,
  /** Its version. */
  profile_version: number,
  /** Id of the link. */
  link: string,
  /** What the budget counts. */
  unit: ExitUnit,
  /** What may be spent. */
  budget: number | null,
  /** Where the shares come from. */
  sure_by: string,
  /** Where exits may be. */
  candidates: Array<ExitCandidate>,
  /** Ways that were priced. */
  tried: number,
  /** Those within budget and leak. */
  within: number,
  /** Of those what no other beats in cost, quality and leak at once, the cheapest first. */
  found: Array<ExitFound>,
  /** The best of them in quality, then in cost; None where nothing is within the budget. */
  best: number | null,
  /** What holds of every such report. */
  note: string,
};

/** What is looked for. */
export type ExitSearchSettings = {
  /** Values that may be exits, in the order of the network; the outputs of the model's activations where empty. */
  at?: Array<string>,
  /** Share of the inputs that a head at each of them is sure of; empty: by [`ease`](Self::ease). */
  sure?: Array<number>,
  /** A head at depth d is sure of d to this power. */
  ease?: number,
  /** Logits of each head that is put there. */
  classes?: number,
  /** Exits at most, 1 to 3. */
  most?: number,
  /** What the budget counts. */
  unit?: ExitUnit,
  /** What may be spent; None: anything. */
  budget?: number | null,
  /** Bits that may leak; None: any. */
  leak?: number | null,
};

/** Exits of a model under thresholds. */
export type ExitSweep = {
  /** Always `reluctant.exits-sweep/1`. */
  schema: string,
  /** Id of the profile. */
  protocol: string,
  /** Its version. */
  profile_version: number,
  /** Id of the link. */
  link: string,
  /** Samples that were run. */
  samples: number,
  /** The exits, in the order of the network; shares are those of the last threshold. */
  at: Array<ExitPlace>,
  /** Accuracy of the end alone; None without labels. */
  end_accuracy: number | null,
  /** What the network costs without exits. */
  none: ExitCost,
  /** By threshold, rising. */
  points: Array<ExitPoint>,
  /** What holds of every such report. */
  note: string,
};

/** What a budget of exits counts. */
export type ExitUnit = "bytes" | "seconds";

/** A model with exits under one protocol. */
export type ExitsReport = {
  /** Always `reluctant.exits/1`. */
  schema: string,
  /** Id of the profile. */
  protocol: string,
  /** Its version. */
  profile_version: number,
  /** Id of the link. */
  link: string,
  /** Logits of each exit. */
  classes: number,
  /** Where they are, as asked for, in the order of the network. */
  at: Array<ExitPlace>,
  /** Share of the inputs that goes to the end. */
  end_share: number,
  /** What holds of every such report. */
  note: string,
  /** One exit, chosen before the input is seen; in the order of the exits. */
  fixed: Array<ExitCost>,
  /** A secure test at each exit that all parties see the answer of. */
  secure: ExitCost,
  /** All exits run, and the answer is chosen without anyone knowing where from. */
  all: ExitCost,
  /** The network without exits. */
  none: ExitCost,
};

/** The JSON of `reluctant design sweep --json`, and what `reluctant merge` reads. */
export type ExploreReport = {
  /** Always `reluctant.design-sweep/1`. */
  schema: string,
  /** What was asked. */
  settings: ExploreSettings,
  /** The parts that this speaks for, from 1; `[1]` of 1 is the whole. */
  shards: Array<number>,
  /** Parts in all. */
  of: number,
  /** Candidates that were looked at. */
  candidates: number,
  /** Of these, specs that cannot be built. */
  invalid: number,
  /** Of these, those that keep the constraints. */
  kept: number,
  /** Of these, those without a whole price where one is asked for: no part of the front. */
  unknown: number,
  /** Names of a point's figures: relus, macs, params, then what is priced. */
  figures: Array<string>,
  /** Those that no other is better than in every objective; of equal ones the first. */
  front: Array<FrontPoint>,
};

/** A sweep: the JSON of `reluctant design sweep`. */
export type ExploreSettings = {
  /** What does not vary. */
  base: Spec,
  /** What does; the last changes fastest. */
  vary: Array<Vary>,
  /** Draws so many candidates instead of taking all. */
  sample?: Sample,
  /** What candidates must keep. */
  constraints?: Array<Constraint>,
  /** What the front is of; few ReLUs and many MACs unless said. */
  objectives?: Array<Objective>,
  /** Terms of prices, as `reluctant cost` takes them; protocols come from what is measured. */
  cost?: CostSettings,
};

/** One dimension for display. */
export type Extent = number | string;

/** A fault with its code, place and a hint what to do. */
export type Fault = {
  /** The kind of fault. */
  code: Code,
  /** What happened, one plain sentence. */
  message: string,
  /** Where. */
  place: Place,
  /** What to do next; may be empty. */
  hint: string,
};

/** Which side of zero errs where a stochastic ReLU is unsure. */
export type FaultMode = "pos-zero" | "neg-pass";

/** How often the sign of a ReLU is wrong. */
export type Faults = {
  /** Low bits that the comparison leaves out. */
  bits_dropped: number,
  /** Bits of the field. */
  field_bits: number,
  /** Which side errs inside the window. */
  mode: FaultMode,
  /** 2^bits_dropped, in units of the last place of the fixed-point numbers: where signs are unsure. */
  window: number,
  /** Mean probability over the window; (window - |x|) / window at x. */
  inside: number,
  /** Probability per unit of |x| outside: 1 / p. */
  outside_per_unit: number,
};

/** What dominates a phase; after the two of these, what else is worth a sentence. */
export type Finding = {
  /** When. */
  phase: PhaseName,
  /** What takes most of it. */
  cause: Cause,
  /**
   * Its part of the phase, 0 to 1; of what is priced, where the phase is a bound. None where there is nothing to
   * share.
   */
  share: number | null,
  /** What that is a share of. */
  of: FindingOf,
  /** Seconds of the whole phase, in the middle of the range; None where its compute time is not known. */
  seconds: number | null,
  /** Bytes of the whole phase, of all parties. */
  bytes: number,
  /** Seconds and bytes are lower bounds. */
  at_least: boolean,
  /**
   * Of masks: calls of comparisons as priced, a layer each, and the most that an engine makes which does not gather what
   * they keep, an element each.
   */
  calls?: [number, number],
  /** In a sentence. */
  text: string,
};

/** What a share is a share of. */
export type FindingOf = "time" | "link-time" | "bytes";

/** The fit of one quantity of one kind of work. */
export type Fit = {
  /** Kind of work. */
  op: string,
  /** What was fitted. */
  quantity: Quantity,
  /** None where the phases were not told apart: such work is priced online. */
  phase: When | null,
  /** Unit of the coefficients. */
  unit: string,
  /** In order of importance. */
  coefficients: Array<Coefficient>,
  /** Coefficient of determination of the weighted fit; None where the measurements do not differ. */
  r2: number | null,
  /** How far a small error of the measurements may grow in the coefficients; None for a lone one. */
  condition: number | null,
  /** Measured and fitted, per call. */
  points: Array<FitPoint>,
  /** What to know before trusting it. */
  warnings: Array<string>,
};

/** One measurement beside its fitted value, per call. */
export type FitPoint = {
  /** Place in the list of measurements. */
  measurement: number,
  /** As measured, over its calls. */
  measured: number,
  /** By the coefficients. */
  fitted: number,
  /** (fitted - measured) / measured; None where nothing was measured. */
  relative: number | null,
};

/** What happened in one layer. */
export type FixedLayer = {
  /** Index of the node, as in `reluctant.score/1`. */
  index: number,
  /** Its name. */
  node: string,
  /** Operator. */
  op: string,
  /** Numbers that left the ring. */
  wrapped: number,
  /** Bits that the largest number took before truncation, its sign included. */
  bits: number,
  /** Root mean square of the difference from floating point. */
  rms_difference: number,
  /** Largest difference. */
  largest_difference: number,
};

/** A finished simulation. */
export type FixedReport = {
  /** Always `reluctant.fixed/1`. */
  schema: string,
  /** File name. */
  model: string,
  /** The arithmetic. */
  settings: FixedSettings,
  /** Samples that went in. */
  samples: number,
  /** Seconds. */
  seconds: number,
  /** Accuracy in the ring; None without labels. */
  accuracy: Accuracy | null,
  /** Accuracy in floating point. */
  float_accuracy: Accuracy | null,
  /** Samples whose best class is the same in both; None where the first output is no table of scores. */
  agreement: Agreement | null,
  /** Largest difference of the first output from floating point. */
  largest_difference: number,
  /** Numbers that left the ring and wrapped around, inputs included. */
  wrapped: number,
  /** Of those, encodings of inputs. */
  wrapped_inputs: number,
  /** By layer, in the graph's order. */
  layers: Array<FixedLayer>,
  /** Operators that were computed in floating point and encoded again. */
  in_floating_point: Array<Outside>,
};

/** The arithmetic. */
export type FixedSettings = {
  /** Bits of the ring, 8 to 64. */
  ring_bits: number,
  /** Bits after the point, 1 to `ring_bits` / 2. */
  fraction_bits: number,
  /** How products are truncated. */
  truncation: Truncation,
  /** Of the random numbers of a truncation: the same seed, the same result. */
  seed: number,
};

/** What PyTorch trains elsewhere. */
export type FolderAsk = {
  /** Network, phases, and what is chosen how. */
  of: TrainingAsk,
  /** What the images are called. */
  data: string,
  /** Figures drawn to train and to test on; null: the images are given. */
  figures: [number, number] | null,
  /** Methods. */
  methods: Array<TrainMethod>,
  /** ReLUs that stay, for each method. */
  budgets: Array<number>,
  /** Seeds; each begins with weights of its own. */
  seeds: Array<number>,
};

/** A candidate of the front. */
export type FrontPoint = {
  /** Its place among all candidates. */
  index: number,
  /** Values of what varies. */
  values: Array<Choice>,
  /** In the order of `figures`. */
  figures: Array<number>,
};

/** A model with gated ReLUs under one protocol. */
export type GatedReport = {
  /** Always `reluctant.gated/1`. */
  schema: string,
  /** Id of the profile. */
  protocol: string,
  /** Its version. */
  profile_version: number,
  /** Id of the link. */
  link: string,
  /** What holds of every such report. */
  note: string,
  /** Gates: one in the place of each ReLU. */
  gates: number,
  /** The network as it is. */
  relu: ExitCost,
  /** Gates that are compared in secret. */
  compared: ExitCost,
  /** Gates that whoever has the input computes in the clear. */
  clear: ExitCost,
};

/** The JSON of `reluctant design gradient --json`. */
export type Gradient = {
  /** Always `reluctant.gradient/1`. */
  schema: string,
  /** Profiles, in the order of each set's `prices`. */
  protocols: Array<string>,
  /** Sets that can be widened, in order of their first layer. */
  sets: Array<TiedSet>,
  /** Layers whose channels cannot be widened by themselves. */
  open: Array<OpenSet>,
};

/** What is kept or replaced together. */
export type Granularity = "Pixel" | "Spatial" | "Channel" | { "Patch": number } | "Layer" | "Stage";

/** Error that has built up until an activation's result. */
export type Growth = {
  /** Node of the activation. */
  index: number,
  /** Name of its result. */
  output: string,
  /** Root of the mean squared difference over that of the original's values. */
  relative_error: number,
};

/** A class and its score. */
export type Guess = {
  /** Index of the class. */
  class: number,
  /** What the model gives it. */
  score: number,
};

/** Last layers. */
export type Head = "gap" | "gap-no-relu" | "flatten";

/** A plan that is to be fine-tuned. */
export type HeldView = {
  /** ReLUs that stay. */
  kept: number,
  /** Linear outputs go with the others. */
  drops: boolean,
  /** For the engine. */
  masks: string,
};

/** Equal bins: bin i holds `low + i width <= x < low + (i + 1) width`. */
export type Histogram = {
  /** Lower end of the first bin. */
  low: number,
  /** Width of a bin: a power of two. */
  width: number,
  /** Counts. */
  counts: Array<number>,
};

/** What a row asks of homomorphic encryption. */
export type Homomorphic = {
  /** Level at which it begins, refreshed where it had to be. */
  level: number,
  /** Level of what it makes. */
  leaves: number,
  /** Ciphertexts that are bootstrapped before it. */
  bootstraps: number,
  /** Ciphertexts of what it makes. */
  ciphertexts: number,
  /** Part of their slots that is used, 0 to 1. */
  slot_use: number,
  /** Products with plaintexts of a convolution; None where no formula is known. */
  products: number | null,
  /** Its rotations. */
  rotations: number | null,
};

/** The values of a setting, for a menu. */
export type KindView = { "type": "number",
  /** The least. */
  least: number,
  /** The greatest. */
  most: number, } | { "type": "share" } | { "type": "amount",
  /** The greatest. */
  most: number, } | { "type": "factor",
  /** The greatest. */
  most: number, } | { "type": "choice",
  /** In order. */
  options: Array<OptionView>,
};

/** A setting that some profiles heed and others pass over, by its key. */
export type Knob = "he_threads" | "gc_threads" | "ring_bits" | "share_bits" | "ot" | "faults" | "adder" | "window" | "fss_bits" | "fraction" | "machine_factor" | "inferences";

/** One row of the layer table. */
export type Layer = {
  /** Index of the node in the graph. */
  index: number,
  /** Node name, or its first output where the name is empty. */
  name: string,
  /** Operator; a composite carries the operator of the node that closes it. */
  op: string,
  /** Name of the first output. */
  output: string,
  /** Shape of the first output; None when unknown. */
  shape: Array<Extent> | null,
  /** Dense MACs; None when unknown. */
  macs: number | null,
  /** MACs on real input elements only; None when unknown. */
  macs_valid: number | null,
  /**
   * Parameters of this use, known whatever the shapes are; a shared weight shows in each use and counts once in the total.
   * None in links from before.
   */
  params: number | null,
  /** Of `params`, those already shown by an earlier row. */
  params_shared: number,
  /** Activation elements by kind; None when the node has none (or is unknown: see `status`). */
  activation: LayerActivation | null,
  /** Average-pool outputs. */
  average_pool: number,
  /** Truncation points. */
  truncations: number,
  /** Products of two secret values. */
  products: number,
  /** Element-wise adds. */
  adds: number,
  /** Bias adds. */
  bias: number,
  /** BatchNorm elements. */
  batch_norm: number,
  /** Bytes of the weights of this use. */
  weight_bytes: number,
  /** Bytes of the outputs. */
  activation_bytes: number | null,
  /** Name of the stage. */
  stage: string,
  /** Block inside the stage, from 1; 0 outside a block. */
  block: number,
  /** Counted or not. */
  status: LayerStatus,
  /** Why not, when unknown. */
  reason?: string,
  /** Facts a reader must know: `counted once: body of Loop`, `shape guessed`, ... */
  marks?: Array<string>,
};

/** An activation in a row. */
export type LayerActivation = {
  /** Kind, a key of `totals.activations` or `ReLU`. */
  kind: string,
  /** Scalars. */
  elements: number,
  /** Rows of Softmax, norms, ArgMax; 0 where rows mean nothing. */
  rows: number,
  /** Scalars in a row, or in a pooling window; 0 where rows mean nothing. */
  row_length: number,
  /** Two-way comparisons, where the kind is one. */
  comparisons: number,
  /** Found inside a quantiser. */
  folded: boolean,
};

/** Time of a layer. */
export type LayerSeconds = {
  /** Index of the node in the graph. */
  index: number,
  /** Its name. */
  node: string,
  /** Operator. */
  op: string,
  /** Seconds over all slices. */
  seconds: number,
  /** Share of all layers. */
  share: number,
};

/** What became of a node. */
export type LayerStatus = "counted" | "unknown";

/** What flows into one activation, and its polynomial. */
export type LayerView = {
  /** Its node, as the score counts them. */
  index: number,
  /** Name of its result. */
  output: string,
  /** What it computes. */
  target: string,
  /** Channels there are to see. */
  channels: number,
  /** None: all together. */
  channel: number | null,
  /** Of what flows in. */
  mean: number,
  /** Standard deviation. */
  std: number,
  /** What was seen; None without data. */
  histogram: Bins | null,
  /** How it is fitted. */
  method: Method,
  /** Degree. */
  degree: number,
  /** Ascending powers of x. */
  coefficients: Array<number>,
  /** Where it was fitted. */
  range: [number, number],
  /** Expected squared error. */
  mse: number,
  /** Largest error on the range. */
  max_error: number,
  /** Where that is. */
  max_error_at: number,
  /** Share of the input outside the range. */
  outside: number,
  /** For drawing. */
  curve: Curve,
  /** By Horner. */
  horner: Operations | null,
  /** By baby and giant steps. */
  paterson_stockmeyer: Operations,
  /** Errors of other degrees; empty where the method has none. */
  by_degree: Array<DegreeError>,
};

/** One activation with a method or a degree of its own. */
export type LayerWish = {
  /** Name of its result. */
  output?: string,
  /** A method of `poly`. */
  method?: Method | null,
  /** Degree. */
  degree?: number | null,
};

/** A change that was not tried. */
export type LeftOut = {
  /** As [`Advised::id`]. */
  id: string,
  /** Why. */
  reason: string,
};

/** What listings must keep to. */
export type Limits = {
  /** Bytes of one tensor. */
  binding_bytes: number,
  /** Workgroups along one dimension of a dispatch. */
  workgroups: number,
  /** Bytes to which the places of kernel parameters are aligned. */
  uniform_alignment: number,
  /** The device is a CPU: short loops and large tiles pay, occupancy does not matter. */
  software: boolean,
};

/** A line between client and server; "up" is what the client sends. */
export type Link = {
  /** `lan`, `wan`, ..., or `custom`. */
  id: string,
  /** Bytes per second that the client can send; None takes no time. */
  up_bytes_per_s: number | null,
  /** Bytes per second that the client can receive; None takes no time. */
  down_bytes_per_s: number | null,
  /** Round-trip time. */
  rtt_ms: number,
  /** Where the preset comes from. */
  source: string,
};

/** What a link holds beside the score. */
export type LinkState = {
  /** What was on screen. */
  view: LinkView,
  /** Versions of the cost profiles that the sender used, by id. */
  profiles: Array<[string, number]>,
  /** Profiles that are not the sender's: figures under them may differ. */
  changed: Array<ProfileChange>,
  /** What the sender saw under each protocol. */
  sent: Array<SentFigures>,
};

/** What is on screen beside the score. */
export type LinkView = {
  /** Id of the example, where it is one. */
  example: string | null,
  /** The view in front. */
  view: string,
  /** Protocols, link and what else costs depend on; a link always opens to some. */
  cost: CostSettings | null,
  /** Other settings by name, as text; one that holds a name of the model has a key in `name.`. */
  settings: Array<[string, string]>,
  /** Node indices of the rows that are selected, rising. */
  selection: Array<number>,
};

/** A layer that computes. */
export type LiveLayer = {
  /** Index of the node, as in `reluctant.score/1`; the last one's for the best class. */
  index: number,
  /** Its name. */
  name: string,
  /** Operator; `ArgMax` for the best class. */
  op: string,
  /** The engine's layers that it is made of. */
  at: Array<number>,
  /** Sizes of what its node makes. */
  shape: Array<number>,
  /** What the profile says to the bytes of both parties; None where it has no price. */
  predicted_bytes: number | null,
  /** Operation and size as measurements of an engine name them; None of what is no one operation. */
  measured: [string, string] | null,
};

/** The layers that the parties compute, and what one inference is priced at under the profile semi2k. */
export type LiveView = {
  /** Those that compute, in order. */
  layers: Array<LiveLayer>,
  /** Sizes of the input. */
  input: Array<number>,
  /** Bytes of the client and the server; None where a layer has no price. */
  predicted_bytes: [number, number] | null,
  /** Rounds; None likewise. */
  predicted_rounds: number | null,
};

/** Whose processor the seconds are for. */
export type Machine = "epyc" | "atom" | "a100-40" | "a100-80" | "h100" | "rtx5090";

/** What a plan does. */
export type Measured = {
  /** The plan. */
  planned: Planned,
  /** Outputs. */
  compared: Compared,
  /** Results of activations, in graph order. */
  growth: Array<Growth>,
  /** By class; None where outputs are no scores. */
  classes: Array<ClassChange> | null,
  /** What ran. */
  engine: About,
  /** Of one run of the samples: original, changed. */
  seconds: [number, number],
};

/** A measurement in its one spelling. */
export type Measurement = { op: string, size: string, calls?: number, phase?: When, bytes?: number, bytes_up?: number, bytes_down?: number, rounds?: number, seconds?: number,
};

/** How coefficients are found; in the order in which methods are offered. */
export type Method = "dapa" | "fit" | "minimax" | "chebyshev" | "sign" | "autorep" | "pillar" | "0.25x2+0.5x" | "x2+x" | "identity";

/** The front of one method. */
export type MethodFront = {
  /** Method. */
  method: PublishedMethod,
  /** Indices of its points that no other of its points dominates, by rising cost. */
  points: Array<number>,
};

/** The file and its interface. */
export type ModelInfo = {
  /** File name, or the name of the example. */
  name: string,
  /** Size of the file. */
  file_bytes: number,
  /** Bytes of it that were read. */
  bytes_read: number,
  /** ONNX IR version. */
  ir_version: number,
  /** Version of the default operator set. */
  opset: number,
  /** Versions of all imported operator sets, by domain ("" is ai.onnx). */
  opsets: { [key in string]: number },
  /** What wrote the file. */
  producer: string,
  /** Inputs that are not weights. */
  inputs: Array<Port>,
  /** Outputs. */
  outputs: Array<Port>,
  /** Symbolic dimensions and the values they took. */
  symbols: Array<Dimension>,
  /** Hash of the structure: ops, attributes, wiring, shapes; neither names nor weights. */
  hash: string,
  /** Where the weights are. */
  weights: Weights,
};

/** The cost of a thousand inferences, what comes before the input included and set-up apart. */
export type Money = {
  /** The sum of what is known; None where nothing is. */
  per_1000: number | null,
  /** Something that was asked for is not known, or not whole: the sum is a lower bound. */
  at_least: boolean,
  /** One for each price that was given. */
  parts: Array<MoneyPart>,
};

/** What one price comes to. */
export type MoneyPart = {
  /** What is paid for: `traffic` or `core time`. */
  of: string,
  /** How much of it a thousand inferences take, of all parties; None where it is not known. */
  quantity: number | null,
  /** `GB` (1e9 B) or `core hours`. */
  unit: string,
  /** Of one unit. */
  price: number,
  /** Quantity times price. */
  amount: number | null,
  /** Why it is not known, or not whole. */
  reason: string | null,
};

/** What has to be there, in a word: what protocols are chosen by. */
export type Need = "gpu" | "preprocessing" | "keys";

/** Work without a price: nothing is known of it but that it is there. */
export type NotSupported = {
  /** Pieces of work. */
  parts: number,
};

/** alpha' K_i alpha at the optimum: equal on the support, not larger off it. */
export type NtkCertificate = {
  /** The largest where eta_i > 0: all are equal there. */
  support: number,
  /** The least there. */
  least: number,
  /** The largest elsewhere; None where all gates are used. */
  off: number | null,
  /** At most so much is left to gain. */
  gap: number,
};

/** Gated ReLUs as a convex programme. */
export type NtkReport = {
  /** Always `reluctant.ntk/1`. */
  schema: string,
  /** Patterns of the gates, 1 where a gate is open at a point; on a line by the angle of their directions. */
  masks: Array<Array<number>>,
  /** Share of Gaussian directions that make each. */
  measure: Array<number>,
  /** The neural tangent kernel of the points, row by row. */
  kernel: Array<Array<number>>,
  /** The objective with it. */
  objective_ntk: number,
  /** What it fits, point by point. */
  fit_ntk: Array<number>,
  /** The objective after each step asked for. */
  objective_after: Array<number>,
  /** The optimum. */
  objective: number,
  /** What it fits. */
  fit: Array<number>,
  /** Weight of each gate at the optimum. */
  eta: Array<number>,
  /** That it is one. */
  certificate: NtkCertificate,
};

/** What is to be small or large. */
export type Objective = {
  /** As in [`Constraint`]. */
  of: string,
  /** Which way. */
  sense: Sense,
};

/** What a setting is of. */
export type Of = "terms" | "activations";

/** Layers whose channels cannot be widened, and why. */
export type OpenSet = {
  /** Layers that make the channels. */
  layers: Array<string>,
  /** Why. */
  reason: string,
};

/** A protocol that a network opens under, or that stands one click beside it. */
export type Opening = {
  /** Id of its profile. */
  protocol: string,
  /** Why this one, after a comma or a colon. */
  why: string,
};

/** What one evaluation takes. */
export type Operations = {
  /** Products of two secrets and with coefficients. */
  multiplications: number,
  /** The longest chain of them. */
  depth: number,
};

/** An option of a choice. */
export type OptionView = {
  /** As settings write it. */
  value: Value,
  /** Name for people. */
  title: string,
};

/** Who chose a value. */
export type Origin = "guessed" | "set" | "unset";

/** Which oblivious transfer SPU's Cheetah runs on. */
export type Ot = "ferret" | "softspoken";

/** An operator outside the ring. */
export type Outside = {
  /** Operator. */
  op: string,
  /** Nodes. */
  nodes: number,
};

/** A network of one's own on the axis. */
export type OwnPlaced = {
  /** Its place on the axis. */
  cost: number,
  /** Where it stands beside the published points; None while its accuracy is unknown. */
  distance: Distance | null,
  /** Most accurate published point at its cost. */
  best_at_cost: number | null,
};

/** A network of one's own. */
export type OwnPoint = {
  /** ReLUs. */
  relus: number,
  /** Dense MACs. */
  macs: number,
  /** Top-1 accuracy in percent, where it is known. */
  accuracy: number | null,
};

/** A profile of one's own: what a file and a link hold of it. */
export type OwnProfile = {
  /** Name for people. */
  name: string,
  /** Id of the profile that it stands on. */
  base: string,
  /** That profile's version when it was made; 0 is the present one. */
  base_version: number,
  /** What was not measured. */
  rest: Rest,
  /** Width of the ring that was measured; None prices every ring alike. */
  ring_bits: number | null,
  /** The measurements. */
  measurements: Array<Measurement>,
};

/** Pairs of networks with different ReLU counts, by what else says of their order. */
export type PairCounts = {
  /** All of them. */
  pairs: number,
  /** Fewer ReLUs, more bytes. */
  bytes_against: number,
  /** Fewer ReLUs, fewer bytes. */
  bytes_with: number,
  /** Fewer ReLUs, more seconds in both phases together, and the ranges are disjoint. */
  seconds_against: number,
  /** Fewer ReLUs, fewer seconds, and the ranges are disjoint. */
  seconds_with: number,
  /** Seconds are not known, or their ranges meet. */
  seconds_open: number,
};

/** Two methods at one budget and seed, on the same test images. */
export type Paired = {
  /** One. */
  first: TrainMethod,
  /** The other. */
  second: TrainMethod,
  /** Budget. */
  budget: number,
  /** Seed; none: all seeds together. */
  seed: number | null,
  /** Images that only the first got right. */
  only_first: number,
  /** Images that only the second got right. */
  only_second: number,
  /** McNemar's exact two-sided probability. */
  p: number,
};

/** The number in the id of a family's profiles. */
export type Parameter = {
  /** What it counts. */
  name: string,
  /** Of this profile. */
  value: number,
  /** The largest; the smallest is 0. */
  most: number,
};

/** Points on the axis, with fronts and read-outs. Indices are those of [`Published`]. */
export type ParetoReport = {
  /** Always `reluctant.pareto/1`. */
  schema: string,
  /** The data set. */
  dataset: string,
  /** The axis. */
  axis: Axis,
  /** Unit of the axis: `ReLUs`, `s`, `B`, `MACs`. */
  unit: string,
  /** Price of one ReLU; None where the axis needs none. */
  price: ReluPrice | null,
  /** Cost of each published point of the data set; None where its source does not give it. */
  points: Array<Placed>,
  /** A front for each method. */
  fronts: Array<MethodFront>,
  /** The front of all methods together. */
  front: Array<number>,
  /** Own points, in the order given. */
  own: Array<OwnPlaced>,
  /** Most accurate point within the budget. */
  best_at_budget: number | null,
  /** Cheapest point of the accuracy. */
  fewest_at_accuracy: number | null,
};

/** What to compare. */
export type ParetoSettings = {
  /** One of the data sets of [`Published`]. */
  dataset?: string,
  /** The horizontal axis. */
  axis?: Axis,
  /** Protocol (the first is used) and link, for latency and traffic. */
  cost?: Terms,
  /** Methods that take part; all where it is empty. */
  methods?: Array<string>,
  /** Statuses that take part; all where it is empty. */
  statuses?: Array<PointStatus>,
  /** Networks of one's own. */
  own?: Array<OwnPoint>,
  /** The best published point at this cost is looked for. */
  budget?: number | null,
  /** The cheapest published point of this accuracy is looked for. */
  accuracy?: number | null,
};

/** One kind of work, both phases. */
export type Part = {
  /** Bytes of all parties. */
  bytes: number,
  /** Compute seconds; None where the profile has none. */
  seconds: number | null,
  /** Rounds. */
  rounds: number,
};

/** One phase. Up is what the client (party 0) sends, down what is sent to it. */
export type Phase = {
  /** Compute and link, `[low, mid, high]`; None where the profile has no compute time. */
  seconds: [number, number, number] | null,
  /** Link time alone. */
  link_seconds: number,
  /** Bytes from the client. */
  bytes_up: number,
  /** Bytes to the client. */
  bytes_down: number,
  /** Bytes between the other parties, where there are three. */
  bytes_between: number,
  /** Sequential exchanges; of a network, those of its longest chain of rows, as independent rows share theirs. */
  rounds: number,
};

/** When something is done. */
export type PhaseName = "offline" | "online";

/** Where in the input the fault lies; every part that is known. */
export type Place = {
  /** File name as given by the person. */
  file?: string,
  /** Byte offset in that file. */
  offset?: number,
  /** Node, by name or first output. */
  node?: string,
  /** Operator of that node. */
  op?: string,
  /** Value (tensor) name. */
  value?: string,
};

/** A published point on the axis. */
export type Placed = {
  /** Which. */
  index: number,
  /** Its place on the axis. */
  cost: number | null,
};

/** What becomes of the activations of a model. */
export type PlanFile = {
  /** Always `reluctant.plan/1`. */
  schema: string,
  /** Program and version. */
  made_by: string,
  /** Hash of the structure of the model that it is for. */
  hash: string,
  /** How it was made, for people: budget, policy, granularity, method. */
  settings: Array<[string, string]>,
  /** Elements of one sample that can be replaced. */
  total: number,
  /** Those that stay. */
  kept: number,
  /** One entry for each activation. */
  layers: Array<PlanLayer>,
};

/** What becomes of one activation. */
export type PlanLayer = {
  /** Name of its result. */
  output: string,
  /** Name of its node. */
  node: string,
  /** What it computes. */
  target: string,
  /** Elements of one sample. */
  elements: number,
  /** Those that stay. */
  kept: number,
  /** How it was fitted, for people. */
  method?: string,
  /** Which; None where all or none do. */
  mask?: PlanMask,
  /** Ascending powers of x, one list or one a channel; empty where everything stays. */
  coefficients?: Array<Array<number>>,
  /** Linear values of which the places that go are 0, and not computed; of those that nothing but this activation needs. */
  drops?: Array<string>,
  /** Expected squared error of one replaced element. */
  mse?: number,
  /** Share of the inputs outside the range that was fitted. */
  outside?: number,
};

/** Elements that stay. */
export type PlanMask = {
  /** Sizes of one sample, or 1 where all share. */
  shape: Array<number>,
  /** Bits, row-major, the lowest of each byte first, as base64. */
  bits: string,
};

/** The same as a report: with the plan file in place of the draft. */
export type Planned = {
  /** What stays of each activation that changes, and of each convolution that outputs are dropped of. */
  replaced: Array<Stay>,
  /** What a reader must know. */
  notes: Array<string>,
  /** The file. */
  plan: PlanFile,
  /** Elements of one sample that can be replaced. */
  total: number,
  /** Those that stay. */
  kept: number,
  /** Elements without the plan for each one with it: 8,803,536 to 50,000 is 176.1. */
  reduction: number | null,
  /** The budget, in the unit's own whole numbers (elements, nanoseconds, bytes). */
  budget: number,
  /** What the plan takes of it. */
  spent: number,
  /** The choice is proven best by the policy's measure. */
  exact: boolean,
  /** Of a choice among whole layers or stages: (cost, loss) of the relaxed problem's corners. */
  front: Array<[number, number]>,
  /** One entry for each activation. */
  layers: Array<ReplaceLayer>,
};

/** How far a value was checked. */
export type PointStatus = "verified" | "quoted" | "digitised" | "single-source" | "unreviewed" | "conflict";

/** How units are ordered; in the order in which they are offered. */
export type Policy = "error" | "senet" | "criticality" | "balance" | "uniform" | "random" | "nested" | "senet-ratios" | "bcd";

/** A model input or output. */
export type Port = {
  /** Name in the file. */
  name: string,
  /** Element type as ONNX names it (`float32`, `int8`, ...), None when the file does not say. */
  dtype: string | null,
  /** Shape in force: numbers, expressions of symbols, `?` for unknown; None when the rank is unknown. */
  shape: Array<Extent> | null,
  /** Shape as the file declares it. */
  declared: Array<Extent> | null,
  /** The person set this shape, or the value. */
  set: boolean,
  /** The elements that the person set, of a small integer or boolean input. */
  value?: Array<number>,
};

/** A named network. */
export type PresetView = {
  /** `design preset NAME` takes it. */
  name: string,
  /** For people. */
  title: string,
  /** Paper or code; may be empty. */
  source: string,
  /** What a reader must know; may be empty. */
  note: string,
  /** ReLUs. */
  relus: number,
  /** Multiply-accumulates. */
  macs: number,
  /** Parameters. */
  params: number,
  /** Share of each activation layer that stays, in order, where the preset is an allocation. */
  ratios?: Array<number>,
  /** ReLUs that stay under it. */
  kept?: number,
  /** The network. */
  spec: Spec,
};

/** What one channel more costs under a protocol. */
export type PriceStep = {
  /** Profile id. */
  protocol: string,
  /** Bytes of all parties; packing can make it fall. */
  bytes: number,
  /** Offline seconds; None where they are not known. */
  offline_seconds: number | null,
  /** Online seconds; None where they are not known. */
  online_seconds: number | null,
  /** Some work has no price: a difference of lower bounds. */
  bound: boolean,
};

/** What is measured. */
export type ProbeId = "conv" | "gemm";

/** A cost profile that is not the one that the sender saw. */
export type ProfileChange = {
  /** Its id. */
  id: string,
  /** The sender's version. */
  was: number,
  /** The version here; None where this release has no such profile. */
  now: number | null,
  /** What has changed since. */
  what: Array<string>,
};

/** A profile as `reluctant protocols` and the page list it. */
export type Protocol = {
  /** Id. */
  id: string,
  /** Family. */
  family: string,
  /** Variant. */
  variant: string,
  /** Version. */
  version: number,
  /** Name for people. */
  title: string,
  /** The same where there is little room: what follows explains it. */
  short: string,
  /** Name of the family. */
  family_title: string,
  /** Parties. */
  parties: number,
  /** What figures leave out. */
  leaves_out: string,
  /** It has compute times. */
  has_compute: boolean,
  /** The ring width can be chosen. */
  has_ring: boolean,
  /** The settings that it heeds, link and activations apart. */
  knobs: Array<Knob>,
  /** The machines that can be chosen. */
  machines: Array<Machine>,
  /** The number in its id, where any other gives a profile too. */
  parameter: Parameter | null,
  /** Why outputs of convolutions that a plan drops save nothing under it; None where they do. */
  keeps_outputs: string | null,
  /** Whom it trusts with what. */
  trust: Trust,
  /** Status per kind of work. */
  work: Array<[string, Status]>,
  /** Every constant. */
  constants: Array<Constant>,
};

/** Where the figures of an estimate come from. */
export type Provenance = {
  /** Name of the profile. */
  name: string,
  /** Id of its base. */
  base: string,
  /** Version of the base that it was made on. */
  base_version: number,
  /** Measurements that it was fitted to. */
  measurements: number,
};

/** All published points. */
export type Published = {
  /** In the order of the file; every index of a [`ParetoReport`] refers to it. */
  points: Array<PublishedPoint>,
  /** Sets of points that give one network two accuracies. */
  conflicts: Array<Conflict>,
  /** Names of the data sets. */
  datasets: Array<string>,
};

/** What made a published network, as the list names it. */
export type PublishedMethod = "AutoReP" | "AutoReP-dev (identity, SNL-like)" | "AutoReP-dev (quadratic)" | "AutoReP-dev (trainable w1x+w0)" | "CryptoNAS" | "DELPHI (NAS planner)" | "DeepReDuce" | "LFPC (pruning baseline)" | "PASNet-A" | "PASNet-B" | "ReLUPruner" | "ReLUPruner (first-order Taylor)" | "ReLUPruner (no layer weight)" | "ReLUPruner (second-order Taylor)" | "SAFENet" | "SENet" | "SNIP (pruning baseline)" | "SNL" | "Sphynx" | "l1 filter pruning (baseline)";

/** A published point. */
export type PublishedPoint = {
  /** Method that made the network. */
  method: PublishedMethod,
  /** Data set. */
  dataset: string,
  /** Network as the source names it. */
  backbone: string,
  /** ReLUs as published; None where the source gives none. */
  relus: number | null,
  /** Top-1 accuracy in percent. */
  accuracy: number,
  /** What stands where a ReLU was. */
  replacement: PublishedReplacement,
  /** Seconds as published; systems differ between sources. */
  latency_s_as_published: number | null,
  /** Whether the network was trained with a teacher: `yes`, `no`, `unknown`. */
  distillation: string,
  /** Paper or repository. */
  source: string,
  /** Table, figure or section. */
  place: string,
  /** How far the value was checked. */
  status: PointStatus,
  /** What a reader must know; may be empty. */
  note: string,
  /** MACs and exact ReLUs of the released recipe behind it, computed here. */
  computed: Computed | null,
};

/** What stands where a ReLU of a published network was. */
export type PublishedReplacement = "identity" | "degree-1 polynomial" | "degree-2 polynomial" | "none (architecture)" | "degree-2/3 polynomial or drop";

/** What was measured. */
export type Quantity = "bytes" | "bytes-up" | "bytes-down" | "rounds" | "seconds";

/** What solutions are sorted by, the least first. */
export type RankBy = "macs" | "relus" | "bytes" | "seconds";

/** How often values are refreshed. */
export type Refreshes = {
  /** In the plan: the one that takes the fewest seconds. */
  planned: number,
  /** The fewest that any plan gets by with; it may take longer. */
  fewest: number,
  /**
   * The plan is the fastest there is. Else more values are alive at once than are searched over, and each is refreshed
   * only when the next operation lacks levels.
   */
  exact: boolean,
};

/** What one ReLU costs under a protocol, rounds left out. */
export type ReluPrice = {
  /** Id of the profile. */
  protocol: string,
  /** Its version. */
  profile_version: number,
  /** Id of the link. */
  link: string,
  /** Bytes of all parties, offline and online. */
  bytes: number,
  /** Seconds, offline and online: compute and link, or the link alone. */
  seconds: number,
  /** Seconds hold compute. */
  compute_included: boolean,
};

/** Which ReLUs of a block are there. A block of one ReLU has it unless none is. */
export type Relus = "all" | "none" | "first" | "second";

/** One activation. */
export type ReplaceLayer = {
  /** Its node, as the score counts them. */
  index: number,
  /** Name of its node. */
  node: string,
  /** Name of its result. */
  output: string,
  /** What it computes. */
  target: string,
  /** Stage, as the score counts them from 0. */
  stage: number,
  /** Elements of one sample. */
  elements: number,
  /** Those that stay. */
  kept: number,
  /** How it is fitted. */
  method: Method,
  /** Degree. */
  degree: number,
  /** Expected squared error of one replaced element. */
  mse: number | null,
  /** Share of its inputs outside the range that was fitted. */
  outside: number | null,
};

/** What to replace, and how; what is left out takes the default. */
export type ReplaceSettings = {
  /** `50000`, or `25%` of what can be replaced, or of its cost. */
  budget?: string,
  /** What the budget counts. */
  unit?: BudgetUnit,
  /**
   * Protocol and link of a budget in seconds or bytes (its first protocol), and of costs before
   * and after.
   */
  cost?: Terms,
  /** `error`, `senet`, `criticality`, `balance`, `uniform`, `random`, `nested`, `senet-ratios`, `bcd`. */
  policy?: Policy,
  /** `pixel`, `spatial`, `channel`, `patch:SIDE`, `layer`, `stage`. */
  granularity?: string,
  /** A method of `poly`. */
  method?: Method,
  /** Degree. */
  degree?: number,
  /** One polynomial a channel, not a layer. */
  per_channel?: boolean,
  /**
   * With the places that go, the outputs of convolutions that nothing else needs go too, and the identity stands for
   * the activation; `granularity` is `spatial`.
   */
  drop_outputs?: boolean,
  /** Each layer is fitted once those before it are replaced. */
  sequential?: boolean,
  /** Sigmoid and Tanh by themselves may go too. */
  gates?: boolean,
  /** Seed of random choices. */
  seed?: number,
  /** Name of a list of SENet's ratios, for the policy of that name. */
  ratios?: string | null,
  /** Samples that evaluations of layers and blocks run on; None: 256, fewer of a large network. */
  probe?: number | null,
  /** Rounds of a descent, and blocks tried in each. */
  descent?: [number, number],
  /** Layers with a method or a degree of their own. */
  layers?: Array<LayerWish>,
};

/** What stands in the place of an activation. */
export type Replacement = "identity" | "poly2:public" | "poly2:secret" | "aespa";

/** Estimates side by side. */
export type Report = {
  /** Always `reluctant.cost/1`. */
  schema: string,
  /** One for each protocol and setting. */
  estimates: Array<Estimate>,
};

/** What becomes of work that was not measured. */
export type Rest = "base" | "none";

/**
 * What one row adds to the cost of its network. Bytes and seconds of the rows add up to the network's; rounds do over the
 * rows that are `on_path`. The seconds of a `partial` row are a lower bound.
 */
export type RowCost = {
  /** Index of the row. */
  index: number,
  /** Offline; None when nothing of the row has a price. */
  offline: Phase | null,
  /** Online; None when nothing of the row has a price. */
  online: Phase | null,
  /** Bytes of all parties, both phases; None when nothing of the row has a price. */
  bytes_total: number | null,
  /** Bytes that the client keeps; None where unknown. */
  client_storage_bytes: number | null,
  /** Split by kind of work. */
  by_kind: ByKind,
  /** Split by status. */
  status: ByStatus,
  /** Some of its work, or some of its time, has no price. */
  partial: boolean,
  /** Its rounds are among the network's; else it answers while others do, and its round trips are not in its seconds. */
  on_path: boolean,
  /** Levels, bootstraps, packing; None where the protocol has none. */
  homomorphic?: Homomorphic,
};

/** A model that is open for running. */
export type RunInfo = {
  /** File name. */
  model: string,
  /** The engine. */
  engine: About,
  /** Inputs. */
  inputs: Array<RunPort>,
  /** Outputs. */
  outputs: Array<RunPort>,
  /** Every value that can be asked for. */
  values: Array<RunPort>,
  /** Element-wise activations. */
  activations: Array<ActivationPort>,
  /** Samples of one slice. */
  batch: number | null,
  /** The model leaves the batch open. */
  any_batch: boolean,
  /** Bytes of the weights and of the values alive at the worst moment. */
  peak_bytes: number,
};

/** How a model is opened for running. */
export type RunOptions = {
  /** Which engine. */
  engine?: EngineKind,
  /** Samples of one run, where the model leaves that open. */
  batch?: number,
};

/** An input, an output or a value inside. */
export type RunPort = {
  /** Name. */
  name: string,
  /** Element type. */
  dtype: string | null,
  /** Shape of one slice; None where it is not known beforehand. */
  shape: Array<number> | null,
  /** Operator that makes it; None for an input. */
  op: string | null,
};

/** A finished run. */
export type RunReport = {
  /** Always `reluctant.run/1`. */
  schema: string,
  /** File name. */
  model: string,
  /** The engine. */
  engine: About,
  /** Samples that went in. */
  samples: number,
  /** Slices that they were cut into. */
  slices: number,
  /** Seconds of running. */
  seconds: number,
  /** What came out. */
  outputs: Array<RunPort>,
  /** How often the first output is right; None without labels. */
  accuracy: Accuracy | null,
  /** Best classes of each sample by the first output; empty unless asked for. */
  top: Array<Array<Guess>>,
  /** Time of each layer by itself; empty unless asked for. */
  layers: Array<LayerSeconds>,
  /** What the numbers leave out. */
  notes: Array<string>,
};

/** What a run is asked for. */
export type RunRequest = {
  /** Values to keep, by name; the model's outputs where empty. */
  outputs?: Array<string>,
  /** Statistics. */
  stats?: StatsScope,
  /** Measure each layer by itself. */
  timings?: boolean,
  /** Best classes to list for each sample; 0 lists none. */
  top?: number,
};

/** Candidates drawn at random, with their places put back. */
export type Sample = {
  /** How many. */
  count: number,
  /** The same seed draws the same. */
  seed: number,
};

/** A whole report. */
export type Score = {
  /** Always `reluctant.score/1`. */
  schema: string,
  /** The file and its interface. */
  model: ModelInfo,
  /** How much of the graph the totals speak for. */
  coverage: Coverage,
  /** Sums over `layers`. */
  totals: Totals,
  /** Runs of layers at one resolution, in order; their sums add up to `totals`. */
  stages: Array<Stage>,
  /** One row per node that holds work or is unknown, in graph order. */
  layers: Array<Layer>,
  /** The MACs or FLOPs that other tools would print for this model. */
  views: Array<View>,
  /** Costs, where protocols were asked for; as in `reluctant.cost/1`. */
  estimates?: Array<Estimate>,
};

/** Which way an objective goes. */
export type Sense = "min" | "max";

/** What the sender saw of an estimate: shown where its profile has changed since. */
export type SentFigures = {
  /** Id of the profile. */
  protocol: string,
  /** Offline, in the middle of its range; the link alone where compute is not known. */
  offline_seconds: number,
  /** Online, likewise. */
  online_seconds: number,
  /** Offline and online bytes of all parties. */
  bytes_total: number,
};

/** A setting as the page's menu lists it. */
export type Setting = {
  /** As settings spell it: `he_threads`. */
  key: string,
  /** Name for people. */
  title: string,
  /** A sentence. */
  about: string,
  /** What it is of. */
  of: Of,
  /** The values that it takes. */
  kind: KindView,
  /** What it is where nothing is said. */
  default: Value | null,
  /** Heeded by the profiles that list it; None: by all. */
  knob: Knob | null,
};

/** The settings that an estimate was made with. */
export type SettingsView = {
  /** The link in full. */
  link: Link,
  /** Threads for homomorphic layers. */
  he_threads: number,
  /** Threads for garbled circuits. */
  gc_threads: number,
  /** The client's processor, or the graphics processor of ckks:gpu. */
  machine: "epyc" | "atom" | "a100-40" | "a100-80" | "h100" | "rtx5090",
  /** Width of the ring; null where it is not heeded. */
  ring_bits: number | null,
  /** Bits of a share where a protocol chooses them freely (cheetah:paper, cheetah:window16, sci-ot). */
  share_bits: number,
  /** Oblivious transfer of cheetah:spu. */
  ot: "ferret" | "softspoken",
  /** Which side of zero errs under circa. */
  faults: "pos-zero" | "neg-pass",
  /** Circuit that finds a sign under trio and quad: parallel prefix has few rounds, ripple carry few bytes. */
  adder: "ppa" | "rca",
  /** Bits that comparisons of trio and quad look at: signs of values outside them are wrong. */
  window: "none" | "8",
  /** Bits that comparisons of fss look at: its drivers take 37 to 51 for transformers. */
  fss_bits: number,
  /** Bits of the fraction that truncations of fss take off. */
  fraction: number,
  /** Chooses the class under encryption: an argmax over the last linear layer. */
  argmax: boolean,
  /** What is done with batch normalisations beside linear layers: they go into the weights of the layers before or after them, of those before, or are computed. */
  batch_norm: "weights" | "folded" | "separate",
  /** What a gigabyte costs that one party sends another, in your own money: gives the cost of 1,000 inferences. */
  price_gb?: number,
  /** What an hour of a processor core costs, in your own money: gives the cost of 1,000 inferences. */
  price_core_hour?: number,
  /** How many times slower a machine is than the one that SPU was timed on; 1 where it is not said. */
  machine_factor?: number,
  /** How many inferences one set-up serves: each one's part of its bytes is said beside the totals. */
  inferences: number,
  /** What becomes of activations. */
  activation: "keep" | "identity" | "poly2:public" | "poly2:secret" | "aespa",
  /** Part of the activations that stays; the others become what `activation` says. */
  activation_share?: number,
  /** What is kept or replaced together. */
  granularity?: "pixel" | "spatial" | "channel" | "layer" | "stage" | (string & {}),
  /** A plan instead, INDEX:KEPT:SCALES:PRODUCTS for each activation that it changes, with commas between. */
  replaced?: readonly Stay[],
  /** Costs of a call were added. */
  per_call: boolean,
  /** Settings of every protocol that are not as always, in words. */
  changed: string[],
};

/** Settings of a score. */
export type ShapeSettings = {
  /**
   * `input` -> `1x3x32x32` (`?` keeps a dimension), `batch` -> `4`; of an integer or boolean input of at most 8 elements
   * also its value: `sr` -> `16000`.
   */
  set: { [key in string]: string },
};

/** Shortcut where the shape changes. Inverted residuals have none there, VGG blocks none at all. */
export type Shortcut = "conv" | "pad" | "none";

/** A row that was left out. */
export type Skipped = {
  /** The operation, as the row names it. */
  op: string,
  /** How many rows. */
  rows: number,
};

/** One network. */
export type Solution = {
  /** Channels of each stage over those of the stage before. */
  multipliers: Array<number>,
  /** `HRN-5x5x3x`. */
  name: string,
  /** Of the stages. */
  channels: Array<number>,
  /** ReLUs of the stages. */
  stage_relus: Array<number>,
  /** ReLUs, the stem's included. */
  relus: number,
  /** Multiply-accumulates. */
  macs: number,
  /** Parameters. */
  params: number,
  /** Share of the least critical stage in the ReLUs of stages. */
  least_critical_share: number,
  /** Its price under each protocol that was asked for. */
  costs: Array<WholeCost>,
  /** The same share, the stem counted with the least critical stage and with the whole. */
  least_critical_share_with_stem: number,
};

/** A network. */
export type Spec = {
  /** Channels, height and width of the input. */
  input: [number, number, number],
  /** Outputs of the last linear layer. */
  classes: number,
  /** First layers; without, the first stage reads the input. */
  stem?: SpecStem,
  /** In order. */
  stages: Array<SpecStage>,
  /** Last layers. */
  head: Head,
};

/** A square max pooling. */
export type SpecPool = {
  /** Side of the window. */
  kernel: number,
  /** Stride. */
  stride: number,
  /** Padding on each side, at most half the window. */
  pad: number,
};

/** One number for all blocks, or one each. */
export type SpecSizes = number | Array<number>;

/** Blocks of one kind. */
export type SpecStage = {
  /** Kind of block. */
  block: Block,
  /** How many. */
  blocks: number,
  /** Output channels of the blocks. */
  channels: SpecSizes,
  /** Channels inside a block; without, `channels`, and a quarter of them in a bottleneck. No matter elsewhere. */
  mid?: SpecSizes,
  /** Channels inside an inverted residual, as a multiple of its input's; 6 without. */
  expand?: number,
  /** Groups of the 3x3 convolutions. */
  groups: number,
  /** Stride of the first block. */
  stride: number,
  /** Shortcut where the shape changes. */
  shortcut: Shortcut,
  /** Which ReLUs stand in each block. */
  relu: Relus,
  /** Max pooling after the last block. */
  pool?: SpecPool,
};

/**
 * First layers: a convolution, BatchNorm, ReLU, a pool. Before a stage of wide blocks, which normalise by themselves,
 * the convolution stands alone.
 */
export type SpecStem = {
  /** Output channels. */
  channels: number,
  /** Side of the kernel, odd; padded by half of it. */
  kernel: number,
  /** Stride. */
  stride: number,
  /** Whether a ReLU follows. */
  relu: boolean,
  /** Max pooling after it. */
  pool?: SpecPool,
};

/** A run of layers at one resolution. */
export type Stage = {
  /** `stem`, `S1`, ..., `head`. */
  name: string,
  /** Spatial size, None in a head or a transformer. */
  resolution: Array<number> | null,
  /** Blocks found in it. */
  blocks: number,
  /** Rows in it. */
  layers: number,
  /** Parameters. */
  params: number,
  /** Dense MACs. */
  macs: number,
  /** ReLUs. */
  relu: Tally,
  /** Every other kind. */
  activations: { [key in string]: Tally },
};

/** What a stage costs. */
export type StageCost = {
  /** Profile id. */
  protocol: string,
  /** Bytes of all parties, both phases; those of stages add up to the network's. */
  bytes: number,
  /** Offline seconds; None where they are not known. */
  offline_seconds: number | null,
  /** Online seconds; None where they are not known. */
  online_seconds: number | null,
  /** Some work has no price: lower bounds. */
  bound: boolean,
};

/** One stage. */
export type StageCriticality = {
  /** `stem`, `S1`, ... */
  name: string,
  /** Its activation elements that can go. */
  relus: number,
  /** With its ReLUs alone. */
  kept: Accuracy,
  /** With all but its. */
  removed: Accuracy,
  /** Ours: (accuracy with its ReLUs alone - accuracy with none) / ReLUs^weight. Weight 0 is the accuracy it brings. */
  score: number,
};

/** A stage of one. */
export type StageFigures = {
  /** Height and width; None in a head. */
  resolution: Array<number> | null,
  /** Channels of its last image; None where it has none. */
  channels: number | null,
  /** Blocks. */
  blocks: number,
  /** Layers with work, by operator. */
  layers: { [key in string]: number },
  /** ReLUs. */
  relus: number,
  /** Multiply-accumulates. */
  macs: number,
  /** Parameters. */
  params: number,
  /** Costs of its rows, a protocol each, in the order of `costs`. */
  costs: Array<StageCost>,
};

/** Stages by their criticality. */
export type StagesRanked = {
  /** Of each, in the order that they came in: DeepReDuce's metric, (accuracy - the first's) / ReLUs^0.07. */
  criticality: Array<number>,
  /** From the most to the least critical. */
  order: Array<number>,
};

/** Statistics of values. */
export type StatsReport = {
  /** Always `reluctant.stats/1`. */
  schema: string,
  /** File name. */
  model: string,
  /** The engine. */
  engine: About,
  /** Samples that went in. */
  samples: number,
  /** By value, in the graph's order. */
  values: Array<ValueReport>,
  /** By activation, in the graph's order. */
  activations: Array<ActivationReport>,
  /** What the numbers leave out. */
  notes: Array<string>,
};

/** Which values statistics are taken of. */
export type StatsScope = "none" | "activations" | "all";

/** How well a number is known, best first. A sum is as good as its worst part. */
export type Status = "validated" | "measured" | "estimate" | "not-supported";

/** What part of a total is known how well. */
export type StatusShare = {
  /** Pieces of work whose worst term has this status. */
  parts: number,
  /** Bytes of terms with this status. */
  bytes: number,
  /** Their share of all bytes, 0 to 1. */
  bytes_share: number,
  /** Share of compute seconds; None where the profile has none. */
  seconds_share: number | null,
};

/** What a plan does to one activation. */
export type Stay = {
  /** Index of the row's node. */
  index: number,
  /** Elements that stay. */
  kept: number,
  /** Products with a public number that each other element takes. */
  scales: number,
  /** Products of two secrets that each other element takes. */
  products: number,
};

/** Statistics of some numbers. Mean, deviation and range are null where there is no finite number. */
export type Summary = {
  /** Finite numbers. */
  count: number,
  /** NaN and infinities; left out of all else. */
  not_finite: number,
  /** Mean. */
  mean: number | null,
  /** Standard deviation of the population. */
  std: number | null,
  /** Smallest. */
  min: number | null,
  /** Largest. */
  max: number | null,
  /** Share of exact zeros. */
  zeros: number,
  /** Histogram. */
  histogram: Histogram,
};

/** One measured budget. */
export type SweepPoint = {
  /** As it was given. */
  budget: string,
  /** The policy. */
  policy: Policy,
  /** Elements that stay. */
  kept: number,
  /** Elements that could. */
  total: number,
  /** Accuracy of the changed model, where there are labels. */
  accuracy: number | null,
  /** Its Wilson interval at 95 %. */
  accuracy_interval: [number, number] | null,
  /** Share of samples with the same best class. */
  agreement: number | null,
  /** Divergence of the outputs, in nats. */
  kl: number | null,
  /** Relative error of the outputs. */
  relative_error: number | null,
  /** What stays of each activation that changes. */
  replaced: Array<Stay>,
  /** Costs before and after. */
  costs: Array<CostChange>,
};

/** Node and element counts of one kind. */
export type Tally = {
  /** Nodes. */
  nodes: number,
  /** Scalars. */
  elements: number,
};

/** Under what a network is priced, whatever it is. Verbs that take terms refuse what is said of activations. */
export type Terms = {
  /** A protocol, as `reluctant protocols` lists them; may be given several times. */
  protocols: string[],
  /** A preset of the link between the parties. */
  link?: string,
  /** Rate from the client, instead of a preset. */
  up?: number,
  /** Rate to the client. */
  down?: number,
  /** Round-trip time. */
  rtt?: number,
  /** Threads for homomorphic layers. */
  he_threads?: number,
  /** Threads for garbled circuits. */
  gc_threads?: number,
  /** The client's processor, or the graphics processor of ckks:gpu. */
  machine?: "epyc" | "atom" | "a100-40" | "a100-80" | "h100" | "rtx5090",
  /** Width of the ring. */
  ring_bits?: 32 | 64 | 128,
  /** Bits of a share where a protocol chooses them freely (cheetah:paper, cheetah:window16, sci-ot). */
  share_bits?: number,
  /** Oblivious transfer of cheetah:spu. */
  ot?: "ferret" | "softspoken",
  /** Which side of zero errs under circa. */
  faults?: "pos-zero" | "neg-pass",
  /** Circuit that finds a sign under trio and quad: parallel prefix has few rounds, ripple carry few bytes. */
  adder?: "ppa" | "rca",
  /** Bits that comparisons of trio and quad look at: signs of values outside them are wrong. */
  window?: "none" | "8",
  /** Bits that comparisons of fss look at: its drivers take 37 to 51 for transformers. */
  fss_bits?: number,
  /** Bits of the fraction that truncations of fss take off. */
  fraction?: number,
  /** Chooses the class under encryption: an argmax over the last linear layer. */
  argmax?: boolean,
  /** What is done with batch normalisations beside linear layers: they go into the weights of the layers before or after them, of those before, or are computed. */
  batch_norm?: "weights" | "folded" | "separate",
  /** What a gigabyte costs that one party sends another, in your own money: gives the cost of 1,000 inferences. */
  price_gb?: number,
  /** What an hour of a processor core costs, in your own money: gives the cost of 1,000 inferences. */
  price_core_hour?: number,
  /** How many times slower a machine is than the one that SPU was timed on; 1 where it is not said. */
  machine_factor?: number,
  /** How many inferences one set-up serves: each one's part of its bytes is said beside the totals. */
  inferences?: number,
  /** The profile `calibrated`: measurements on top of a base. */
  calibration?: OwnProfile,
} & { readonly [K in keyof Activations]?: never };

/** Which ReLUs of a block stay. */
export type Thin = "first" | "second";

/** Layers that widen together, and what one channel more does. */
export type TiedSet = {
  /** Layers that make the channels. */
  layers: Array<string>,
  /** Stage of the first. */
  stage: string,
  /** Channels now. */
  channels: number,
  /** More ReLUs. */
  relus: number,
  /** More multiply-accumulates. */
  macs: number,
  /** More parameters. */
  params: number,
  /** More cost, a protocol each. */
  prices: Array<PriceStep>,
};

/** Sums; each equals the sum of the rows in `layers` that carry it. */
export type Totals = {
  /** Weights and biases that the file holds, shared ones once. */
  params: number,
  /** Dense multiply-accumulates (padded zeros included). */
  macs: number,
  /** Multiply-accumulates on real input elements only. */
  macs_valid: number,
  /** ReLU nodes, those folded into a quantiser included. */
  relu: Tally,
  /** Every other kind. */
  activations: { [key in string]: Tally },
  /** Two-way comparisons of the activations that are made of them. */
  comparisons: number,
  /** Average-pool outputs: local sums with a truncation each. */
  average_pool: Tally,
  /** Points where a fixed-point protocol truncates. */
  truncations: number,
  /** Element-wise products of two secret values. */
  products: number,
  /** Element-wise adds, bias excluded. */
  adds: number,
  /** Bias adds. */
  bias: number,
  /** BatchNorm elements that were not folded. */
  batch_norm: number,
  /** Bytes of all weights, shared ones once. */
  weight_bytes: number,
  /** Bytes of all layer outputs. */
  activation_bytes: number,
  /** Of `macs` and `relu`, those that are 0 because nothing was counted while nodes are unknown: shown as `-`. */
  not_known?: Array<string>,
};

/** What reduces ReLUs. */
export type TrainMethod = "snl" | "autorep" | "random" | "random-poly" | "bcd" | "plan" | "nested";

/** What a method made. */
export type TrainResult = {
  /** Method. */
  method: TrainMethod,
  /** ReLUs that it was given. */
  budget: number,
  /** Seed. */
  seed: number,
  /** ReLUs that stay. */
  relus: number,
  /** Accuracy on the test images. */
  test_accuracy: number,
  /** The same before fine-tuning. */
  accuracy_before_finetune: number,
  /** Accuracy on the validation images. */
  validation_accuracy: number,
  /** The test accuracy of the network with all ReLUs. */
  base_accuracy: number,
  /** Seconds of search and fine-tuning. */
  seconds: number,
};

/** Everything that was trained. */
export type Trained = {
  /** What it was trained on: `digits`, `shapes`, `own`. */
  data: string,
  /** Images to train on, to choose by, to test on. */
  images: [number, number, number],
  /** ReLUs of one image when all stay. */
  relus: number,
  /** What chose checkpoints; `test` flatters. */
  chosen_on: ChosenOn,
  /** One a seed: where a teacher was given, that for each. */
  bases: Array<TrainedBase>,
  /** One a method, budget and seed. */
  results: Array<TrainResult>,
  /** Methods against each other, where there are several. */
  paired: Array<Paired>,
};

/** A network with all ReLUs. */
export type TrainedBase = {
  /** Seed. */
  seed: number,
  /** ReLUs of one image. */
  relus: number,
  /** Accuracy on the test images. */
  test_accuracy: number,
  /** Accuracy on the validation images. */
  validation_accuracy: number,
  /** Seconds of training. */
  seconds: number,
};

/** What a training begins from. */
export type TrainingAsk = {
  /** Channels, height and width of the images. */
  shape: [number, number, number],
  /** Their classes. */
  classes: number,
  /** They are the drawn figures, which are trained on more slowly. */
  figures: boolean,
  /** Which network. */
  net: TrainingNet,
  /** Epochs of the network with all ReLUs, of a search, of fine-tuning; null: as the command line takes them. */
  epochs: [number | null, number | null, number | null],
  /** What chooses checkpoints. */
  chosen_on: ChosenOn,
  /** AutoReP's degree: 2, 1, or 0 for x. */
  degree: number,
  /** AutoReP decides by channels. */
  channels: boolean,
  /** The ReLUs of these stages alone, from 1; the stem's belong to the first. Null: all. */
  only: Array<number> | null,
};

/** Which network. */
export type TrainingNet = { "kind": "digits-cnn" } | { "kind": "resnet",
  /** Blocks of each stage. */
  blocks: [number, number, number, number],
  /** Channels of the first. */
  width: number, } | { "kind": "spec",
  /** It. */
spec: Spec, } | { "kind": "given" };

/** What a network that is to be trained is like. */
export type TrainingView = {
  /** ReLUs of one image. */
  relus: number,
  /**
   * Numbers that training the network with all ReLUs moves: weights and biases, normalisations' scale and shift, not their
   * running moments.
   */
  params: number,
  /** Stages that the network has; 0 where it was not made of stages. */
  stages: number,
  /** Epochs of the network with all ReLUs, of a search, of fine-tuning, at most. */
  epochs: [number, number, number],
  /** All sizes and rates, as the engine reads them. */
  options: string,
  /** The network as a spec, where it is one. */
  spec: Spec | null,
  /** What the plan keeps, and its masks and polynomials as the engine reads them. */
  held: HeldView | null,
};

/** How a product of two fractions gets its excess digits off. */
export type Truncation = "exact" | "probabilistic" | "local";

/** What a protocol assumes, and what it gives away all the same. */
export type Trust = {
  /** How many compute, and whom one must trust. */
  model: TrustModel,
  /** Who computes, one by one. */
  parties: Array<string>,
  /** What a corrupt one of them may do. */
  adversary: Adversary,
  /** How many of them may be corrupt, and work together. */
  corrupt: number,
  /** Who is trusted with what beyond that. */
  trusted: Array<Trusted>,
  /** What is not hidden, and from whom. */
  leaks: Array<string>,
  /** What has to be there besides the parties: keys, processors, work before the input. */
  needs: Array<string>,
  /** The same in a word each. */
  requires: Array<Need>,
};

/** How many compute, and whom one must trust, in a word: what protocols are grouped by. */
export type TrustModel = "two-parties" | "two-parties-and-dealer" | "three-honest-majority" | "four-malicious" | "key-holder";

/** Somebody that has to be trusted. */
export type Trusted = {
  /** Who. */
  who: string,
  /** With what. */
  with: string,
};

/** A node that was not counted. */
export type UnknownNode = {
  /** Name, or first output where the name is empty. */
  node: string,
  /** Operator, with its domain where it is not the default one. */
  op: string,
  /** Why. */
  reason: string,
};

/** A row, or a piece of it, without a price. */
export type Unpriced = {
  /** Index of the row. */
  index: number,
  /** Why. */
  reason: string,
};

/** A value as it was read, or is to be written. */
export type Value = boolean | number | string;

/** Statistics of one value. */
export type ValueReport = {
  /** Name. */
  name: string,
  /** Index of the node that makes it, as in `reluctant.score/1`; None for an input. */
  index: number | null,
  /** Its name. */
  node: string | null,
  /** Its operator. */
  op: string | null,
  /** Sizes of one sample. */
  sample_shape: Array<number>,
  /** Axis of the channels, the samples' axis counted; None where there is one channel. */
  channel_axis: number | null,
  /** All channels together. */
  total: Summary,
  /** By channel. */
  channels: Array<Summary>,
};

/** One number that varies. */
export type Vary = {
  /** `base`, `multiplier.2`, `side`, `classes`, `stem.channels`, `stages.1.blocks`, ...: see `docs/design.md`. */
  what: string,
  /** The values themselves, numbers, or names of ReLUs for `stages.N.relu`. */
  values?: Array<Choice>,
  /** Or from this number, */
  from?: number,
  /** to that, both included, */
  to?: number,
  /** in steps; 1 unless said. */
  step?: number,
};

/** What another tool would print, and why it differs. */
export type View = {
  /** The tool, and its mode. */
  tool: string,
  /** Its number; None where the file cannot tell (BatchNorm that was folded away). */
  value: number | null,
  /** The sum behind it: `MACs + 2 x 614400 BatchNorm elements`. */
  formula: string,
};

/** Where the weights are. */
export type Weights = {
  /** Bytes inside the file. */
  inside_bytes: number,
  /** Bytes in files beside it. */
  external_bytes: number,
  /** Names of external files that are not here. */
  missing_files: Array<string>,
  /** What is wrong with each location that cannot be used, a sentence each. */
  faults: Array<string>,
};

/** The effects of single changes under each protocol. */
export type WhatIf = {
  /** Always `reluctant.what-if/1`. */
  schema: string,
  /** Id of the link. */
  link: string,
  /** One for each protocol of the terms. */
  protocols: Array<Effects>,
};

/** When the work was done. */
export type When = "offline" | "online";

/** What a network costs. */
export type WholeCost = {
  /** Bytes of all parties, both phases. */
  bytes: number,
  /** Rounds. */
  rounds: number,
  /** Offline seconds, `[low, mid, high]`; None where they are not known. */
  offline_seconds: [number, number, number] | null,
  /** Online seconds. */
  online_seconds: [number, number, number] | null,
  /** Some work has no price: lower bounds. */
  bound: boolean,
};

/** One piece of work that a protocol must price. */
export type Work = { "type": "conv" } & Conv | { "type": "conv-transpose" } & Conv | { "type": "mat-mul",
  /** Independent products. */
  batch: number,
  /** Rows of the input. */
  m: number,
  /** Inner size. */
  k: number,
  /** Columns. */
  n: number,
  /** Both operands depend on the input. */
  secret: boolean,
  /** How often all of this is done, one after another (recurrent steps); 1 elsewhere. */
  steps: number, } | { "type": "activation" } & Activation | { "type": "poly2",
  /** Scalars that come out of it. */
  elements: number,
  /** The coefficients are secret, one set a channel; else both parties know them. */
  secret: boolean, } | { "type": "avg-pool",
  /** Outputs. */
  elements: number,
  /** Summands of one output. */
  window: number, } | { "type": "product",
  /** Scalars multiplied. */
  elements: number, } | { "type": "scale",
  /** Scalars multiplied. */
  elements: number, } | { "type": "batch-norm",
  /** Scalars normalised. */
  elements: number, } | { "type": "add",
  /** Scalars added. */
  elements: number,
};

/** What one layer asks of a protocol. */
export type WorkRow = {
  /** Index of the node in the graph, or of the typed-in row. */
  index: number,
  /** Name for people; never used in a formula. */
  name: string,
  /** Operator. */
  op: string,
  /** In order of execution. */
  work: Array<Work>,
  /** Why the row cannot be priced, or costs more than its work; None when all its work is listed. */
  unknown: string | null,
  /**
   * Positions, in the list of rows, of those that it reads: the nearest with work, rising, each
   * before it. None is the row just before, as in a chain; empty is the network's input alone.
   */
  after?: Array<number>,
  /** How often all of the work is done, one after another: a row in a loop. None is once. */
  passes?: number,
};
