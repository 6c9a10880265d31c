/**
 * The network on screen: that of the file, under the plan that its costs were made for. Views show its figures; what
 * still speaks of the original says so, and asks the session.
 */
import type { Score, Totals } from '../contract/core';
import { plannedScore } from '../lib/planned';
import { costs } from './cost.svelte';
import { session } from './session.svelte';

/** A total that is counted; where nodes are unknown and nothing was counted, its 0 is none. */
export const isKnown = ({ not_known }: Totals, total: string): boolean => !not_known?.includes(total);

class Network {
  score = $derived.by((): Score | null => {
    const { answer } = costs;
    return session.score && answer ? plannedScore(session.score, answer.rows) : session.score;
  });
}

export const network = new Network();
