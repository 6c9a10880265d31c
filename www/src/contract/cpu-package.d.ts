// Written by wasm-bindgen from crate/cpu/src/wasm.rs; kept by tests/wasm/faces.test.mjs. Do not edit.

/**
 * A library with the weights of one model.
 */
export class Library {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Puts bytes of the weights in their place.
     */
    fill(at: number, bytes: Uint8Array | number[]): void;
    /**
     * Loads a model.
     */
    load(onnx: Uint8Array | number[], fused: boolean): Loaded;
    /**
     * What it is.
     */
    name(): string;
    /**
     * With room for so many bytes of weights.
     */
    constructor(weight_bytes: number);
    /**
     * Computes the values of these names.
     */
    run(model: Loaded, given: Array<any>, outputs: string[]): Made;
    /**
     * Computes node after node.
     */
    steps(model: Loaded, given: Array<any>, names: string[], steps: Uint32Array | number[], wanted: Uint32Array | number[]): Made;
}

/**
 * A model that is loaded.
 */
export class Loaded {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
}

/**
 * What a run made, until it is taken.
 */
export class Made {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Of each step.
     */
    seconds(): Float64Array;
    /**
     * `[shape, elements]` of one of the values. The elements are shown where they lie, until the next one is taken: who
     * takes them copies them at once.
     */
    take(place: number): any;
}

/**
 * Size of the wasm memory; it never shrinks.
 */
export function memory_bytes(): number;

/** Fetches and starts the package; call once before anything else. */
export default function init(): Promise<unknown>;
