/** Hundreds of thousands of points in a plane: how they are drawn, which is nearest, which lie in a window. Both axes are logarithmic. */
import type { Frame, Place, Span, Window } from './plot';

/** Values as columns; what is not above 0 has no place here. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly count: number;
}

/** Logarithms of points, kept as the columns grow, and what they span. */
export class Logs {
  #of: Points | null = null;
  x = new Float32Array();
  y = new Float32Array();
  count = 0;
  #spans: [Span, Span] = [NOWHERE, NOWHERE];

  /** Takes in what is new of these points: all of them where the columns are others. */
  take(points: Points): void {
    const grown =
      this.#of !== null && points.count >= this.count && points.x[0] === this.#of.x[0] && this.#same(points);
    const from = grown ? this.count : 0;
    if (!grown) this.#spans = [NOWHERE, NOWHERE];
    if (this.x.length < points.count) {
      const [x, y] = [new Float32Array(points.x.length), new Float32Array(points.x.length)];
      x.set(this.x);
      y.set(this.y);
      [this.x, this.y] = [x, y];
    }
    let [[left, right], [low, high]] = this.#spans;
    for (let i = from; i < points.count; i++) {
      const [x, y] = [Math.log(points.x[i] ?? 0), Math.log(points.y[i] ?? 0)];
      this.x[i] = x;
      this.y[i] = y;
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < low) low = y;
      if (y > high) high = y;
    }
    this.#spans = [
      [left, right],
      [low, high],
    ];
    this.count = points.count;
    this.#of = points;
  }

  #same(points: Points): boolean {
    const last = this.count - 1;
    return last < 0 || (points.x[last] === this.#of?.x[last] && points.y[last] === this.#of?.y[last]);
  }

  /** The window that holds all of them, with a margin. */
  get whole(): Window {
    const [[left, right], [low, high]] = this.#spans;
    const span = (a: number, b: number): Span => (a <= b ? [Math.exp(a) / 1.15, Math.exp(b) * 1.15] : [1, 10]);
    return { x: span(left, right), y: span(low, high) };
  }
}

const NOWHERE: Span = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** From a logarithm to a pixel. */
export interface Along {
  readonly scale: number;
  readonly shift: number;
}

/** The axis that puts `span` between two pixels. */
export function along([low, high]: Span, from: number, to: number): Along {
  const scale = (to - from) / Math.log(high / low);
  return { scale, shift: from - Math.log(low) * scale };
}

/** Axes of a window in a box of `width` by `height`, better further up. */
export const axesOf = ({ x, y }: Window, width: number, height: number): { x: Along; y: Along } => ({
  x: along(x, 0, width),
  y: along(y, height, 0),
});

/** Counts the points that fall on each pixel, each a square of `size`; those from `from` to `to`. */
export function splat(
  hits: Uint16Array,
  [width, height]: readonly [number, number],
  logs: Pick<Logs, 'x' | 'y'>,
  axes: { x: Along; y: Along },
  size: number,
  [from, to]: readonly [number, number],
): number {
  let drawn = 0;
  const half = size / 2;
  for (let i = from; i < to; i++) {
    const px = (logs.x[i] ?? Number.NaN) * axes.x.scale + axes.x.shift - half;
    const py = (logs.y[i] ?? Number.NaN) * axes.y.scale + axes.y.shift - half;
    // False of what has no logarithm too.
    if (!(px > -size && px < width && py > -size && py < height)) continue;
    drawn++;
    const [left, top] = [Math.round(px), Math.round(py)];
    const [right, bottom] = [Math.min(left + size, width), Math.min(top + size, height)];
    for (let row = Math.max(0, top); row < bottom; row++) {
      for (let at = row * width + Math.max(0, left), end = row * width + right; at < end; at++) {
        const hit = hits[at] ?? 0;
        if (hit < MOST) hits[at] = hit + 1;
      }
    }
  }
  return drawn;
}

const MOST = 255;
/** How much covers the ground after so many hits, where one leaves `left` of it. */
export const covers = (left: number): Uint8Array =>
  Uint8Array.from({ length: MOST + 1 }, (_, hits) => Math.round(255 * (1 - left ** hits)));

/** Of many points each covers less, so that where they crowd is seen. */
export const leftBy = (count: number): number => (count < 5000 ? 0.5 : count < 50_000 ? 0.7 : 0.86);

/** Rows of hits as how much each pixel is covered, the fourth byte of its colour. */
export function cover(
  hits: Uint16Array,
  out: Uint8ClampedArray,
  [from, to]: readonly [number, number],
  by: Uint8Array,
): void {
  for (let i = from; i < to; i++) out[4 * (i - from) + 3] = by[hits[i] ?? 0] ?? 255;
}

/** The point nearest to a place, no further than `reach` pixels; -1 where there is none. */
export function nearest(logs: Logs, axes: { x: Along; y: Along }, at: Place, reach: number): number {
  let [best, found] = [reach * reach, -1];
  for (let i = 0; i < logs.count; i++) {
    const dx = (logs.x[i] ?? Number.NaN) * axes.x.scale + axes.x.shift - at.x;
    const dy = (logs.y[i] ?? Number.NaN) * axes.y.scale + axes.y.shift - at.y;
    const far = dx * dx + dy * dy;
    if (far <= best) [best, found] = [far, i];
  }
  return found;
}

/** How many points lie in a window, and the `most` of them with the least x, by rising x. */
export function within({ x, y, count }: Points, window: Window, most: number): { count: number; first: number[] } {
  const first: number[] = [];
  let inside = 0;
  const of = (place: number): number => x[place] ?? Number.NaN;
  for (let i = 0; i < count; i++) {
    const [a, b] = [of(i), y[i] ?? Number.NaN];
    if (!(a >= window.x[0] && a <= window.x[1] && b >= window.y[0] && b <= window.y[1])) continue;
    inside++;
    if (first.length >= most && a >= of(first.at(-1) ?? 0)) continue;
    let [low, high] = [0, first.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (of(first[middle] ?? 0) <= a) low = middle + 1;
      else high = middle;
    }
    first.splice(low, 0, i);
    if (first.length > most) first.pop();
  }
  return { count: inside, first };
}

/** The window after the plane was moved by so many pixels. */
export function panned({ x, y }: Window, by: Place, { left, top, right, bottom }: Frame): Window {
  const moved = ([low, high]: Span, share: number): Span => {
    const factor = (high / low) ** share;
    return [low * factor, high * factor];
  };
  return { x: moved(x, -by.x / (right - left)), y: moved(y, by.y / (bottom - top)) };
}
