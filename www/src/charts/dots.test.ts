import { expect, test } from 'vitest';
import { asideOf, besideOf, endsOf, laneAt, near, pathOf, placedDots, stacked, stepped, walkOf } from './dots';
import type { Dot, Line } from './plot';
import { scalesOf } from './plot';

const dot = (id: string, x: number | null, y: number | null, more: Partial<Dot> = {}): Dot => ({
  id,
  x,
  y,
  series: 's',
  mark: 'circle',
  colour: 'c',
  strong: false,
  fill: 'solid',
  name: id,
  ...more,
});
const line = (id: string, points: Line['points'], listed = true): Line => ({
  id,
  label: id,
  colour: 'c',
  dashed: false,
  listed,
  points,
});
const plot = { left: 0, top: 0, right: 100, bottom: 200 };
const view = { x: [0, 10], y: [0, 100] } as const;
const scales = scalesOf(view, plot, { x: false, y: false });
const placed = (dots: readonly Dot[]) => placedDots(dots, scales, view, plot, { x: false });
const ids = (dots: readonly (Dot | undefined)[]) => dots.map((one) => one?.id);

test('a dot stands where the scales say; without x in its lane, without y on the axis', () => {
  expect(
    placed([dot('a', 5, 25), dot('lane', null, 100), dot('axis', 10, null)]).map(({ px, py }) => [px, py]),
  ).toEqual([
    [50, 150],
    [laneAt(plot), 0],
    [100, 200],
  ]);
  expect(laneAt(plot)).toBe(144);
});

test('only what is in the window is placed, its edges with it', () => {
  const dots = [
    dot('left', -1, 50),
    dot('right', 11, 50),
    dot('above', 5, 101),
    dot('below', 5, -1),
    dot('lane above', null, 101),
    dot('corner', 0, 0),
    dot('other corner', 10, 100),
  ];
  expect(placed(dots).map(({ dot }) => dot.id)).toEqual(['corner', 'other corner']);
});

test('on a logarithmic axis what is not positive is far to the left, and so not seen', () => {
  const window = { x: [1, 100], y: [0, 100] } as const;
  const logs = scalesOf(window, plot, { x: true, y: false });
  const all = placedDots([dot('zero', 0, 50), dot('ten', 10, 50)], logs, window, plot, { x: true });
  expect(all.map(({ dot, px }) => [dot.id, px])).toEqual([['ten', 50]]);
});

test('the reader\u2019s own dots lie on top, the current one highest, those on a line above the rest', () => {
  const dots = [
    dot('current', 1, 1, { own: 'current' }),
    dot('strong', 1, 1, { strong: true }),
    dot('kept', 1, 1, { own: 'kept', strong: true }),
    dot('weak', 1, 1),
  ];
  expect(stacked(placed(dots)).map(({ dot }) => dot.id)).toEqual(['weak', 'strong', 'kept', 'current']);
});

test('the nearest dot is named with those that lie on it, and none out of reach', () => {
  const all = placed([dot('far', 9, 50), dot('here', 5, 50), dot('with it', 5.4, 50), dot('beside', 5.6, 50)]);
  expect(ids(near(all, { x: 49, y: 100 }))).toEqual(['here', 'with it']);
  expect(ids(near(all, { x: 50, y: 124 }))).toEqual(['here', 'with it']);
  expect(near(all, { x: 50, y: 125 })).toEqual([]);
  expect(near([], { x: 0, y: 0 })).toEqual([]);
});

const walked = walkOf(
  placed([
    dot('b2', 6, 50, { series: 'b' }),
    dot('a?', null, 50, { series: 'a' }),
    dot('a2', 8, 50, { series: 'a' }),
    dot('b1', 1, 50, { series: 'b' }),
    dot('a1', 2, 50, { series: 'a' }),
    dot('c1', 7, 50, { series: 'c' }),
  ]),
);

test('a walk goes series by series, from left to right, unknown ones last', () => {
  expect(ids(walked)).toEqual(['a1', 'a2', 'a?', 'b1', 'b2', 'c1']);
});

test('keys walk along a series and end with it', () => {
  const from = (id: string, key: string) => {
    const start = walked.find((one) => one.id === id);
    return start && stepped(walked, start, key)?.id;
  };
  expect(from('a1', 'ArrowRight')).toBe('a2');
  expect(from('a2', 'ArrowLeft')).toBe('a1');
  expect(from('a1', 'ArrowLeft')).toBeUndefined();
  expect(from('a?', 'ArrowRight')).toBeUndefined();
  expect([from('a2', 'Home'), from('a2', 'End')]).toEqual(['a1', 'a?']);
  // The next series, where it is nearest; round at the ends.
  expect([from('a2', 'ArrowDown'), from('a1', 'ArrowDown')]).toEqual(['b2', 'b1']);
  expect([from('a1', 'ArrowUp'), from('c1', 'ArrowDown')]).toEqual(['c1', 'a2']);
  // From one without x to one without, where there is one: all are as far.
  expect(from('a?', 'ArrowDown')).toBe('b1');
  expect(from('a1', 'x')).toBeUndefined();
});

test('a line is drawn through its points and named where it was last seen', () => {
  const seen = line('seen', [
    [0, 0],
    [5, 50],
    [10, 100],
    [20, 100],
  ]);
  const gone = line('gone', [[20, 50]]);
  expect(pathOf(seen, scales)).toBe('M0.0,200.0L50.0,100.0L100.0,0.0L200.0,0.0');
  expect(endsOf([seen, gone], scales, view).map(({ line, px, py }) => [line.id, px, py])).toEqual([['seen', 100, 0]]);
});

test('names at the side stand apart, inside the drawing, and only those that are listed', () => {
  const ends = endsOf(
    [line('a', [[5, 0]]), line('b', [[5, 1]]), line('c', [[5, 50]], false), line('d', [[5, 60]])],
    scales,
    view,
  );
  expect(asideOf(ends, plot).map(({ line, at }) => [line.id, at])).toEqual([
    ['a', 196],
    ['b', 180],
    ['d', 80],
  ]);
});

test('names beside the ends of lines cover neither each other nor the axes, and one without room is left out', () => {
  const wide = { left: 0, top: 0, right: 400, bottom: 200 };
  const end = (id: string, px: number, py: number, listed = false) => ({ line: line(id, [], listed), px, py });
  const named = besideOf(
    [end('SNIP', 100, 50), end('planner', 120, 52), end('side', 10, 10, true), end('border', 390, 120)],
    wide,
  );
  expect(named.map(({ line, anchor }) => [line.id, anchor])).toEqual([
    ['SNIP', 'start'],
    ['planner', 'start'],
    ['border', 'end'],
  ]);
  const [snip, planner] = named;
  expect(Math.abs((snip?.y ?? 0) - (planner?.y ?? 0))).toBeGreaterThanOrEqual(14);
  const crowd = Array.from({ length: 9 }, (_, i) => end(`name${i}`, 200, 100));
  expect(besideOf(crowd, wide)).toHaveLength(6);
});
