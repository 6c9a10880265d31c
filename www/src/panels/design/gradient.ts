/** A gradient as a table: what one channel more does to a price, and the places of layers in that order. */
import type { Gradient, TiedSet } from '../../contract/core';

export type Measure = 'bytes' | 'offline' | 'online';

/** One channel more under a protocol; null where it is not known. */
export function priceOf({ prices }: TiedSet, protocol: string, measure: Measure): number | null {
  const price = prices.find((one) => one.protocol === protocol);
  if (!price) return null;
  return measure === 'bytes' ? price.bytes : measure === 'offline' ? price.offline_seconds : price.online_seconds;
}

/** The sets with the dearest first, those of unknown price last. */
export const dearest = ({ sets }: Pick<Gradient, 'sets'>, protocol: string, measure: Measure): TiedSet[] =>
  sets.toSorted((a, b) => {
    const [x, y] = [priceOf(a, protocol, measure), priceOf(b, protocol, measure)];
    return x === null ? (y === null ? 0 : 1) : y === null ? -1 : y - x;
  });

/** Pairs of sets that one protocol orders one way and another the other way, of those that both tell apart. */
export function against(gradient: Gradient, [a, b]: readonly [string, string], measure: Measure): [number, number] {
  let [pairs, turned] = [0, 0];
  const prices = gradient.sets.map((set) => [priceOf(set, a, measure), priceOf(set, b, measure)] as const);
  prices.forEach(([x, y], i) => {
    for (const [u, v] of prices.slice(i + 1)) {
      if (x === null || y === null || u === null || v === null || x === u || y === v) continue;
      pairs++;
      if (x > u !== y > v) turned++;
    }
  });
  return [turned, pairs];
}
