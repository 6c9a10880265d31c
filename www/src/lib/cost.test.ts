import { expect, test } from 'vitest';
import type { CardLine, Cause, CostCard, PhaseName } from '../contract/core';
import { CostColumns } from './cost-columns';
import { figureOf, rowView, totalView, underOf } from './cost-view';
import { against, findingOf, partsOf, said } from './findings';
import { change, range, seconds, significant } from './format';
import { percents } from './shares';
import { estimate } from './testing';
import { typedRow, workRow } from './typed-rows';

test('shares add up to 100 whatever they are', () => {
  expect(percents([1, 1, 1])).toEqual([34, 33, 33]);
  expect(percents([0, 0])).toEqual([0, 0]);
  expect(percents([0.999, 0.0005, 0.0005])).toEqual([100, 0, 0]);
  for (let n = 1; n < 40; n++) {
    const parts = Array.from({ length: 4 }, (_, i) => ((n * (i + 7)) % 11) + i);
    expect(percents(parts).reduce((a, b) => a + b)).toBe(100);
  }
});

test('three figures, a range only where it says something, signs always', () => {
  expect(significant(330.1)).toBe('330');
  expect(significant(14.09)).toBe('14.1');
  expect(significant(0.05163)).toBe('0.0516');
  expect(significant(12_345)).toBe('12,300');
  expect(significant(999.6)).toBe('1,000');
  expect(seconds(0.05163)).toBe('51.6\u00a0ms');
  expect(range([315, 330, 350])).toBe('[315\u2013350]');
  expect(range([2, 2, 2])).toBe('');
  expect(change(100, 226)).toBe('+126\u00a0%');
  expect(change(100, 69)).toBe('\u221231\u00a0%');
  expect(change(100, 100)).toBe('\u00b10\u00a0%');
  expect(change(0, 5)).toBeNull();
});

test('each phase has its own sentence and its own parts, which are never mixed', () => {
  const part = (phase: PhaseName, cause: Cause, seconds: number | null, link_seconds: number, bytes: number) => ({
    phase,
    cause,
    seconds,
    link_seconds,
    bytes,
    rounds: 0,
  });
  const one = estimate(
    {},
    {
      causes: [
        part('offline', 'linear', 87, 1, 10),
        part('offline', 'relu', 13, 9, 90),
        part('online', 'relu', 4, 3, 5),
      ],
      findings: [
        {
          phase: 'online',
          cause: 'relu',
          share: 1,
          of: 'time',
          seconds: 4,
          bytes: 5,
          at_least: false,
          text: 'Online 4 s: x.',
        },
      ],
    },
  );
  expect(partsOf(one, 'offline', 'time').map(({ cause, share }) => [cause, share])).toEqual([
    ['linear', 87],
    ['relu', 13],
  ]);
  expect(partsOf(one, 'offline', 'bytes').map(({ cause, share }) => [cause, share])).toEqual([
    ['relu', 90],
    ['linear', 10],
  ]);
  expect(partsOf(one, 'online', 'time')).toEqual([{ cause: 'relu', amount: 4, share: 100 }]);
  // Without a compute time, what is known is the link's.
  const untimed = estimate({}, { causes: [part('online', 'relu', null, 3, 5), part('online', 'linear', null, 0, 5)] });
  expect(partsOf(untimed, 'online', 'time')).toEqual([{ cause: 'relu', amount: 3, share: 100 }]);
  expect(findingOf(one, 'online')?.text).toBe('Online 4 s: x.');
  expect(findingOf(one, 'offline')).toBeUndefined();
});

test('figures stay on one line with their units, words do not', () => {
  expect(said('Online 15.8 s: sending 1.23 GB is 61 %, waiting for 7 rounds of 40.0 ms, 4 such layers')).toBe(
    'Online 15.8\u00a0s: sending 1.23\u00a0GB is 61\u00a0%, waiting for 7\u00a0rounds of 40.0\u00a0ms, 4 such layers',
  );
});

test('a change that costs more says so', () => {
  expect(against(estimate({}), estimate({}, { bytes_total: 15 }))).toBe(
    'offline \u00b10\u00a0%, online \u00b10\u00a0%, traffic +150\u00a0%',
  );
});

const columns = new CostColumns({
  fields: ['index', 'bytes', 'status'],
  values: Float64Array.from([0, 3, 7, 10, Number.NaN, 20, 1, 3, 0]),
});

test('a row without a price is null, a row that is not there is free', () => {
  expect([0, 3, 7].map((index) => columns.value('bytes', index))).toEqual([10, null, 20]);
  expect([0, 3, 7].map((index) => columns.status(index))).toEqual(['measured', 'not-supported', 'validated']);
  expect([columns.has(3), columns.has(1)]).toEqual([true, false]);
  expect(columns.value('seconds', 0)).toBeNull();
});

test('a total lists the rows that sum to it, the dearest first', () => {
  const view = totalView(estimate({}, { bytes_total: 30 }), columns, 'bytes', 'here');
  expect(view.rows).toEqual([7, 0]);
  expect(view.lines[0]?.values).toBe('20\u00a0B + 10\u00a0B = 30\u00a0B');
});

test('a row shows the lines of its figure, and the others behind it', () => {
  const line = (figure: CardLine['figure'], label: string): CardLine => ({
    figure,
    label,
    formula: 'relu x elements',
    values: '144 x 2 = 288 B',
    constants: ['relu'],
  });
  const card = {
    title: '',
    lines: [line('bytes', 'up'), line('online', 'bytes on the line'), line('setup', 'bytes, once')],
    constants: [],
    leaves_out: '',
    status: null,
    missing: [],
    cost: { ...estimate({}), homomorphic: null },
  } as unknown as CostCard;
  const view = rowView(card, 'bytes', 'conv1', 'here');
  expect(view.lines).toEqual([{ formula: 'up = relu x elements', values: '144 x 2 = 288 B', constants: ['relu'] }]);
  expect(view.others.map(({ formula }) => formula)).toEqual([
    'bytes on the line = relu x elements',
    'bytes, once = relu x elements',
  ]);
});

test('without compute time a figure is link time, and says so', () => {
  expect(figureOf(estimate({}), 'online')).toEqual({ value: 4, range: null, linkOnly: true });
  expect(figureOf(estimate({}), 'offline')).toEqual({ value: 2, range: [1, 2, 3], linkOnly: false });
});

test('under what an estimate was made: each number beside its own name, a share with its decimals', () => {
  const { settings } = estimate({});
  const made = estimate(
    {},
    {
      settings: {
        ...settings,
        he_threads: 3,
        gc_threads: 8,
        activation: 'identity',
        activation_share: 0.125,
        granularity: 'layer',
      },
    },
  );
  const text = underOf(made, { title: 'P', knobs: ['he_threads', 'gc_threads', 'novel'], machines: [] });
  expect(text).toContain(
    '; HE on 3\u00a0threads; circuits on 8\u00a0threads; activations: identity, 12.5 % kept by layer',
  );
});

test('a typed convolution keeps its size at stride 1 and halves it at stride 2', () => {
  const row = typedRow(1, 'conv');
  expect(workRow(row, 0).work[0]).toMatchObject({
    output: [32, 32],
    pads: [
      [1, 1],
      [1, 1],
    ],
  });
  const strided = { ...row, values: { ...row.values, h: 224, w: 224, k: 7, s: 2 } };
  expect(workRow(strided, 0).work[0]).toMatchObject({
    output: [112, 112],
    pads: [
      [2, 3],
      [2, 3],
    ],
  });
});
