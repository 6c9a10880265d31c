/** What links and the view that trains say to each other, so that a first visit does without that view. */
import type { Spec } from '../contract/core';

export const TRAINING = 'train.training';

/** A network with its weights, and what Replace would make of it. */
export interface GivenPlan {
  name: string;
  file: Blob;
  /** Of one input, without the batch. */
  shape: readonly number[];
  /** A plan file, and the ReLUs that it keeps. */
  plan: { text: string; kept: number } | null;
}

class Trained {
  /** What a link made now says of training; nothing before the view was opened. */
  pairs: () => [string, string][] = () => [];
  /** What the link on the page says, until the view takes it. */
  linked = $state.raw<string | null>(null);
  /** The same as long as it is on the page: nothing but the link keeps it. */
  ofLink: () => [string, string][] = () => this.waiting();
  /** A network that another view sends here, until the view takes it. */
  sent = $state.raw<{ name: string; spec: Spec } | GivenPlan | null>(null);

  waiting(): [string, string][] {
    return this.linked === null ? [] : [[TRAINING, this.linked]];
  }
}

export const trained = new Trained();
