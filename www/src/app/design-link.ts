/** What was designed as pairs of a link, and back. Loaded where a link is made or brings a design. */
import { designPairs, designedOf } from '../lib/designing';
import type { Pairs } from '../lib/plan-link';
import { design } from './design.svelte';

/** For the link that is made. */
export const designNow = (): Pairs => designPairs(design.equalising, design.chosen);

const SAYS = 'the link says: ';

/** From a link; a spec that is none is said beside the field. What a link that was `sent` says of an order is its sender's word. */
export function openDesign(pairs: Pairs, sent: boolean): void {
  const { equalising, chosen } = designedOf(pairs);
  const { orderFrom } = equalising;
  const theirs = sent && orderFrom !== '' && !orderFrom.startsWith(SAYS);
  design.equalising = { ...equalising, ...(theirs && { orderFrom: `${SAYS}${orderFrom}` }) };
  if (chosen) void design.write(chosen.name, chosen.text);
}
