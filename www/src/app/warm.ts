/** Starts the core once the first score is painted; whoever asks it something before starts it too. */
import { core } from '../worker/client';

export function warmCore(): void {
  // The frame after the one that is being made: what was answered from data is on the screen then.
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => core.warm())));
}
