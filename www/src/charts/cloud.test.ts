import { describe, expect, it } from 'vitest';
import { Logs, axesOf, cover, covers, nearest, panned, splat, within } from './cloud';

const points = (x: number[], y: number[]) => ({ x: Float64Array.from(x), y: Float64Array.from(y), count: x.length });
const logsOf = (of: ReturnType<typeof points>): Logs => {
  const logs = new Logs();
  logs.take(of);
  return logs;
};
const WINDOW = { x: [1, 100], y: [1, 100] } as const;

describe('a cloud of points', () => {
  it('counts hits where the points fall', () => {
    // 10 is the middle of 1 to 100; 1,000 and what has no logarithm are not drawn.
    const logs = logsOf(points([10, 10, 1000, 0, Number.NaN], [10, 10, 10, 10, 10]));
    const hits = new Uint16Array(11 * 11);
    expect(splat(hits, [11, 11], logs, axesOf(WINDOW, 11, 11), 1, [0, 5])).toBe(2);
    expect([...hits].map((hit, at) => [hit, at]).filter(([hit]) => hit)).toEqual([[2, 5 * 11 + 5]]);
    const out = new Uint8ClampedArray(4 * 11);
    cover(hits, out, [55, 66], covers(0.5));
    expect([...out].filter((_, i) => i % 4 === 3)).toEqual([0, 0, 0, 0, 0, Math.round(255 * 0.75), 0, 0, 0, 0, 0]);
  });

  it('cuts squares at the edges and never runs over', () => {
    const logs = logsOf(points([1, 100], [100, 1]));
    const hits = new Uint16Array(10 * 10);
    expect(splat(hits, [10, 10], logs, axesOf(WINDOW, 10, 10), 4, [0, 2])).toBe(2);
    // A quarter of each square is inside.
    expect(hits.reduce((all, hit) => all + hit, 0)).toBe(8);
    expect([hits[0], hits[99]]).toEqual([1, 1]);
    const many = new Uint16Array(1).fill(255);
    splat(many, [1, 1], logsOf(points([10], [10])), axesOf(WINDOW, 1, 1), 1, [0, 1]);
    expect(many[0]).toBe(255);
  });

  it('finds the nearest as a scan does', () => {
    const random = (seed: number) => () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const next = random(7);
    const all = points(
      Array.from({ length: 500 }, () => 10 ** (2 * next())),
      Array.from({ length: 500 }, () => 10 ** (2 * next())),
    );
    const logs = logsOf(all);
    const axes = axesOf(WINDOW, 300, 200);
    for (let i = 0; i < 50; i++) {
      const at = { x: 300 * next(), y: 200 * next() };
      const far = (k: number) =>
        Math.hypot(150 * Math.log10(all.x[k]!) - at.x, 200 - 100 * Math.log10(all.y[k]!) - at.y);
      const best = Math.min(...Array.from({ length: 500 }, (_, k) => far(k)));
      const found = nearest(logs, axes, at, 1000);
      expect(far(found)).toBeCloseTo(best, 3);
      expect(nearest(logs, axes, at, best / 2)).toBe(-1);
    }
  });

  it('lists those of a window by rising x, the first ones only', () => {
    const all = points([5, 3, 9, 1, 7, 200], [2, 2, 2, 2, 50, 2]);
    expect(within(all, { x: [2, 10], y: [1, 10] }, 10)).toEqual({ count: 3, first: [1, 0, 2] });
    expect(within(all, { x: [1, 300], y: [1, 100] }, 2)).toEqual({ count: 6, first: [3, 1] });
  });

  it('keeps logarithms of what was there, and begins anew with other columns', () => {
    const logs = logsOf(points([1, 10], [1, 10]));
    logs.take(points([1, 10, 100], [1, 10, 100]));
    expect([logs.count, logs.x[2]]).toEqual([3, Math.fround(Math.log(100))]);
    expect(logs.whole.x[1]).toBeCloseTo(115);
    logs.take(points([4, 5], [6, 7]));
    expect([logs.count, logs.x[0]]).toEqual([2, Math.fround(Math.log(4))]);
    expect(logs.whole.y[1]).toBeCloseTo(7 * 1.15);
    expect(logsOf(points([], [])).whole).toEqual({ x: [1, 10], y: [1, 10] });
  });

  it('moves with the pointer', () => {
    const frame = { left: 0, top: 0, right: 200, bottom: 100 };
    const { x, y } = panned(WINDOW, { x: 100, y: 50 }, frame);
    // Half a width to the right: what was at 1 is now in the middle.
    [x[0], x[1], y[0], y[1]].forEach((value, i) => expect(value).toBeCloseTo([0.1, 10, 10, 1000][i]!));
  });
});
