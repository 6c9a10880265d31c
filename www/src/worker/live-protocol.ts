/** What the page says to the parties of a protocol, the dealer and the wire, and they to the page. Messages stay between them. */
import type { Message, Who } from 'reluctant-mpc-wasm';
import type { Pace, Told } from '../lib/live';
import type { Fault } from '../lib/types';

export type { Message, Who };

/** What they are made of: what all know, what the server has, what the client has. */
export interface Parts {
  network: Uint8Array<ArrayBuffer>;
  weights: Uint8Array<ArrayBuffer>;
  input: BigUint64Array<ArrayBuffer>;
}

/** What one of the three is begun with: what all know, what it alone has, and its end of the wire. */
export type Begin = { network: Uint8Array<ArrayBuffer>; port: MessagePort } & (
  | { who: 'client'; input: BigUint64Array<ArrayBuffer> }
  | { who: 'server'; weights: Uint8Array<ArrayBuffer> }
  | { who: 'dealer' }
);

/** What one of the three shows of itself. */
export type Shown =
  | { type: 'ready' }
  /** It is done with a layer of the engine, or with sharing (-1): the high bytes of its shares, the seconds that it worked. */
  | { type: 'layer'; layer: number; share: Uint8Array<ArrayBuffer>; seconds: number }
  | { type: 'waits'; for: Who; layer: number }
  | { type: 'done'; result: Float64Array | null; memory: number }
  | { type: 'fault'; fault: Fault };

/** Over an end of the wire: a message, or a word to the dealer that one more is wanted. */
export type Carried = Message | 'more';

export type WireAsk =
  | { type: 'ends'; ends: Record<Who, MessagePort> }
  | { type: 'pace'; pace: Pace }
  /** So many rounds more than were carried; null for all. */
  | { type: 'allow'; more: number | null };

export interface WireSays {
  told: Told[];
  /** Messages that are held back. */
  held: number;
  rounds: number;
}
