/** The reading of a small chart: which of its places a pointer or a key chooses. */

/** The place nearest to `to` of `count` places. */
export const clamped = (to: number, count: number): number => Math.max(0, Math.min(count - 1, to));

/** How far across the drawing a pointer stands, 0 to 1 between its margins in pixels. */
export function across(event: PointerEvent & { currentTarget: SVGSVGElement }, left = 0, right = 0): number {
  const box = event.currentTarget.getBoundingClientRect();
  return (event.clientX - box.left - left) / (box.width - left - right);
}

/** Where a key moves to from a place; null for a key that moves nothing. Up and down move by `leap` places. */
export function walked(event: KeyboardEvent, from: number, count: number, leap = 1): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: from - 1,
    ArrowRight: from + 1,
    ArrowDown: from - leap,
    ArrowUp: from + leap,
    Home: 0,
    End: count - 1,
  };
  const to = steps[event.key];
  if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return null;
  event.preventDefault();
  return clamped(to, count);
}
