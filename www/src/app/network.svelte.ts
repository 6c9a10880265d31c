/**
 * The network on screen: that of the file, under the plan that its costs were made for. Views show its figures; what
 * still speaks of the original says so, and asks the session.
 */
import type { Score } from '../contract/core';
import { plannedScore } from '../lib/planned';
import { costs } from './cost.svelte';
import { session } from './session.svelte';

class Network {
  score = $derived.by((): Score | null => {
    const { answer } = costs;
    return session.score && answer ? plannedScore(session.score, answer.rows) : session.score;
  });
}

export const network = new Network();
