// Written by wasm-bindgen from crate/gpu/src/wasm.rs; kept by tests/wasm/faces.test.mjs. Do not edit.
import type { Device } from './core';


/**
 * An open GPU.
 */
export class Gpu {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * It can still be used.
     */
    alive(): boolean;
    /**
     * Ends the device.
     */
    destroy(): void;
    /**
     * Puts a listing on the GPU; promises a `Loaded`. `fetch(place, from)` gives some of a constant's words
     * from an element on, and is called before this returns: words may lie in another package's memory.
     */
    load(numbers: Uint32Array | number[], texts: string[], fetch: Function): Promise<any>;
    /**
     * Opens the fastest GPU there is; `name` is what the page knows of it.
     */
    static open(name: string): Promise<Gpu>;
    /**
     * `{ adapter, limits }`.
     */
    opened(): Device;
    /**
     * Runs a listing once: `{ outputs: [words], nanoseconds }`.
     */
    run(loaded: Loaded, inputs: Uint32Array[], seed: number, timed: boolean): Promise<any>;
}

/**
 * A listing on it. Its buffers end with it.
 */
export class Loaded {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Bytes of everything that it has on the GPU.
     */
    readonly bytes: number;
}

/** Fetches and starts the package; call once before anything else. */
export default function init(): Promise<unknown>;
