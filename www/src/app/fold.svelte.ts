/** The headline in one line, once it is scrolled away: what stands in that line beside the views. */
import type { Snippet } from 'svelte';

class Fold {
  /** Bottom of the headline, in pixels of the page. */
  past = $state(240);
  /** What a view puts there: the control that its results hang on. */
  control = $state.raw<Snippet | null>(null);
}

export const fold = new Fold();
