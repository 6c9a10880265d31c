/** What a link carries of a view that is loaded late: said by the view once it is there, and kept for it until then. */
import type { Source } from '../worker/client';
import { session } from './session.svelte';

export type Pairs = [string, string][];

export interface Late {
  now: () => Pairs;
  open: (pairs: Pairs) => void;
}

let late: Late | null = null;
let received: { source: Source | null; pairs: Pairs } = { source: null, pairs: [] };

const brought = (): Pairs => (received.source === session.source ? received.pairs : []);

export function joinLinks(view: Late): void {
  late = view;
  view.open(brought());
}

/** For the link that is made. */
export const latePairs = (): Pairs => late?.now() ?? brought();

/** From the link that was opened. */
export function receive(pairs: Pairs): void {
  received = { source: session.source, pairs: pairs.filter(([key]) => /^(name\.)?plan\./.test(key)) };
  late?.open(received.pairs);
}
