import type { Layer } from '../../contract/core';
import { expect, test } from 'vitest';
import type { CountColumn } from './columns';
import { columns } from './columns';
import { filtered, inSight, searchable, sorted, sum } from './rows';

function layer(name: string, changes: Partial<Layer> = {}): Layer {
  return {
    index: 20,
    name,
    op: 'Conv',
    output: `${name}.out`,
    shape: [1],
    macs: 0,
    macs_valid: 0,
    params: 0,
    params_shared: 0,
    activation: null,
    average_pool: 0,
    truncations: 0,
    products: 0,
    adds: 0,
    bias: 0,
    batch_norm: 0,
    weight_bytes: 0,
    activation_bytes: 0,
    stage: 'S1',
    block: 1,
    status: 'counted',
    ...changes,
  };
}

const layers = [
  layer('conv10', { macs: 5, params: 7 }),
  layer('conv2', { index: 21, macs: 9, params: 7, params_shared: 7 }),
  layer('odd', { op: 'Mystery', macs: null, params: null, status: 'unknown', reason: 'no rule for Mystery' }),
  layer('relu', {
    index: 23,
    op: 'Relu',
    stage: 'S2',
    activation: { kind: 'ReLU', elements: 3, rows: 0, row_length: 0, comparisons: 3, folded: false },
  }),
];
const lines = searchable(layers);
const all = [0, 1, 2, 3];

function count(id: string): CountColumn {
  const column = columns.find((c) => c.id === id);
  if (column?.kind !== 'count') throw new Error(`${id} is no count`);
  return column;
}

test('every word of the filter must occur, in any field', () => {
  expect(filtered(layers, lines, '', null)).toEqual(all);
  expect(filtered(layers, lines, 'S1 CONV', null)).toEqual([0, 1]);
  expect(filtered(layers, lines, 'unknown', null)).toEqual([2]);
  expect(filtered(layers, lines, 'no rule', null)).toEqual([2]);
});

test('the rows of a card narrow the filter', () => {
  expect(filtered(layers, lines, 'conv', { label: '', rows: new Set([21, 23]) })).toEqual([1]);
});

test('numbers sort downwards with the unknown on top, text by its numbers', () => {
  const by = (id: string, down: boolean): readonly number[] =>
    sorted(
      all,
      layers,
      columns.find((c) => c.id === id),
      { column: id, down },
    );
  expect(by('macs', true)).toEqual([2, 1, 0, 3]);
  expect(by('macs', false)).toEqual([3, 0, 1, 2]);
  expect(by('name', true)).toEqual([1, 0, 2, 3]);
});

test('a shared weight adds to the sum once, an unknown row not at all', () => {
  expect(sum(count('params'), all, layers)).toBe(7);
  expect(sum(count('macs'), all, layers)).toBe(14);
  expect(sum(count('relu'), all, layers)).toBe(3);
});

test('an unknown row has no number, not zero', () => {
  const odd = layers[2] as Layer;
  for (const column of columns) {
    if (column.kind === 'count' && column.id !== 'activation_bytes') expect(column.value(odd), column.id).toBeNull();
  }
});

test('the rows in sight are few, and all of those that show', () => {
  expect(inSight(0, 320, 32, 100_000, 0)).toEqual({ from: 0, to: 10 });
  expect(inSight(3_199_700, 320, 32, 100_000, 0)).toEqual({ from: 99_990, to: 100_000 });
  expect(inSight(16, 320, 32, 100_000, 0)).toEqual({ from: 0, to: 11 });
  expect(inSight(9_999, 320, 32, 4, 0)).toEqual({ from: 4, to: 4 });
});
