/**
 * The card that is open, and the pinned ones. One card is open at a time, beside the element it
 * was asked from; closing gives the focus back to that element.
 */
import type { CostView } from '../lib/cost-view';
import type { TermId } from '../lib/terms';
import type { Card, Fault, Layer, UnknownNode } from '../lib/types';
import { isFault } from '../lib/types';
import type { Source } from '../worker/client';
import { core } from '../worker/client';

export type Content =
  | { kind: 'number'; card: Card; unknown?: readonly UnknownNode[] }
  | { kind: 'cost'; view: CostView }
  | { kind: 'layer'; layer: Layer }
  | { kind: 'term'; term: TermId }
  | { kind: 'waiting' }
  | { kind: 'fault'; fault: Fault };

/** A card that can be pinned: it speaks for itself when the model or the settings change. */
export type Pinned = Extract<Content, { kind: 'number' | 'cost' }>;

export interface Pin {
  id: number;
  model: string;
  content: Pinned;
}

class Cards {
  open = $state.raw<{ anchor: HTMLElement; content: Content } | null>(null);
  pins = $state.raw<readonly Pin[]>([]);
}

export const cards = new Cards();

let asking = new AbortController();
let pinned = 0;

export function showCard(anchor: HTMLElement, content: Content): void {
  asking.abort();
  cards.open = { anchor, content };
}

/** Opens a card that has to be asked for. */
export async function awaitCard(anchor: HTMLElement, ask: (signal: AbortSignal) => Promise<Content>): Promise<void> {
  showCard(anchor, { kind: 'waiting' });
  const { signal } = (asking = new AbortController());
  let content: Content;
  try {
    content = await ask(signal);
  } catch (error) {
    if (!isFault(error)) throw error;
    content = { kind: 'fault', fault: error };
  }
  // The person may have closed it or asked for another one meanwhile.
  if (!signal.aborted) cards.open = { anchor, content };
}

/** Asks the core where a number comes from and opens its card; null for a total. */
export function askCard(
  anchor: HTMLElement,
  subject: { source: Source; set: Record<string, string> },
  index: number | null,
  column: string,
  unknown?: readonly UnknownNode[],
): Promise<void> {
  return awaitCard(anchor, async (signal) => {
    const card = await core.call('card', { ...subject, index, column }, { signal, brief: true });
    return unknown ? { kind: 'number', card, unknown } : { kind: 'number', card };
  });
}

export function closeCard(focus = false): void {
  const anchor = cards.open?.anchor;
  asking.abort();
  cards.open = null;
  if (focus && anchor?.isConnected) anchor.focus();
}

export function pin(model: string, content: Pinned): void {
  pinned += 1;
  cards.pins = [...cards.pins, { id: pinned, model, content }];
}

export function unpin(id: number): void {
  cards.pins = cards.pins.filter((other) => other.id !== id);
}
