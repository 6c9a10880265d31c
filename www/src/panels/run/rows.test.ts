import type { FixedReport, Summary, ValueReport } from '../../contract/core';
import { expect, test } from 'vitest';
import type { Outcome } from '../../lib/run';
import { freeOf, listed, rowsOf } from './rows';

const summary: Summary = {
  count: 8,
  not_finite: 0,
  mean: 0,
  std: 1,
  min: -1,
  max: 1,
  zeros: 0,
  histogram: { low: -1, width: 1, counts: [4, 4] },
};
const value = (name: string, index: number | null, op: string | null): ValueReport => ({
  name,
  index,
  node: op && `${op}_${index}`,
  op,
  sample_shape: [4, 2, 3],
  channel_axis: 1,
  total: summary,
  channels: [],
});
const about = { engine: 'cpu', detail: 'fake', notes: [], largest_difference: null, fallback: null } as const;
const outcome: Outcome = {
  report: {
    schema: 'reluctant.run/1',
    model: 'm',
    engine: { ...about, notes: [] },
    samples: 2,
    slices: 1,
    seconds: 1,
    outputs: [],
    accuracy: null,
    top: [],
    layers: [
      { index: 2, node: 'Flatten_2', op: 'Flatten', seconds: 0.1, share: 0.1 },
      { index: 0, node: 'Conv_0', op: 'Conv', seconds: 0.9, share: 0.9 },
    ],
    notes: [],
  },
  stats: {
    schema: 'reluctant.stats/1',
    model: 'm',
    engine: { ...about, notes: [] },
    samples: 2,
    values: [value('x', null, null), value('a', 0, 'Conv'), value('b', 1, 'Relu')],
    activations: [
      { index: 1, node: 'Relu_1', op: 'Relu', input: 'a', output: 'b', channels: 4, dead: [1], always_on: [2, 3] },
    ],
    notes: [],
  },
};

test('times and statistics meet in one row a layer, in the order of the graph', () => {
  const rows = rowsOf(outcome, null);
  expect(rows.map(({ node, seconds, value }) => [node, seconds, value?.name])).toEqual([
    ['Conv_0', 0.9, 'a'],
    ['Relu_1', null, 'b'],
    ['Flatten_2', 0.1, undefined],
  ]);
  expect(rows[1]).toMatchObject({ colour: 'activation', before: { name: 'a' } });
});

test('what a ring does to a layer stands in its row', () => {
  const layer = {
    index: 1,
    node: 'Relu_1',
    op: 'Relu',
    wrapped: 0,
    bits: 20,
    rms_difference: 0.1,
    largest_difference: 0.5,
  };
  const fixed = { layers: [layer] } as unknown as FixedReport;
  expect(rowsOf(outcome, fixed).map(({ fixed }) => fixed?.bits)).toEqual([undefined, 20, undefined]);
});

test('what is free to remove is counted in elements', () => {
  // 24 elements over 4 channels: 6 each, three of them idle.
  expect(freeOf(outcome)).toEqual({ channels: 4, dead: 1, alwaysOn: 2, elements: 18, of: 24 });
});

test('neighbours are listed together', () => {
  expect(listed([])).toBe('');
  expect(listed([3, 17, 40, 41, 42, 50, 51])).toBe('3, 17, 40\u201342, 50, 51');
});
