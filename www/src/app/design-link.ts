/** What was designed as pairs of a link, and back. Loaded where a link is made or brings a design. */
import { designPairs, designedOf } from '../lib/designing';
import type { Pairs } from '../lib/plan-link';
import { design } from './design.svelte';

/** For the link that is made. */
export const designNow = (): Pairs => designPairs(design.equalising, design.chosen);

/** From the link that was opened; a spec that is none is said beside the field. */
export function openDesign(pairs: Pairs): void {
  const { equalising, chosen } = designedOf(pairs);
  design.equalising = equalising;
  if (chosen) void design.write(chosen.name, chosen.text);
}
