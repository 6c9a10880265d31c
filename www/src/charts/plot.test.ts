import { describe, expect, test } from 'vitest';
import type { Dot, Frame, Window } from './plot';
import { apart, beside, brushed, extent, scalesOf, zoomedWindow } from './plot';

const frame: Frame = { left: 50, top: 20, right: 450, bottom: 220 };
const whole: Window = { x: [1e3, 1e7], y: [60, 80] };
const log = { x: true, y: false };
const scales = scalesOf(whole, frame, log);

test('more lies to the right, better further up', () => {
  expect([scales.x(1e3), scales.x(1e5), scales.x(1e7)]).toEqual([50, 250, 450]);
  expect([scales.y(60), scales.y(70), scales.y(80)]).toEqual([220, 120, 20]);
});

describe('a drag', () => {
  const corners: [string, [number, number], [number, number]][] = [
    ['down and right', [150, 70], [350, 120]],
    ['up and left', [350, 120], [150, 70]],
    ['up and right', [150, 120], [350, 70]],
    ['down and left', [350, 70], [150, 120]],
  ];
  test.each(corners)('%s gives the same window, low before high', (_, [x0, y0], [x1, y1]) => {
    const window = brushed({ x: x0, y: y0 }, { x: x1, y: y1 }, scales);
    expect(window?.x[0]).toBeCloseTo(1e4, 6);
    expect(window?.x[1]).toBeCloseTo(1e6, 6);
    expect(window?.y[0]).toBeCloseTo(70, 9);
    expect(window?.y[1]).toBeCloseTo(75, 9);
  });

  test('that is short in one direction is none', () => {
    expect(brushed({ x: 100, y: 100 }, { x: 107, y: 200 }, scales)).toBeNull();
    expect(brushed({ x: 100, y: 100 }, { x: 200, y: 93 }, scales)).toBeNull();
    expect(brushed({ x: 100, y: 100 }, { x: 108, y: 92 }, scales)).not.toBeNull();
  });
});

describe('a zoom', () => {
  /** A quarter from the left, three quarters up. */
  const at = { x: 150, y: 70 };
  test('in keeps what is under the pointer where it is', () => {
    const to = zoomedWindow(whole, whole, 0.5, at, frame, log);
    expect(to?.y).toEqual([67.5, 77.5]);
    const after = scalesOf(to ?? whole, frame, log);
    expect(after.x(1e4)).toBeCloseTo(150, 6);
    expect(after.y(75)).toBeCloseTo(70, 6);
    // In logarithms: half of four decades.
    expect(Math.log10((to?.x[1] ?? 0) / (to?.x[0] ?? 1))).toBeCloseTo(2, 9);
  });

  test('out stops at everything, in at what can be told apart', () => {
    const near = zoomedWindow(whole, whole, 0.5, at, frame, log) ?? whole;
    // 75 is under the pointer: 7.5 below it and 2.5 above become a quarter more.
    expect(zoomedWindow(near, whole, 1.25, at, frame, log)?.y).toEqual([65.625, 78.125]);
    expect(zoomedWindow(near, whole, 2, at, frame, log)).toBeNull();
    expect(zoomedWindow({ ...whole, y: [70, 70.06] }, whole, 0.8, at, frame, log)).toBeUndefined();
  });
});

test('everything is in the first window, with room around it', () => {
  const dot = (x: number | null, y: number | null): Dot => ({
    id: `${x} ${y}`,
    x,
    y,
    series: '',
    mark: 'circle',
    colour: '',
    strong: true,
    fill: 'solid',
    name: '',
  });
  const { x, y } = extent([dot(10, 50), dot(1000, 70), dot(null, 60), dot(0, 65)], true);
  expect(x).toEqual([8, 1250]);
  expect(y[0]).toBeLessThan(50);
  expect(y[1]).toBeGreaterThan(70);
});

describe('labels of an axis', () => {
  const scale = scalesOf({ x: [1, 1e9], y: [0, 1] }, { left: 0, top: 0, right: 270, bottom: 100 }, log).x;
  const decades = Array.from({ length: 10 }, (_, i) => 10 ** i);

  test('all stay where there is room', () => {
    expect(apart(decades, scale, () => '1 k')).toEqual(decades);
  });

  test('long ones leave each other room, the last one stays', () => {
    const text = (value: number): string => `${value.toPrecision(3)} seconds`;
    const kept = apart(decades, scale, text);
    expect(kept.at(-1)).toBe(1e9);
    expect(kept.length).toBeGreaterThan(1);
    for (const [i, value] of kept.entries()) {
      const next = kept[i + 1];
      if (next === undefined) continue;
      const width = (of: number): number => text(of).length * 6.5;
      expect(scale(next) - scale(value)).toBeGreaterThanOrEqual((width(value) + width(next)) / 2);
    }
  });
});

test.each([
  [10, 100, 400, 22],
  [350, 100, 400, 238],
  [200, 340, 390, 50],
  [20, 340, 390, 32],
  [195, 390, 390, 0],
])('a box beside %d, %d wide, stays in %d', (at, size, width, left) => {
  expect(beside(at, size, width)).toBe(left);
  expect(beside(at, size, width) + size).toBeLessThanOrEqual(width);
});
