/** What is stored comes from anyone who shares the origin: what does not fit is nothing, never an exception. */
import { expect, it } from 'vitest';
import type { Result } from '../run.svelte';
import { packed, unpacked } from './result';
import { sessionOf } from './store';

const source = { kind: 'link', key: 1, text: '#r1=x' } as const;
const summary = {
  count: 2,
  not_finite: 0,
  mean: 0.5,
  std: null,
  min: 0,
  max: 1,
  zeros: 0.5,
  histogram: { low: 0, width: 1, counts: [1, 1] },
};
const engine = { engine: 'cpu', detail: 'one thread', notes: [], largest_difference: null, fallback: null };
const result = {
  report: {
    schema: 'reluctant.run/1',
    model: 'a.onnx',
    engine,
    samples: 2,
    slices: 1,
    seconds: 0.1,
    outputs: [],
    accuracy: null,
    top: [[{ class: 3, score: 1 }]],
    layers: [{ index: 0, node: 'conv', op: 'Conv', seconds: 0.1, share: 1 }],
    notes: [],
  },
  stats: {
    schema: 'reluctant.stats/1',
    model: 'a.onnx',
    engine,
    samples: 2,
    values: [
      {
        name: 'y',
        index: 0,
        node: 'conv',
        op: 'Conv',
        sample_shape: [2],
        channel_axis: 1,
        total: summary,
        channels: [],
      },
    ],
    activations: [],
    notes: [],
  },
  memory: 1,
  coreMemory: 2,
  from: 'mine.npz',
  classes: ['cat'],
  thumbnails: [{ secret: 'pixels' }],
  labels: [3, 3],
  fixed: null,
  ask: null,
  source,
} as unknown as Result;

it('keeps what a run said, without samples, labels or pictures', () => {
  const text = packed(result) ?? '';
  expect(text).not.toContain('pixels');
  const back = unpacked(text, source);
  expect(back?.stats).toEqual(result.stats);
  expect(back).toMatchObject({
    from: 'mine.npz',
    ask: null,
    labels: null,
    thumbnails: [],
    report: { seconds: 0.1, top: [] },
  });
});

it('refuses a run in which any field is of another kind', () => {
  const walk = (value: unknown, path: string[] = []): string[][] =>
    value !== null && typeof value === 'object'
      ? [path, ...Object.entries(value).flatMap(([key, field]) => walk(field, [...path, key]))]
      : [path];
  // What the panels never read may be anything.
  const free = /^(stats\.(schema|model)|report\.outputs.*)$/;
  const text = packed(result) ?? '';
  const paths = walk(JSON.parse(text)).filter((path) => path.length > 0 && !free.test(path.join('.')));
  expect(paths.length).toBeGreaterThan(40);
  for (const path of paths) {
    const changed = JSON.parse(text) as Record<string, unknown>;
    const last = path.at(-1) ?? '';
    const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, changed);
    parent[last] = { other: 'kind' };
    expect(unpacked(JSON.stringify(changed), source), path.join('.')).toBeNull();
  }
  for (const nonsense of ['', 'null', '[]', '{', '{"report":1}']) expect(unpacked(nonsense, source)).toBeNull();
});

it('reads a session, and leaves out of it what does not fit', () => {
  const session = { at: 5, link: '#r1=abc', model: { kind: 'example', id: 'resnet', set: { batch: '4' } }, run: null };
  expect(sessionOf({ ...session, past: [[['plan.wish', '{}'], ['odd']], 7], future: 'none' })).toEqual({
    ...session,
    past: [[['plan.wish', '{}']]],
    future: [],
  });
  expect(sessionOf({ ...session, model: { kind: 'example', id: 3, set: {} } })?.model).toBeNull();
  expect(sessionOf({ ...session, model: { kind: 'files', set: { a: 1 } } })?.model).toBeNull();
  for (const nonsense of [null, 7, 'x', [], {}, { ...session, at: Number.NaN }, { ...session, link: '#/score' }])
    expect(sessionOf(nonsense)).toBeNull();
});
