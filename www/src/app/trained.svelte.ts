/** What links and the view that trains say to each other, so that a first visit does without that view. */
import type { Spec } from '../contract/core';

class Trained {
  /** What a link made now says of training; nothing before the view was opened. */
  pairs: () => [string, string][] = () => [];
  /** What the link on the page says, until the view takes it. */
  linked = $state.raw<string | null>(null);
  /** A network that another view sends here, until the view takes it. */
  sent = $state.raw<{ name: string; spec: Spec } | null>(null);
}

export const trained = new Trained();
export const TRAINING = 'train.training';
