/**
 * The card that is open, and the pinned ones. One card is open at a time, beside the element it
 * was asked from; closing gives the focus back to that element.
 */
import type { Card, Layer, UnknownNode } from '../contract/core';
import type { CostView } from '../lib/cost-view';
import type { Meaning } from '../lib/terms';
import type { Fault } from '../lib/types';
import type { Source } from '../worker/client';
import { core } from '../worker/client';
import type { Asking } from './question.svelte';
import { Question, anywhere } from './question.svelte';

export type Content =
  | { kind: 'number'; card: Card; unknown?: readonly UnknownNode[] }
  | { kind: 'cost'; view: CostView }
  | { kind: 'layer'; layer: Layer }
  | { kind: 'term'; meaning: Meaning }
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

/** A card belongs to the element it was asked from, not to a model: whoever closes it drops its question. */
const question = new Question<Content>(anywhere);
let pinned = 0;

export function showCard(anchor: HTMLElement, content: Content): void {
  question.cancel();
  cards.open = { anchor, content };
}

/** Opens a card that has to be asked for; nothing where it was closed or another one opened meanwhile. */
export async function awaitCard(anchor: HTMLElement, ask: (asking: Asking) => Promise<Content>): Promise<void> {
  showCard(anchor, { kind: 'waiting' });
  const ended = await question.ask((_, asking) => ask(asking));
  if (!ended) return;
  cards.open = { anchor, content: 'fault' in ended ? { kind: 'fault', fault: ended.fault } : ended.answer };
}

/** Asks the core where a number comes from and opens its card; null for a total. */
export function askCard(
  anchor: HTMLElement,
  subject: { source: Source; set: Record<string, string> },
  index: number | null,
  column: string,
  unknown?: readonly UnknownNode[],
): Promise<void> {
  return awaitCard(anchor, async (asking) => {
    const card = await core.call('card', { ...subject, index, column }, asking);
    return unknown ? { kind: 'number', card, unknown } : { kind: 'number', card };
  });
}

export function closeCard(focus = false): void {
  const anchor = cards.open?.anchor;
  question.cancel();
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
