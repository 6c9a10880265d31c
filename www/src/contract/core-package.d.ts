// Written by wasm-bindgen from crate/src/wasm; kept by tests/wasm/faces.test.mjs. Do not edit.

import type { Advice, AscentReport, Atlas, BenchInfo, Calibrated, CalibrateSettings, CalibrationReport, Card, CellsSettings, CellsStart, CellView, Claim, CleanReport, CostCard, CostSettings, CostTable,
Criticality, Diff, EqualiseReport, EqualiseSettings, Example, ExitSearch, ExitSearchSettings, ExitSweep, ExitsReport, ExploreReport, ExploreSettings, FixedReport, FixedSettings, FolderAsk, GatedReport, Gradient, LayerView, Link, LinkState, LinkView, LiveView, Measured, NtkReport, Opening, OwnProfile, PlanFile,
Planned, PresetView, ProbeId, Protocol, ReluPrice, ReplaceSettings, Report, RunInfo, RunOptions, RunReport, RunRequest, Score, Setting,
ShapeSettings, Spec, StagesRanked, StatsReport, Summary, SweepPoint, Terms, TrainingAsk, TrainingView, WhatIf, WorkRow } from './core';

/** Elements as they stand in a file: little-endian, row-major. */
export interface NumberArray {
    name: string;
    dtype: string;
    shape: number[];
    bytes: Uint8Array<ArrayBuffer>;
}

/** What a run is given: arrays, or so many random samples. */
export type RunData = { inputs: NumberArray[]; labels: NumberArray | null } | { samples: number; seed: number };



/**
 * A model on the bench.
 */
export class Bench {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Accuracy with one stage's activations kept, and removed, on the judging samples: `reluctant.criticality/1`.
     */
    criticality(weight: number, progress: (done: number, total: number) => void): Promise<Criticality>;
    /**
     * What a reader must know before the changed model is taken away: it gives NaN or infinity, or it could not be run. A
     * few samples go through it, random ones without data.
     */
    doubt(plan: PlanFile): Promise<string | undefined>;
    /**
     * A network built from its spec: planned, never run.
     */
    static example(id: string, settings: ShapeSettings): Bench;
    /**
     * The changed model: `{ place, bytes_read, pieces: [Uint8Array | [start, end]] }`, ranges of the file at
     * that place. No weight is read.
     */
    export(plan: PlanFile): { place: number; bytes_read: number; pieces: (Uint8Array<ArrayBuffer> | [start: number, end: number])[] };
    /**
     * What can be replaced.
     */
    info(): BenchInfo;
    /**
     * `[{ name, shape }]`, one sample each where the batch is open.
     */
    inputs(): { name: string; shape: number[] }[];
    /**
     * One activation under a wish; `channel`: undefined for all together.
     */
    layer(wish: ReplaceSettings, output: string, channel: number | null | undefined, progress: (done: number, total: number) => void): Promise<LayerView>;
    /**
     * Masks and coefficients as a .npz file.
     */
    masks(plan: PlanFile): Uint8Array<ArrayBuffer>;
    /**
     * Original and plan side by side; `plan`: a plan file's, or undefined for the wish's.
     */
    measure(wish: ReplaceSettings, plan: PlanFile | undefined, progress: (done: number, total: number) => void): Promise<Measured>;
    /**
     * Opens the model among the files; the others are its external data. `options`: `{ engine, batch }`.
     */
    static open(files: File[], settings: ShapeSettings, options: RunOptions): Bench;
    /**
     * A plan for a wish.
     */
    plan(wish: ReplaceSettings, progress: (done: number, total: number) => void): Promise<Planned>;
    /**
     * A plan file held against this model.
     */
    plan_file(text: string): Planned;
    /**
     * Samples for statistics, as a run takes them; null takes every input as standard normal.
     */
    set_data(data: RunData | null): void;
    /**
     * Samples for judging; null takes those for statistics.
     */
    set_test(data: RunData | null): void;
    /**
     * One point of a sweep.
     */
    sweep_point(wish: ReplaceSettings, progress: (done: number, total: number) => void): Promise<SweepPoint>;
}

/**
 * What heads of a model said of samples.
 */
export class Heads {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Of a model that was not run.
     */
    static unseen(): Heads;
}

/**
 * An opened model, or a score that came as a link.
 */
export class Model {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * What stands in the way under the settings' first protocol, and what to do: `reluctant.advice/1`.
     */
    advice(settings: CostSettings): Advice;
    /**
     * Where a number of the last score comes from; without an index, a total.
     */
    card(index: number | null | undefined, column: string): Card;
    /**
     * Costs of the last score under settings: `reluctant.cost/1`; with those of each row where `layers` says so.
     */
    cost(settings: CostSettings, layers: boolean): Report;
    /**
     * Where the cost of a row comes from, under the first protocol of the settings.
     */
    cost_card(index: number, settings: CostSettings): CostCard;
    /**
     * The same with the rows as columns: `{ report, fields, values: Float64Array }`.
     */
    cost_table(settings: CostSettings): CostTable;
    /**
     * This model beside another, both scored, aligned by stage: `reluctant.diff/1`.
     */
    diff(other: Model, settings: CostSettings): Diff;
    /**
     * An example by its id.
     */
    static example(id: string): Model;
    /**
     * Number, place and policy of exits under a budget, `ExitSearchSettings`, by what heads said or, where they are
     * `Heads.unseen()`, by stated shares: `reluctant.exits-search/1`.
     */
    exit_search(wish: ExitSearchSettings, heads: Heads, settings: CostSettings, progress: (done: number, total: number) => void): ExitSearch;
    /**
     * What heads at the values named said, by threshold; none: tenths of it. `reluctant.exits-sweep/1`.
     */
    exit_sweep(at: string[], heads: Heads, thresholds: Float64Array | number[], settings: CostSettings): ExitSweep;
    /**
     * The last score with exits at the values named, where shares of the inputs stop, the last of them at the end:
     * `reluctant.exits/1` under the settings' first protocol.
     */
    exits(at: string[], shares: Float64Array | number[], classes: number, settings: CostSettings): ExitsReport;
    /**
     * What a link holds, or a saved file of one.
     */
    static from_link(text: string): Model;
    /**
     * The last score with a gate in the place of each ReLU: `reluctant.gated/1`.
     */
    gated(settings: CostSettings): GatedReport;
    /**
     * What one channel more costs under the settings' protocols: `reluctant.gradient/1`.
     */
    gradient(settings: CostSettings): Gradient;
    /**
     * The link of the last score under a `LinkView`; names enter only if `names`.
     */
    link(view: LinkView, names: boolean): string;
    /**
     * What came with the link beside the score; null for a model.
     */
    link_state(): LinkState | null;
    /**
     * A model of a spec: a graph without weights.
     */
    static of_spec(spec: Spec, name: string): Model;
    /**
     * Opens the model among the files; the others are its external data.
     */
    static open(files: File[], progress: (done: number, total: number) => void): Model;
    /**
     * The protocols that the last score opens under where nobody has chosen one, the one that is shown first.
     */
    opens_under(): Opening[];
    /**
     * Scores under `{ set: { NAME: "1x3x32x32" | "4" } }`.
     */
    score(settings: ShapeSettings): Score;
    /**
     * What single changes to layers do to the cost under the settings' protocols: `reluctant.what-if/1`.
     */
    what_if(settings: CostSettings): WhatIf;
}

/**
 * A model that is open for running.
 */
export class Runner {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Channel by channel, of a value of the last run.
     */
    channels(value: string): Summary[];
    /**
     * Runs in the arithmetic of a ring beside floating point: `reluctant.fixed/1`.
     */
    fixed(settings: FixedSettings, data: RunData, progress: (done: number, total: number) => void): FixedReport;
    /**
     * Runs the model's own heads at the values named, and its end.
     */
    heads(at: string[], data: RunData, progress: (done: number, total: number) => void): Promise<Heads>;
    /**
     * What the model reads and gives.
     */
    info(): RunInfo;
    /**
     * What the parties of a protocol take of the model and the first sample, each its own part. `argmax`: the client learns the best
     * class alone.
     */
    live(settings: FixedSettings, data: RunData, argmax: boolean): { network: Uint8Array<ArrayBuffer>; weights: Uint8Array<ArrayBuffer>; input: BigUint64Array<ArrayBuffer>; view: LiveView };
    /**
     * Loads the model among the files with its weights; the others are its external data.
     * `settings`: `{ set: { NAME: "1x3x32x32" | "4" } }`; `options`: `{ engine, batch }`.
     */
    static open(files: File[], settings: ShapeSettings, options: RunOptions, progress: (done: number, total: number) => void): Runner;
    /**
     * The first output of the last run as a .npy file: `{ name, bytes }`.
     */
    output(): { name: string; bytes: Uint8Array<ArrayBuffer> };
    /**
     * Runs on `data`: `{ inputs: [{ name, dtype, shape, bytes }], labels: array | null }`, or
     * `{ samples, seed }` for random numbers.
     */
    run(request: RunRequest, data: RunData, progress: (done: number, total: number) => void): Promise<{ report: RunReport; stats: StatsReport | null }>;
}

/**
 * Climbs the toy function: `reluctant.ascent/1`.
 */
export function ascent(slope: number, start: number, steps: number, mu: number): AscentReport;

/**
 * Whether ReLUs order scored models as bytes and seconds do: `reluctant.atlas/1`, and as a table. Takes the models.
 */
export function atlas(names: string[], models: Model[]): { atlas: Atlas; csv: string };

/**
 * The most accurate point within a budget.
 */
export function best_at_budget(costs: Float64Array | number[], accuracies: Float64Array | number[], budget: number): number | undefined;

/**
 * Fits a profile of one's own to measurements, `CalibrateSettings`: `reluctant.profile/1`, and what was left out.
 */
export function calibrate(settings: CalibrateSettings): Calibrated;

/**
 * The fit of a profile that came with a link.
 */
export function calibration(profile: OwnProfile): CalibrationReport;

/**
 * The network of a cell, three numbers a node (what it reads, its operation, 1 for a ReLU), for the engine and as an ONNX
 * file; with the numbers that it was trained to, or none.
 */
export function cell(nodes: Uint32Array | number[], width: number, numbers: Float32Array | number[]): { view: CellView; net: Uint8Array<ArrayBuffer>; file: Uint8Array<ArrayBuffer> };

/**
 * What a budget of cells allows.
 */
export function cells_start(settings: CellsSettings): CellsStart;

/**
 * Papers' claims beside what is computed here.
 */
export function claims(): Claim[];

/**
 * The file without sums that cancel and what nobody reads: `reluctant.clean/1`, and its pieces. No weight is read.
 */
export function clean(file: File, settings: ShapeSettings): { report: CleanReport; pieces: (Uint8Array<ArrayBuffer> | [start: number, end: number])[] };

/**
 * Where the cost of a typed-in row comes from.
 */
export function cost_card_of(rows: WorkRow[], position: number, terms: Terms): CostCard;

/**
 * Costs of rows that were typed in, as `Model.cost_table` gives them: the calculator.
 */
export function cost_table_of(rows: WorkRow[], terms: Terms): CostTable;

/**
 * A spec as an ONNX file with seeded He weights.
 */
export function design_onnx(spec: Spec, name: string, seed: number): Uint8Array<ArrayBuffer>;

/**
 * A spec as a PyTorch module in text.
 */
export function design_pytorch(spec: Spec): string;

/**
 * A spec as an ONNX file without its weights.
 */
export function design_structure(spec: Spec, name: string): Uint8Array<ArrayBuffer>;

/**
 * Multipliers that put the ReLUs of stages in order: `reluctant.equalise/1`.
 */
export function equalise(settings: EqualiseSettings): EqualiseReport;

/**
 * The network of a solution.
 */
export function equalised_spec(settings: EqualiseSettings, multipliers: Uint32Array | number[]): Spec;

/**
 * The examples that are built from specs: `[{ id, title, dataset, note }]`.
 */
export function examples(): Example[];

/**
 * One part of a sweep, `reluctant.design-sweep/1`, with one in `every` of its candidates that keep the constraints: their
 * places, and their figures one after the other; NaN is not known.
 */
export function explore(settings: ExploreSettings, shard: number, of: number, every: number, progress: (done: number, total: number) => void): { report: ExploreReport; places: Float64Array<ArrayBuffer>; figures: Float64Array<ArrayBuffer> };

/**
 * The network at a place of a sweep.
 */
export function explored_spec(settings: ExploreSettings, index: number): Spec;

/**
 * The cheapest point of at least an accuracy.
 */
export function fewest_at_accuracy(costs: Float64Array | number[], accuracies: Float64Array | number[], accuracy: number): number | undefined;

/**
 * The elements of such an array as float32.
 */
export function floats(array: NumberArray): Float32Array<ArrayBuffer>;

/**
 * Which of the points no other dominates, by rising cost.
 */
export function front(costs: Float64Array | number[], accuracies: Float64Array | number[]): Uint32Array;

/**
 * Presets of the link.
 */
export function links(): Link[];

/**
 * Size of the wasm memory; it never shrinks.
 */
export function memory_bytes(): number;

/**
 * Parts of a sweep as one.
 */
export function merge(parts: ExploreReport[]): ExploreReport;

/**
 * Gated ReLUs on points of `width` numbers each, one after the other: `reluctant.ntk/1`.
 */
export function ntk(points: Float64Array | number[], width: number, y: Float64Array | number[], lambda: number, steps: number): NtkReport;

/**
 * A saved profile, fitted anew.
 */
export function open_profile(text: string): CalibrationReport;

/**
 * What opens an engine on the CPU for a model: a function of the bytes of its weights that gives a `Library` of the other
 * package.
 */
export function opens_cpu(open: (weightBytes: number) => object): void;

/**
 * What opens a GPU: a function that promises an open `Gpu` of the other package, or throws a fault.
 */
export function opens_gpu(open: () => Promise<object>): void;

/**
 * Named networks of the literature.
 */
export function presets(): PresetView[];

/**
 * A model that measures speed, a chain of `layers` equal ones: `{ bytes, macs }`. `kind`: `conv`, `gemm`.
 */
export function probe(kind: ProbeId, layers: number): { bytes: Uint8Array<ArrayBuffer>; macs: number };

/**
 * Protocols with constants and sources.
 */
export function protocols(terms: Terms): Protocol[];

/**
 * Stages ranked by what the network with the ReLUs of each alone was measured at: `[stage, accuracy, ReLUs]` of each.
 */
export function rank_stages(measured: [number, number, number][]): StagesRanked;

/**
 * All arrays of a .npy or .npz file: `[{ name, dtype, shape, bytes }]`.
 */
export function read_arrays(name: string, bytes: Uint8Array | number[]): NumberArray[];

/**
 * A spec of a file or a field, checked.
 */
export function read_spec(text: string): Spec;

/**
 * Price of one ReLU under the first protocol of the terms.
 */
export function relu_price(terms: Terms): ReluPrice;

/**
 * The settings that a menu lists.
 */
export function settings(): Setting[];

/**
 * Images and classes: of an archive (.npz) of x and y, or of two arrays (.npy), in any order; `second` may be empty.
 */
export function training_arrays(first: Uint8Array | number[], second: Uint8Array | number[]): { shape: [number, number, number]; x: Float32Array; y: Uint16Array };

/**
 * The ONNX file of a network that the engine trained, from the numbers of its parameters; `drops`: linear outputs go with
 * its ReLUs.
 */
export function training_file(ask: TrainingAsk, file: Uint8Array | number[], numbers: Float32Array | number[], drops: boolean): Uint8Array<ArrayBuffer>;

/**
 * The folder in which PyTorch trains the same, as a zip: of these images, to train on and to test on, or drawn figures.
 */
export function training_folder(ask: FolderAsk, file: Uint8Array | number[], x: Float32Array | number[], y: Uint16Array | number[], test_x: Float32Array | number[], test_y: Uint16Array | number[]): Uint8Array<ArrayBuffer>;

/**
 * The same with all its ReLUs, and the plan that takes them; `settings` say how, for people.
 */
export function training_plan(ask: TrainingAsk, file: Uint8Array | number[], numbers: Float32Array | number[], drops: boolean, settings: [string, string][]): { file: Uint8Array<ArrayBuffer>; plan: string };

/**
 * What the engine starts from: `{ view, net }`. `file` is the trained network that it begins from and `plan` what that is
 * fine-tuned to; both may be empty.
 */
export function training_start(ask: TrainingAsk, file: Uint8Array | number[], plan: string): { view: TrainingView; net: Uint8Array<ArrayBuffer> };

/** Fetches and starts the package; call once before anything else. */
export default function init(): Promise<unknown>;
