/**
 * The geometry of a fit: a function and what stands in for it above, the error between them beneath. In pixels from
 * the upper left corner.
 */

/** What both drawings leave free, and how high they are. */
export const [TOP, UPPER, GAP, LOWER, FOOT, LEFT, RIGHT] = [16, 200, 28, 64, 24, 48, 8] as const;
export const HEIGHT = TOP + UPPER + GAP + LOWER + FOOT;

export interface Curves {
  x: readonly number[];
  exact: readonly number[];
  approximate: readonly number[];
  /** Where the stand-in was fitted. */
  range: readonly [number, number];
}

/** What of the curves does not hang on the width. */
export interface Measured {
  low: number;
  high: number;
  /** Of each place: whether it lies where the stand-in was fitted. */
  inside: boolean[];
  errors: number[];
  /** The largest error inside, in size. */
  most: number;
  /** What the upper drawing shows, from the bottom to the top. */
  span: readonly [number, number];
}

export function measured({ x, exact, approximate, range }: Curves): Measured {
  const [low, high] = [x[0] ?? 0, x.at(-1) ?? 1];
  const inside = x.map((value) => value >= range[0] && value <= range[1]);
  const errors = x.map((_, i) => (approximate[i] ?? 0) - (exact[i] ?? 0));
  const within = errors.filter((_, i) => inside[i]);
  const most = Math.max(1e-9, ...(within.length > 0 ? within : errors).map(Math.abs));
  // The stand-in may leave for infinity outside its range: what is drawn follows the function.
  const values = [...exact, ...approximate.filter((_, i) => inside[i])];
  const [least, largest] = [Math.min(0, ...values), Math.max(...values)];
  const margin = (largest - least || 1) * 0.06;
  return { low, high, inside, errors, most, span: [least - margin, largest + margin] };
}

export interface FitScales {
  px: (value: number) => number;
  /** Of a value. */
  upper: (value: number) => number;
  /** Of an error; none lies in the middle. */
  lower: (value: number) => number;
}

export const fitScales = ({ low, high, span, most }: Measured, width: number): FitScales => ({
  px: (value) => LEFT + ((value - low) / (high - low || 1)) * (width - LEFT - RIGHT),
  upper: (value) => TOP + UPPER * (1 - (value - span[0]) / (span[1] - span[0])),
  lower: (value) => TOP + UPPER + GAP + (LOWER / 2) * (1 - value / (1.1 * most)),
});

/** Far outside the drawing a coordinate only costs. */
const clip = (place: number): number => Math.max(-2000, Math.min(2000, place));

export const curve = (
  x: readonly number[],
  values: readonly number[],
  px: (value: number) => number,
  y: (value: number) => number,
): string =>
  values.map((value, i) => `${i === 0 ? 'M' : 'L'}${px(x[i] ?? 0).toFixed(1)},${clip(y(value)).toFixed(1)}`).join('');

/** What the axis names: its ends, and zero where there is room for it. */
export const marksOf = ({ low, high }: Measured, width: number, px: (value: number) => number): number[] => [
  low,
  high,
  ...(px(0) > LEFT + 48 && px(0) < width - 56 ? [0] : []),
];
