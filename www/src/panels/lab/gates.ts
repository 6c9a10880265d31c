/** Points of the demonstration: lists of numbers as they are written, the frame that holds them, and what a drag makes of one. */

export type Point = readonly [x: number, y: number];

/** Points at most: what the core takes. */
export const MOST = 30;

/** `-2, -1 0.5` as numbers; what is none is left out. */
export const numbers = (text: string): number[] =>
  text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number)
    .filter(Number.isFinite);

/** Points of two lists; the longer one is cut, and so is what is beyond the most. */
export function pointsOf(x: string, y: string): Point[] {
  const [xs, ys] = [numbers(x), numbers(y)];
  return xs.slice(0, MOST).flatMap((value, i): Point[] => {
    const other = ys[i];
    return other === undefined ? [] : [[value, other]];
  });
}

/** To two decimals: what a hand can mean. */
export const rounded = (value: number): number => Math.round(value * 100) / 100 + 0;

/** The points with one of them elsewhere, inside the frame. */
export const movedTo = (points: readonly Point[], which: number, [x, y]: Point, reach: number): Point[] =>
  points.map((point, i) => {
    const clamp = (value: number): number => rounded(Math.max(-reach, Math.min(reach, value)));
    return i === which ? [clamp(x), clamp(y)] : point;
  });

/** Steps whose objective is worth saying: 1, 2, 5, 10, 20, ... and the last. */
export function told(steps: number): number[] {
  const all: number[] = [];
  for (let decade = 1; decade <= steps; decade *= 10) all.push(...[1, 2, 5].map((lead) => lead * decade));
  const kept = all.filter((step) => step <= steps);
  return steps > 0 && kept.at(-1) !== steps ? [...kept, steps] : kept;
}
