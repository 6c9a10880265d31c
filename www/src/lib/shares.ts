/** Shares of a whole as whole per cents that add up to 100: the largest remainders are rounded up. */
export function percents(parts: readonly number[]): number[] {
  const whole = parts.reduce((sum, part) => sum + part, 0);
  if (!(whole > 0)) return parts.map(() => 0);
  const exact = parts.map((part) => (100 * part) / whole);
  const rounded = exact.map(Math.floor);
  const left = 100 - rounded.reduce((sum, part) => sum + part, 0);
  const order = exact
    .map((share, i) => ({ i, rest: share - Math.floor(share) }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (const { i } of order.slice(0, left)) rounded[i] = (rounded[i] ?? 0) + 1;
  return rounded;
}
