import type { Effect, Phase } from '../../contract/core';
import { expect, test } from 'vitest';
import { estimate } from '../../lib/testing';
import type { Signed } from '../../lib/what-if';
import { MEASURES, signedOf } from '../../lib/what-if';
import { beforeOf, effectView, partOf, shareText, signedText } from './view';

const phase = (changes: Partial<Phase>): Phase => ({
  seconds: null,
  link_seconds: 0,
  bytes_up: 0,
  bytes_down: 0,
  bytes_between: 0,
  rounds: 0,
  ...changes,
});
/** No two figures alike, so that none stands for another. */
const before = estimate(
  {},
  {
    offline: phase({ seconds: [1, 10, 100], link_seconds: 3, rounds: 2 }),
    online: phase({ seconds: [2, 20, 200], link_seconds: 4, rounds: 40 }),
    bytes_total: 5000,
    client_storage_bytes: 600,
  },
);
const effect: Effect = {
  index: 7,
  change: 'poly2:public',
  elements: 16,
  difference: { bytes: -1250, offline_bytes: -1000, storage_bytes: -150, rounds: -8, link_seconds: 1.75, seconds: -6 },
  reason: null,
};

test('a saving has a minus, what costs more a plus', () => {
  expect(signedText('bytes', -1250)).toBe('\u22121.25\u00a0kB');
  expect(signedText('bytes', 295_000_000)).toBe('+295.0\u00a0MB');
  expect(signedText('seconds', -0.0031)).toBe('\u22123.10\u00a0ms');
  expect(signedText('link_seconds', 2)).toBe('+2.00\u00a0s');
  expect(signedText('rounds', -8)).toBe('\u22128');
  expect(signedText('rounds', 8)).toBe('+8');
  expect(signedText('storage_bytes', 0)).toBe('\u00b10');
});

test('each effect is of its own figure: the middle of a range, both phases, and the rounds online', () => {
  const figures: [Signed, number, number][] = [
    ['bytes', 5000, -1250],
    ['seconds', 30, -6],
    ['link_seconds', 7, 1.75],
    ['rounds', 40, -8],
    ['storage_bytes', 600, -150],
  ];
  expect(figures.map(([measure]) => measure)).toEqual([...MEASURES]);
  for (const [measure, whole, value] of figures) {
    expect([beforeOf(before, measure), signedOf(effect, measure)], measure).toEqual([whole, value]);
    expect(partOf(effect, before, measure), measure).toBe(value / whole);
  }
  expect([shareText(effect, before, 'rounds'), shareText(effect, before, 'link_seconds')]).toEqual([
    '\u221220\u00a0%',
    '+25\u00a0%',
  ]);
});

test('a card takes the network without the change from the one with it', () => {
  expect(effectView(effect, before, 'rounds', 'relu1', 'here').lines).toEqual([
    { formula: 'with the change, less without it', values: '32 \u2212 40 = \u22128' },
  ]);
  expect(effectView(effect, before, 'bytes', 'relu1', 'here').lines[0]?.values).toBe(
    '3.75\u00a0kB \u2212 5.00\u00a0kB = \u22121.25\u00a0kB',
  );
});

test('what is not known is part of nothing', () => {
  const unpriced: Effect = { ...effect, difference: null, reason: 'no formula' };
  expect([partOf(unpriced, before, 'bytes'), shareText(unpriced, before, 'bytes')]).toEqual([null, '']);
  const untimed = { ...before, online: phase({ link_seconds: 4 }) };
  expect([beforeOf(untimed, 'seconds'), partOf(effect, untimed, 'seconds')]).toEqual([null, null]);
});
