// Written by wasm-bindgen from crate/train/src/wasm.rs; kept by tests/wasm/faces.test.mjs. Do not edit.

/** How far a run is, as JSON of `Training.advance`. */
export interface Progress {
    done: boolean;
    /** `train`, `search`, or what is done between phases of training. */
    phase: 'train' | 'search' | 'between';
    /** Epoch of the phase under way, and how many it has at most; 0 of 0 between phases. */
    epoch: number;
    epochs: number;
    /** Epochs of all phases, at most, and the share of them that is done. */
    all_epochs: number;
    share: number;
    /** Mean loss of this epoch so far. */
    loss: number | null;
    /** ReLUs that stay now, of each activation. */
    kept: number[];
    /** ReLUs that came or went since the last word. */
    flips: number;
    /** An epoch that ended since then. */
    ended: { epoch: number; loss: number; validation: number; relus: number } | null;
}
/** What the images are, as JSON of `Images.about`. */
export interface About { shape: [number, number, number]; classes: number; images: [number, number, number] }
/** An activation, as JSON of `Training.sites`. */
export interface TrainedSite { name: string; shape: [number, number, number] }
/** Of a channel, as JSON of `Training.inputs`. */
export interface InputHistogram { low: number; width: number; counts: number[] }
/** What a network would miss of a layer. */
export interface MissedLayer { name: string; work: number; drop: number; utilisation: number }
/** A layer whose width a step changes. */
export interface WidthMove { name: string; from: number; to: number }
/** What it would miss, as JSON of `missed`. */
export interface Missed { layers: MissedLayer[]; moves: WidthMove[] }
/** How good a network is on the validation images. */
export interface MoveScore { loss: number; accuracy: number }
/** A round of adjusting: the network after the move, the same training without it, which of both goes on. */
export interface AdjustRound {
    round: number;
    work: number;
    moved: WidthMove[];
    score: MoveScore;
    still: MoveScore | null;
    won: boolean;
    test: number;
}
/** How far a loop of adjusting is, as JSON of `Adjusted.advance`: all rounds that ended, and which network is the best. */
export interface AdjustedSoFar { done: boolean; share: number; best: number; rounds: AdjustRound[] }
/** A width that convolutions share, by the names of their weights, as JSON of `widths`. */
export interface TiedWidth { names: string[]; from: number; to: number }
/** Where a climb came to, as JSON of `climbed`: by the copy's gradients, and by the network's own. */
export interface Climbed { value: number; x: number[]; own: number }
/** A cell that is trained next, as JSON of `next_cell`: of each node what it reads, its operation, and whether a ReLU stands behind it. */
export interface NextCell { by: 'search' | 'random'; cell: { from: number; op: number; relu: boolean }[] }
/** How good a network is, as JSON of `Training.outcome`. */
export interface Outcome {
    relus: number;
    test_accuracy: number;
    validation_accuracy: number;
    accuracy_before_finetune: number | null;
}



/**
 * A loop of adjusting.
 */
export class Adjusted {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Goes on for so many milliseconds, one step at least: JSON of `AdjustedSoFar`.
     */
    advance(images: Images, ms: number): string;
    /**
     * Begins from a trained network with all its ReLUs: `relu` within a budget, or `flops` within its own multiplications.
     */
    static begin(images: Images, net: Uint8Array | number[], options: string, of: string, budget: number, rounds: number, epochs: number, seed: number): Adjusted;
    /**
     * The best network so far.
     */
    network(): Uint8Array;
}

/**
 * Images to train on, to choose by, to test on.
 */
export class Images {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * JSON of `About`.
     */
    about(): string;
    /**
     * Of channels, height and width: numbers and classes to train on, then to test on.
     */
    static arrays(shape: Uint32Array | number[], x: Float32Array | number[], y: Uint16Array | number[], test_x: Float32Array | number[], test_y: Uint16Array | number[]): Images;
    /**
     * Drawn figures.
     */
    static figures(train: number, test: number): Images;
    /**
     * Drawn figures to train on, and so many to score by and others to test on.
     */
    static scored(train: number, score: number): Images;
}

/**
 * A run: the network with all ReLUs, or a method.
 */
export class Training {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Goes on for so many milliseconds, one step at least, or to the end of an epoch: JSON of `Progress`. After a divergence the
     * run is at its last good checkpoint.
     */
    advance(images: Images, ms: number): string;
    /**
     * Trains a network with all its ReLUs, weights drawn from the seed.
     */
    static base(images: Images, net: Uint8Array | number[], options: string, seed: number): Training;
    /**
     * Everything, to be taken up by `resume`.
     */
    checkpoint(): Uint8Array;
    /**
     * A network that was trained before, as it is: at its end at once.
     */
    static given(images: Images, net: Uint8Array | number[]): Training;
    /**
     * Whether each test image gets its class.
     */
    hits(images: Images): Uint8Array;
    /**
     * Fine-tunes a trained network, its own teacher, under masks and polynomials that were decided elsewhere: JSON of
     * `Held[]`, one for each activation.
     */
    static hold(images: Images, net: Uint8Array | number[], options: string, held: string, seed: number): Training;
    /**
     * What goes into each channel of an activation: JSON of `InputHistogram[]`.
     */
    inputs(images: Images, site: number, bins: number): string;
    /**
     * What decides each ReLU of an activation, from 0 (gone) to 255.
     */
    mask(site: number): Uint8Array;
    /**
     * The network as it is.
     */
    network(): Uint8Array;
    /**
     * JSON of `Outcome`.
     */
    outcome(images: Images): string;
    /**
     * Constant, x and x^2 of each channel of an activation.
     */
    polynomials(site: number): Float32Array;
    /**
     * Reduces the ReLUs of a trained network, its own teacher.
     */
    static reduce(images: Images, net: Uint8Array | number[], options: string, method: string, budget: number, seed: number): Training;
    /**
     * Takes up a checkpoint.
     */
    static resume(images: Images, bytes: Uint8Array | number[]): Training;
    /**
     * JSON of `TrainedSite[]`.
     */
    sites(): string;
}

/**
 * Climbs a class of a network in the box that its inputs lie in, from the middle: JSON of `Climbed`.
 */
export function climbed(net: Uint8Array | number[], _class: number, slope: number, steps: number, low: number, high: number): string;

/**
 * Two networks on the same images: right only in the first, only in the second, McNemar's exact probability.
 */
export function mcnemar(first: Uint8Array | number[], second: Uint8Array | number[]): Float64Array;

/**
 * Size of the wasm memory; it never shrinks.
 */
export function memory_bytes(): number;

/**
 * What a network would miss of each layer (`relu` or `flops`), on the first test images with their classes: JSON of `Missed`.
 */
export function missed(images: Images, net: Uint8Array | number[], of: string, share: number, draws: number, seed: number): string;

/**
 * The cell that a search of these sizes trains next, where those before it scored so: JSON of `NextCell`, `null` at its end.
 */
export function next_cell(nodes: number, layers: number, ops: number, evaluations: number, seed: number, scores: Float64Array | number[]): string;

/**
 * The numbers of all parameters of a network, in order.
 */
export function numbers(net: Uint8Array | number[]): Float32Array;

/**
 * The network after a step's moves of ReLUs.
 */
export function relus(net: Uint8Array | number[], moves: string, seed: number): Uint8Array;

/**
 * A network under masks that were decided elsewhere (JSON of `Held[]`; nothing: as it is), with a share of the ReLUs that stay
 * under them, at random: its bytes.
 */
export function thinned(net: Uint8Array | number[], held: string, share: number, seed: number): Uint8Array;

/**
 * The widths after a step's moves, scaled to the network's own multiplications: JSON of `TiedWidth[]`.
 */
export function widths(net: Uint8Array | number[], moves: string): string;

/** Fetches and starts the package; call once before anything else. */
export default function init(): Promise<unknown>;
