/** What a measurement of heads says, and of what: over a core that the test plays. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { ExitCost, ExitPoint, ExitSweep, Score } from '../contract/core';

const { asks, sweep } = vi.hoisted(() => ({ asks: [] as { at: string[] }[], sweep: {} as ExitSweep }));

const outputs = [
  { name: 'features', shape: ['N', 8, 4, 4] },
  { name: 'end', shape: ['N', 10] },
  { name: 'exit', shape: ['N', 10] },
  { name: 'exit', shape: ['N', 10] },
];
const score = { model: { name: 'heads', inputs: [], outputs, weights: { missing_files: [] } }, layers: [] };
vi.mock('../worker/client', () => ({
  core: {
    call: async (verb: string) => {
      if (verb !== 'score') return new Promise(() => {});
      return { score: score as unknown as Score, memory: 1, opensUnder: [], link: null };
    },
    warm() {},
  },
}));
vi.mock('../worker/design-client', () => ({ designers: { call: () => new Promise(() => {}) } }));
vi.mock('../worker/run-client', () => ({
  runner: {
    call: async (verb: string, ask: { at: string[] }) => {
      if (verb !== 'heads') return null;
      asks.push(ask);
      return { sweep, search: null };
    },
    stop() {},
  },
}));

const { session } = await import('./session.svelte');
const { exiting, worthOf } = await import('./exits.svelte');
const settings = { protocols: ['semi2k'], link: 'lan' };

beforeEach(async () => {
  asks.length = 0;
  await session.openFiles([new File(['onnx'], 'heads.onnx')]);
});

const point = (bytes: number, accuracy: number | null, agreement: number, stay: number): ExitPoint => ({
  threshold: bytes,
  shares: [1 - stay, stay],
  reach: [1, stay],
  accuracy,
  agreement,
  secure: { bytes } as ExitCost,
});

it('names the cheapest threshold at which some leave, within a point of the end', () => {
  const points = [point(1, 0.5, 0.5, 0), point(2, 0.985, 0.97, 0.4), point(3, 0.99, 1, 0.9), point(4, 0.99, 1, 1)];
  expect(worthOf({ end_accuracy: 0.99, points })?.threshold).toBe(2);
  // Without labels: as often as the end's class.
  const unjudged = points.map((one) => ({ ...one, accuracy: null }));
  expect(worthOf({ end_accuracy: null, points: unjudged })?.threshold).toBe(3);
  // Where nobody leaves all are as right as the end: that is no threshold that is worth it.
  expect(worthOf({ end_accuracy: 0.99, points: points.filter((_, i) => i % 3 === 0) })).toBeNull();
});

it('measures to the end that was chosen, and says when something else is set since', async () => {
  expect([exiting.answers, exiting.end, exiting.heads]).toEqual([['end', 'exit'], 'end', ['exit']]);
  await exiting.measure(settings);
  expect(asks.at(-1)?.at).toEqual(['exit']);
  expect(exiting.measured).toMatchObject({ end: 'end', asked: exiting.asked(settings) });
  expect(exiting.measured?.asked).not.toBe(exiting.asked({ ...settings, link: 'wan' }));
  exiting.end = 'exit';
  expect(exiting.measured?.asked).not.toBe(exiting.asked(settings));
  await exiting.measure(settings);
  expect(asks.at(-1)?.at).toEqual(['end']);
  expect(exiting.measured).toMatchObject({ end: 'exit', asked: exiting.asked(settings) });
  exiting.budget = 3;
  expect(exiting.measured?.asked).not.toBe(exiting.asked(settings));
});

it('lists an output once that the file names twice', () => {
  expect(exiting.answers).toEqual(['end', 'exit']);
  expect(exiting.heads).toEqual(['exit']);
});
