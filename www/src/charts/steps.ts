/** The geometry of steps: their values from zero, evenly apart; a single one stands in the middle. */

export const [HEIGHT, LEFT, RIGHT, TOP, FOOT] = [168, 56, 12, 12, 24] as const;

export interface StepScales {
  /** The largest value; never zero. */
  most: number;
  /** Of a step, by its place in the order. */
  x: (place: number) => number;
  /** Of a value. */
  y: (value: number) => number;
}

export function stepScales(values: readonly number[], width: number): StepScales {
  const most = Math.max(1e-12, ...values);
  const room = width - LEFT - RIGHT;
  return {
    most,
    x: (place) => (values.length < 2 ? LEFT + room / 2 : LEFT + (place / (values.length - 1)) * room),
    y: (value) => TOP + (1 - value / (1.05 * most)) * (HEIGHT - TOP - FOOT),
  };
}

export const stepsPath = (values: readonly number[], { x, y }: StepScales): string =>
  values.map((value, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)},${y(value).toFixed(1)}`).join('');
