import { expect, test } from 'vitest';
import type { Box } from './place';
import { beside } from './place';

const view = { width: 1280, height: 900 };
const card = { width: 360, height: 420 };

const over = (a: Box, b: Box): boolean =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

test('a card never covers its number and never leaves the window', () => {
  for (let left = 0; left <= 1200; left += 40) {
    for (let top = 0; top <= 860; top += 20) {
      for (const height of [20, 44]) {
        const anchor = { left, top, width: 80, height };
        const at = { ...beside(anchor, card, view), ...card };
        expect(over(at, anchor), `${left},${top}`).toBe(false);
        expect(at.left >= 0 && at.top >= 0 && at.left + at.width <= 1280 && at.top + at.height <= 900).toBe(true);
      }
    }
  }
});

test('beside a cell, under a headline', () => {
  expect(beside({ left: 100, top: 300, width: 80, height: 20 }, card, view)).toEqual({ left: 188, top: 300 });
  expect(beside({ left: 24, top: 60, width: 160, height: 44 }, card, view)).toEqual({ left: 24, top: 112 });
});
