/** The geometry of a scatter plot: scales, ticks, symbols, where labels go. Knows nothing of models. */
import { scaleLinear, scaleLog } from 'd3-scale';
import { symbol, symbolCircle, symbolCross, symbolDiamond, symbolSquare, symbolTriangle } from 'd3-shape';

export type Mark = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross';

export interface Dot {
  id: string;
  /** null: not known; the dot stands in a lane of its own beside the axis. */
  x: number | null;
  /** null: not known; a mark on the horizontal axis. */
  y: number | null;
  /** Dots of one series are walked together. */
  series: string;
  mark: Mark;
  /** A colour token. */
  colour: string;
  /** Grey until its series is asked for. */
  quiet?: boolean;
  /** How uncertain y is. */
  span?: Span;
  /** On its series' line; others fade. */
  strong: boolean;
  /** Solid, or hollow where the value is less certain; a double ring where it is disputed. */
  fill: 'solid' | 'hollow' | 'disputed';
  /** The reader's own; the current one is ringed. */
  own?: 'current' | 'kept';
  /** All facts in a sentence, for those who do not see the chart. */
  name: string;
}

export interface Line {
  id: string;
  label: string;
  colour: string;
  dashed: boolean;
  /** Grey until it is asked for. */
  quiet?: boolean;
  /** Named at the side, its colour beside the name; else where it ends. */
  listed: boolean;
  points: readonly (readonly [number, number])[];
}

export type Span = readonly [number, number];
export interface Window {
  x: Span;
  y: Span;
}

export const scaleOf = (log: boolean, domain: Span, range: Span) =>
  (log ? scaleLog() : scaleLinear()).domain(domain).range(range);

export type Scale = ReturnType<typeof scaleOf>;

/** In pixels of the drawing, from its upper left corner. */
export interface Place {
  x: number;
  y: number;
}

/** Between the axes, in pixels. */
export interface Frame {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Which axes are logarithmic. */
export interface Logs {
  x: boolean;
  y: boolean;
}

export interface Scales {
  x: Scale;
  y: Scale;
}

/** A window as it is drawn: more to the right, better further up. */
export const scalesOf = ({ x, y }: Window, { left, top, right, bottom }: Frame, log: Logs): Scales => ({
  x: scaleOf(log.x, x, [left, right]),
  y: scaleOf(log.y, y, [bottom, top]),
});

/**
 * The window that holds all values, with a margin; a logarithmic axis leaves out what is not positive,
 * a vertical one that is not logarithmic holds per cents.
 */
export function extent(dots: readonly Dot[], log: boolean, logY = false): Window {
  const xs = dots.flatMap(({ x }) => (x !== null && (!log || x > 0) ? [x] : []));
  const heights = dots.flatMap(({ y, span = [] }) => (y === null ? [] : [y, ...span]));
  const ys = heights.filter((y) => !logY || y > 0);
  const [left, right] = xs.length > 0 ? [Math.min(...xs), Math.max(...xs)] : [1, 10];
  const [low, high] = ys.length > 0 ? [Math.min(...ys), Math.max(...ys)] : logY ? [1, 10] : [0, 100];
  const margin = Math.max(0.5, (high - low) * 0.06);
  return {
    x: log ? [left / 1.25, right * 1.25] : [0, right * 1.05],
    y: logY ? [low / 1.25, high * 1.25] : [Math.max(0, low - margin), Math.min(100, high + margin)],
  };
}

/** Ticks of an axis; a logarithmic one keeps 1, 2 and 5 of each decade. */
export function ticks(scale: Scale, log: boolean, count: number): number[] {
  const all = scale.ticks(log ? 12 : count);
  if (!log) return all;
  const [low = 1, high = 1] = scale.domain();
  // Over many decades only their starts; over few also 2 and 5.
  const lead = high / low > 2000 ? [1] : [1, 2, 5];
  const kept = all.filter((value) => lead.includes(Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9))));
  return kept.length >= 2 ? kept : all;
}

/** What a figure of 12 px is wide, about, and what stays free between two labels. */
const [FIGURE, FREE] = [6.5, 10];

/** Ticks whose labels do not overlap, each in the middle under its tick; from the far end, where figures are longest. */
export function apart(values: readonly number[], scale: Scale, text: (value: number) => string): number[] {
  const kept: number[] = [];
  let free = Number.POSITIVE_INFINITY;
  for (const value of values.toReversed()) {
    const half = (text(value).length * FIGURE) / 2;
    if (scale(value) + half > free) continue;
    free = scale(value) - half - FREE;
    kept.unshift(value);
  }
  return kept;
}

/** Where a box of some width stands beside a place: on the far side of it if there is room, always inside. */
export function beside(at: number, size: number, whole: number, gap = 12): number {
  const after = at + gap;
  const before = at - gap - size;
  const best = after + size <= whole ? after : before >= 0 ? before : after;
  return Math.max(0, Math.min(best, whole - size));
}

const kinds = {
  circle: symbolCircle,
  square: symbolSquare,
  triangle: symbolTriangle,
  diamond: symbolDiamond,
  cross: symbolCross,
};

export const outline = (mark: Mark, area = 56): string => symbol(kinds[mark], area)() ?? '';

/** Moves labels apart along one axis: each at least `gap` under the one before, all inside the span. */
export function spread(places: readonly number[], gap: number, [from, to]: Span): number[] {
  const order = places.map((place, i) => ({ place, i })).sort((a, b) => a.place - b.place);
  let last = from - gap;
  for (const entry of order) last = entry.place = Math.max(entry.place, last + gap);
  let next = to + gap;
  for (const entry of order.toReversed()) next = entry.place = Math.min(entry.place, next - gap);
  const spread = places.slice();
  for (const { place, i } of order) spread[i] = place;
  return spread;
}

/** A span zoomed by `factor` around a share of it; in logarithms where the axis is one. */
export function zoomed(span: Span, factor: number, at: number, log: boolean): Span {
  const [a, b] = log ? [Math.log(span[0]), Math.log(span[1])] : span;
  const centre = a + (b - a) * at;
  const [low, high] = [centre + (a - centre) * factor, centre + (b - centre) * factor];
  return log ? [Math.exp(low), Math.exp(high)] : [low, high];
}

/** A drag shorter than this, in pixels, is a click that slipped. */
const SHORTEST = 8;

/** The window between the ends of a drag, whichever way it went; null where it is too short to be one. */
export function brushed(from: Place, to: Place, { x, y }: Scales): Window | null {
  if (Math.abs(to.x - from.x) < SHORTEST || Math.abs(to.y - from.y) < SHORTEST) return null;
  const span = (a: number, b: number): Span => [Math.min(a, b), Math.max(a, b)];
  return { x: span(x.invert(from.x), x.invert(to.x)), y: span(y.invert(from.y), y.invert(to.y)) };
}

/**
 * The window zoomed by `factor` around a place, whose values stay where they are. null is everything: further out
 * there is nothing to see. undefined is no change: further in there is nothing to tell apart.
 */
export function zoomedWindow(
  view: Window,
  whole: Window,
  factor: number,
  at: Place,
  frame: Frame,
  log: Logs,
): Window | null | undefined {
  const across = (at.x - frame.left) / (frame.right - frame.left);
  const upward = (frame.bottom - at.y) / (frame.bottom - frame.top);
  const to = { x: zoomed(view.x, factor, across, log.x), y: zoomed(view.y, factor, upward, log.y) };
  const wide = ([low, high]: Span): number => (log.y ? Math.log(high / low) : high - low);
  if (factor > 1 && wide(to.y) >= wide(whole.y)) return null;
  return wide(to.y) > 0.05 ? to : undefined;
}
