import type { LayerActivation, Score } from '../contract/core';
import { expect, it } from 'vitest';
import { CostColumns } from './cost-columns';
import { plannedCard, plannedScore } from './planned';

const activation = (kind: string, elements: number, comparisons: number): LayerActivation => ({
  kind,
  elements,
  rows: 0,
  row_length: 0,
  comparisons,
  folded: false,
});

/** Two ReLUs in one stage, a GELU and a pool in the other. */
function score(): Score {
  const layer = (index: number, stage: string, own: LayerActivation | null) => ({
    index,
    name: `n${index}`,
    stage,
    activation: own,
    products: 1,
    truncations: 2,
  });
  const layers = [
    layer(3, 'S1', activation('ReLU', 100, 100)),
    layer(4, 'S1', activation('ReLU', 60, 60)),
    layer(7, 'S2', activation('GELU', 10, 0)),
    layer(9, 'S2', activation('MaxPool', 5, 15)),
  ];
  const gelu = { nodes: 1, elements: 10 };
  const pool = { nodes: 1, elements: 5 };
  return {
    totals: {
      relu: { nodes: 2, elements: 160 },
      activations: { GELU: gelu, MaxPool: pool },
      comparisons: 175,
      products: 4,
      truncations: 8,
      macs: 1,
    },
    stages: [
      { name: 'S1', relu: { nodes: 2, elements: 160 }, activations: {} },
      { name: 'S2', relu: { nodes: 0, elements: 0 }, activations: { GELU: gelu, MaxPool: pool } },
    ],
    layers,
  } as unknown as Score;
}

/** As the core sends it: by field, then by row. */
const columns = (rows: readonly (readonly [index: number, replaced: number, scales: number, products: number])[]) =>
  new CostColumns({
    fields: ['index', 'replaced', 'scales', 'products'],
    values: Float64Array.from([0, 1, 2, 3].flatMap((field) => rows.map((row) => row[field] ?? Number.NaN))),
  });

it('is the network of the file where every activation stays', () => {
  const original = score();
  expect(plannedScore(original, columns([[3, 0, 0, 0]]))).toBe(original);
  expect(plannedScore(original, columns([[9, Number.NaN, Number.NaN, Number.NaN]]))).toBe(original);
});

it('takes what is replaced from layers, stages and totals alike', () => {
  const original = score();
  const before = JSON.stringify(original);
  const planned = plannedScore(
    original,
    columns([
      [3, 75, 75, 150],
      [4, 60, 0, 0],
      [7, 4, 4, 4],
      [9, Number.NaN, Number.NaN, Number.NaN],
    ]),
  );
  expect(planned.layers.map((layer) => layer.activation?.elements)).toEqual([25, 0, 6, 5]);
  expect(planned.layers.map((layer) => layer.activation?.comparisons)).toEqual([25, 0, 0, 15]);
  expect(planned.layers.map((layer) => layer.products)).toEqual([151, 1, 5, 1]);
  expect(planned.layers.map((layer) => layer.truncations)).toEqual([227, 2, 10, 2]);
  expect(planned.layers[0]?.marks).toEqual(['25 of 100 elements stay, by the plan']);
  expect(planned.totals).toMatchObject({
    relu: { nodes: 1, elements: 25 },
    activations: { GELU: { nodes: 1, elements: 6 }, MaxPool: { nodes: 1, elements: 5 } },
    comparisons: 40,
    products: 158,
    truncations: 241,
    macs: 1,
  });
  expect(planned.stages.map(({ relu, activations }) => [relu.elements, activations['GELU']?.elements])).toEqual([
    [25, undefined],
    [0, 6],
  ]);
  // What came in is as it was.
  expect(JSON.stringify(original)).toBe(before);
});

it('says what a plan made of a number', () => {
  const card = plannedCard({ title: 'ReLUs', unit: 'ReLUs' }, 1568, 392, [3]);
  expect(card).toMatchObject({ value: 392, with_values: '1,568 - 1,176 = 392', rows: [3] });
  expect(plannedCard({ title: 'Products', unit: 'Products' }, 4, 158, []).with_values).toBe('4 + 154 = 158');
});

it('takes the MACs of outputs that a plan drops', () => {
  const original = score();
  const conv = {
    ...original.layers[0],
    index: 1,
    stage: 'S1',
    activation: null,
    macs: 9 * 64,
    macs_valid: 500,
    truncations: 64,
  };
  const held = {
    ...original,
    totals: { ...original.totals, macs: 9 * 64 + 7, macs_valid: 507, truncations: 72 },
    stages: original.stages.map((stage) => ({ ...stage, macs: 9 * 64 })),
    layers: [conv, ...original.layers],
  } as unknown as Score;
  const rows = (kept: number) =>
    new CostColumns({ fields: ['index', 'linear', 'linear_kept'], values: Float64Array.from([1, 64, kept]) });
  const planned = plannedScore(held, rows(48));
  expect(planned.layers[0]).toMatchObject({ macs: 9 * 48, macs_valid: 9 * 48, truncations: 48 });
  expect(planned.totals).toMatchObject({ macs: 9 * 48 + 7, macs_valid: 9 * 48 + 7, truncations: 56 });
  expect(planned.stages.map(({ macs }) => macs)).toEqual([9 * 48, 9 * 64]);
  expect(plannedScore(held, rows(64))).toBe(held);
});
