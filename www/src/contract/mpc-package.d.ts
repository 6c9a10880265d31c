// Written by wasm-bindgen from crate/mpc/src/wasm.rs; kept by tests/wasm/faces.test.mjs. Do not edit.

export type Who = 'client' | 'server' | 'dealer';
export type Kind =
| 'seed' | 'correction' | 'input' | 'weights' | 'linear' | 'product'
| 'truncation' | 'comparison' | 'choice' | 'bit' | 'output';
/** A message on the wire; what it says are its bytes, nothing else is sent. */
export interface Message {
    from: Who;
    to: Who;
    /** Index of the engine's layer that it belongs to. */
    layer: number;
    kind: Kind;
    /** Part of an inference as it is priced: between the parties, neither sharing nor opening. */
    online: boolean;
    bytes: Uint8Array<ArrayBuffer>;
}



/**
 * The dealer.
 */
export class Dealer {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * The next message, or null when all is dealt.
     */
    deal(): Message | null;
    /**
     * For one inference. `network`: bytes; `seed`: 32 bytes of its own.
     */
    constructor(network: Uint8Array | number[], seed: Uint8Array | number[]);
}

/**
 * The client or the server.
 */
export class Party {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    /**
     * A message arrives.
     */
    arrive(message: Message): void;
    /**
     * The one that has the input, in the ring. `network`: bytes; `seed`: 32 bytes of its own.
     */
    static client(network: Uint8Array | number[], input: BigUint64Array | bigint[], seed: Uint8Array | number[]): Party;
    /**
     * The dealer's messages that it has not read yet.
     */
    dealt(): number;
    /**
     * The high bytes of its share of a value, of `most` numbers at most, once it is there: 0 is
     * the input, i + 1 what layer i makes.
     */
    high_bytes(value: number, most: number): Uint8Array | undefined;
    /**
     * The engine's layer that it works at.
     */
    layer(): number;
    /**
     * The next message to be sent, or null.
     */
    leave(): Message | null;
    /**
     * The result as fractions, once the client has it.
     */
    result(): Float64Array | undefined;
    /**
     * The one that has the weights, as bytes.
     */
    static server(network: Uint8Array | number[], weights: Uint8Array | number[], seed: Uint8Array | number[]): Party;
    /**
     * Works until it must wait for somebody, or rests between layers, or is done.
     */
    work(): Who | 'rests' | 'done';
}

/**
 * Size of the wasm memory; it never shrinks.
 */
export function memory_bytes(): number;

/** Fetches and starts the package; call once before anything else. */
export default function init(): Promise<unknown>;
