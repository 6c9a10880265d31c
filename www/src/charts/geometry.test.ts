import { expect, test } from 'vitest';
import { axisMarks, endOf, placeOf } from './bins';
import * as fit from './fit';
import * as steps from './steps';

const curves = {
  x: [-2, -1, 0, 1, 2],
  exact: [0, 0, 0, 1, 2],
  // Leaves for infinity outside its range.
  approximate: [900, 0.25, 0.25, 1.5, -900],
  range: [-1, 1] as const,
};

test('a fit is measured where it was fitted, and drawn after the function', () => {
  const known = fit.measured(curves);
  expect(known).toMatchObject({ low: -2, high: 2, most: 0.5, inside: [false, true, true, true, false] });
  expect(known.errors).toEqual([900, 0.25, 0.25, 0.5, -902]);
  // From 0 to 2 with 6 % on both sides; the 900 is not in it.
  expect(known.span).toEqual([-0.12, 2.12]);
  // Nowhere inside: all of it counts.
  expect(fit.measured({ ...curves, range: [5, 6] }).most).toBe(902);
});

test('the axes of a fit: x across, values up, no error in the middle', () => {
  const known = fit.measured(curves);
  const width = 400;
  const { px, upper, lower } = fit.fitScales(known, width);
  expect([px(-2), px(2)]).toEqual([fit.LEFT, width - fit.RIGHT]);
  expect(upper(known.span[1])).toBeCloseTo(fit.TOP);
  expect(upper(known.span[0])).toBeCloseTo(fit.TOP + fit.UPPER);
  const middle = fit.TOP + fit.UPPER + fit.GAP + fit.LOWER / 2;
  expect(lower(0)).toBe(middle);
  expect(lower(1.1 * known.most)).toBeCloseTo(middle - fit.LOWER / 2);
  expect(lower(known.most)).toBeLessThan(lower(-known.most));
});

test('a curve far outside is clipped; zero is named where there is room', () => {
  const known = fit.measured(curves);
  const { px, upper } = fit.fitScales(known, 400);
  expect(fit.curve([-2, 2], [900, -900], px, upper)).toBe('M48.0,-2000.0L392.0,2000.0');
  expect(fit.marksOf(known, 400, px)).toEqual([-2, 2, 0]);
  const aside = fit.measured({ ...curves, x: [-0.1, 1, 2, 3, 4] });
  expect(fit.marksOf(aside, 400, fit.fitScales(aside, 400).px)).toEqual([-0.1, 4]);
});

test('steps stand evenly apart over zero; a single one in the middle', () => {
  const scales = steps.stepScales([0, 5, 10], 468);
  expect([0, 1, 2].map(scales.x)).toEqual([56, 256, 456]);
  expect(scales.y(0)).toBe(steps.HEIGHT - steps.FOOT);
  expect(scales.y(10.5)).toBeCloseTo(steps.TOP);
  expect(steps.stepsPath([0, 10.5], steps.stepScales([0, 10], 468))).toMatch(/^M56\.0,144\.0L456\.0,12\.0$/);
  expect(steps.stepScales([7], 468).x(0)).toBe(256);
  expect(steps.stepScales([0, 0], 468).y(0)).toBe(144);
});

test('the axis of a histogram: its ends, and zero where there is room', () => {
  const histogram = { low: -1, width: 0.5, counts: [1, 2, 3, 4] };
  expect(endOf(histogram)).toBe(1);
  expect([-1, 0, 1].map((value) => placeOf(histogram, value, 400))).toEqual([0, 200, 400]);
  expect(axisMarks(histogram, 400)).toEqual([
    { at: 0, text: '-1.00', anchor: 'start' },
    { at: 400, text: '1.00', anchor: 'end' },
    { at: 200, text: '0', anchor: 'middle' },
  ]);
  expect(axisMarks({ ...histogram, low: -0.25 }, 400)).toHaveLength(2);
  expect(placeOf({ low: 3, width: 1, counts: [] }, 3, 400)).toBe(0);
});
