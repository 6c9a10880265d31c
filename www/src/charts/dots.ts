/** Dots and lines of a scatter plot where they are drawn, which of them a pointer is at, and where keys walk to. */
import { inOrder } from '../lib/order';
import type { Dot, Frame, Line, Logs, Place, Scales, Window } from './plot';
import { spread } from './plot';

/** A dot where it is drawn, in pixels. */
export interface Placed {
  dot: Dot;
  px: number;
  py: number;
}

/** The lane for dots without x, beside the axis. */
export const LANE = 72;
export const laneAt = ({ right }: Frame): number => right + LANE / 2 + 8;

/** Dots nearer than this to the nearest one are named with it. */
const TOGETHER = 5;
const REACH = 24;

/** Those that are seen: without x in their lane, without y on the axis. */
export function placedDots(
  dots: readonly Dot[],
  { x, y }: Scales,
  view: Window,
  plot: Frame,
  log: Pick<Logs, 'x'>,
): Placed[] {
  return dots.flatMap((dot) => {
    // What is not positive has no logarithm: it stands far to the left.
    const px = dot.x === null ? laneAt(plot) : x(log.x ? Math.max(dot.x, view.x[0] / 1e6) : dot.x);
    const py = dot.y === null ? plot.bottom : y(dot.y);
    const across = dot.x === null || (px >= plot.left - 1 && px <= plot.right + 1);
    return across && py >= plot.top - 1 && py <= plot.bottom + 1 ? [{ dot, px, py }] : [];
  });
}

const rank = ({ own, strong }: Dot): number => (own === 'current' ? 3 : own ? 2 : strong ? 1 : 0);

/** In the order they are drawn: the reader's own on top, the ones on a line above those that fade. */
export const stacked = (placed: readonly Placed[]): Placed[] => placed.toSorted((a, b) => rank(a.dot) - rank(b.dot));

/** The dot nearest to a place and those that lie with it; none out of reach. */
export function near(placed: readonly Placed[], point: Place): Dot[] {
  const far = ({ px, py }: Placed, { x, y }: Place): number => Math.hypot(px - x, py - y);
  const by = placed.toSorted((a, b) => far(a, point) - far(b, point));
  const [first] = by;
  if (!first || far(first, point) > REACH) return [];
  return by.filter((entry) => far(entry, { x: first.px, y: first.py }) <= TOGETHER).map(({ dot }) => dot);
}

/** By series, then from left to right; unknown ones last. */
export const walkOf = (placed: readonly Placed[]): Dot[] =>
  placed.toSorted((a, b) => inOrder(a.dot.series, b.dot.series) || a.px - b.px || a.py - b.py).map(({ dot }) => dot);

/** Where a key leads to from a dot of a walk: along its series, or to the nearest of the series before or after. */
export function stepped(walk: readonly Dot[], from: Dot, key: string): Dot | undefined {
  const series = walk.filter(({ series }) => series === from.series);
  const place = series.indexOf(from);
  const names = [...new Set(walk.map(({ series }) => series))];
  const other = (step: number): Dot | undefined => {
    const name = names[(names.indexOf(from.series) + step + names.length) % names.length];
    const far = ({ x }: Dot): number => Math.abs((x ?? Infinity) - (from.x ?? Infinity)) || 0;
    return walk.filter((each) => each.series === name).toSorted((a, b) => far(a) - far(b))[0];
  };
  switch (key) {
    case 'ArrowLeft':
      return series[place - 1];
    case 'ArrowRight':
      return series[place + 1];
    case 'ArrowUp':
      return other(-1);
    case 'ArrowDown':
      return other(1);
    case 'Home':
      return series[0];
    case 'End':
      return series.at(-1);
    default:
      return undefined;
  }
}

export interface End {
  line: Line;
  px: number;
  py: number;
}

/** A line as a path. */
export const pathOf = ({ points }: Line, { x, y }: Scales): string =>
  points.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${x(a).toFixed(1)},${y(b).toFixed(1)}`).join('');

/** Where lines end: their last points that are seen. */
export const endsOf = (lines: readonly Line[], { x, y }: Scales, view: Window): End[] =>
  lines.flatMap((line) => {
    const end = line.points.findLast(([a, b]) => a >= view.x[0] && a <= view.x[1] && b >= view.y[0] && b <= view.y[1]);
    return end ? [{ line, px: x(end[0]), py: y(end[1]) }] : [];
  });

/** Names at the side, each at the height of its line's end as far as there is room. */
export function asideOf(ends: readonly End[], plot: Frame): (End & { at: number })[] {
  const listed = ends.filter(({ line }) => line.listed);
  const places = spread(
    listed.map(({ py }) => py),
    16,
    [plot.top + 4, plot.bottom - 4],
  );
  return listed.map((entry, i) => ({ ...entry, at: places[i] ?? entry.py }));
}

/** A name where its line ends. */
export interface Beside extends End {
  x: number;
  /** Of the baseline. */
  y: number;
  anchor: 'start' | 'end';
}

/** What a letter and a line of the chart's text take, in pixels. */
const LETTER = 6.6;
const HEIGHT = 14;

/** Names beside the ends of the lines that are not named at the side: each where it covers no other, or left out. */
export function besideOf(ends: readonly End[], plot: Frame): Beside[] {
  const taken: [left: number, right: number, y: number][] = [];
  return ends.flatMap((end): Beside[] => {
    const { line, px, py } = end;
    if (line.listed) return [];
    const width = line.label.length * LETTER;
    for (const y of [py + 4, py + 4 + HEIGHT, py + 4 - HEIGHT]) {
      for (const anchor of ['start', 'end'] as const) {
        const x = anchor === 'start' ? px + 9 : px - 9;
        const [left, right] = anchor === 'start' ? [x, x + width] : [x - width, x];
        const free = taken.every(([from, to, at]) => right <= from || left >= to || Math.abs(y - at) >= HEIGHT);
        if (!free || left < plot.left || right > plot.right) continue;
        taken.push([left, right, y]);
        return [{ ...end, x, y, anchor }];
      }
    }
    return [];
  });
}
