/** Histograms with bins of a power of two: they join without moving a count. */
import type { Histogram } from '../contract/core';

/** Joins bins until at most `most` are left; exact, since bins start at multiples of their width. */
export function coarse({ low, width, counts }: Histogram, most: number): Histogram {
  let first = Math.round(low / width);
  let wide = width;
  let held = counts;
  while (held.length > most) {
    const start = Math.floor(first / 2);
    const joined = Array.from({ length: Math.floor((first + held.length - 1) / 2) - start + 1 }, () => 0);
    held.forEach((count, i) => {
      const place = Math.floor((first + i) / 2) - start;
      joined[place] = (joined[place] ?? 0) + count;
    });
    [first, wide, held] = [start, wide * 2, joined];
  }
  return { low: first * wide, width: wide, counts: held };
}

/** Several histograms over the same bins, at most `most` of them; empty ones stay empty. */
export function aligned(all: readonly Histogram[], most: number): Histogram[] {
  const some = all.filter(({ counts }) => counts.length > 0);
  if (some.length === 0) return all.map(() => ({ low: 0, width: 1, counts: [] }));
  let width = Math.max(...some.map((one) => one.width));
  const low = Math.min(...some.map((one) => one.low));
  const high = Math.max(...some.map((one) => one.low + one.width * one.counts.length));
  const span = (): [number, number] => [Math.floor(low / width), Math.ceil(high / width)];
  let [first, end] = span();
  while (end - first > most) {
    width *= 2;
    [first, end] = span();
  }
  return all.map((one) => {
    const counts = Array.from({ length: end - first }, () => 0);
    one.counts.forEach((count, i) => {
      const place = Math.floor((one.low + i * one.width) / width) - first;
      counts[place] = (counts[place] ?? 0) + count;
    });
    return { low: first * width, width, counts };
  });
}

/** The outline of the bars as an SVG path in a box of `across` x `up`; `most`: the count of full height. */
export function bars({ counts }: Histogram, across: number, up: number, most = Math.max(1, ...counts)): string {
  const step = across / Math.max(1, counts.length);
  const parts = counts.flatMap((count, i) => {
    if (count === 0) return [];
    // A single value among millions is still seen.
    const top = up - Math.max(0.75, (up * Math.min(count, most)) / most);
    return [`M${(i * step).toFixed(2)},${up}V${top.toFixed(2)}H${((i + 1) * step).toFixed(2)}V${up}Z`];
  });
  return parts.join('');
}
