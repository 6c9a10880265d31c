/** Where a card goes: beside its number, in sight, never over it. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const GAP = 8;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));

/** A figure this tall is a headline: its neighbours beside it shall stay in sight. */
const TALL = 40;

type Size = Pick<Box, 'width' | 'height'>;

/**
 * Tries right, left, below, above (a headline: below first), and takes the first side with room;
 * with room nowhere, the side with the most of it. Coordinates are the viewport's.
 */
export function beside(anchor: Box, card: Size, view: Size): Pick<Box, 'left' | 'top'> {
  const right = anchor.left + anchor.width + GAP;
  const left = anchor.left - GAP - card.width;
  const below = anchor.top + anchor.height + GAP;
  const above = anchor.top - GAP - card.height;
  const x = clamp(anchor.left, GAP, view.width - GAP - card.width);
  const y = clamp(anchor.top, GAP, view.height - GAP - card.height);
  const sides = [
    { left: right, top: y, room: view.width - GAP - (right + card.width) },
    { left, top: y, room: left - GAP },
    { left: x, top: below, room: view.height - GAP - (below + card.height) },
    { left: x, top: above, room: above - GAP },
  ];
  if (anchor.height >= TALL) sides.push(...sides.splice(0, 2));
  const best = sides.find((side) => side.room >= 0) ?? sides.reduce((a, b) => (b.room > a.room ? b : a));
  return { left: Math.max(best.left, GAP), top: Math.max(best.top, GAP) };
}
