import { describe, expect, test } from 'vitest';
import type { Dot, Frame, Window } from './plot';
import { brushed, extent, scalesOf, zoomedWindow } from './plot';

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
