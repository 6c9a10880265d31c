/** The axis of a histogram that is drawn over the whole width. */
import type { Histogram } from '../contract/core';
import { significant } from '../lib/format';

/** Where the last bin ends. */
export const endOf = ({ low, width, counts }: Histogram): number => low + width * counts.length;

/** Where a value stands, in pixels. */
export const placeOf = (histogram: Histogram, value: number, across: number): number =>
  ((value - histogram.low) / (endOf(histogram) - histogram.low || 1)) * across;

/** What the axis names: its ends, and zero where there is room for it. */
export function axisMarks(
  histogram: Histogram,
  across: number,
): { at: number; text: string; anchor: 'start' | 'middle' | 'end' }[] {
  const zero = placeOf(histogram, 0, across);
  return [
    { at: 0, text: significant(histogram.low), anchor: 'start' },
    { at: across, text: significant(endOf(histogram)), anchor: 'end' },
    ...(zero > 56 && zero < across - 56 ? [{ at: zero, text: '0', anchor: 'middle' as const }] : []),
  ];
}
