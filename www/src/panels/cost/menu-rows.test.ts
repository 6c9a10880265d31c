import type { Protocol, Setting, Value } from '../../contract/core';
import { expect, test } from 'vitest';
import { chosenWith, percentOf, rowsOf, shareOf, typed } from './menu-rows';

const choice = (...options: [Value, string][]): Setting['kind'] => ({
  type: 'choice',
  options: options.map(([value, title]) => ({ value, title })),
});
const setting = (key: string, kind: Setting['kind'], more: Partial<Setting> = {}): Setting => ({
  key,
  title: key,
  about: '',
  of: 'terms',
  kind,
  default: null,
  knob: null,
  ...more,
});

const threads = setting('he_threads', { type: 'number', least: 1, most: 1024 }, { default: 1, knob: 'he_threads' });
const machine = setting('machine', choice(['epyc', 'EPYC 7502'], ['a100-80', 'A100, 80 GB'], ['h100', 'H100']), {
  default: 'epyc',
});
const activation = setting('activation', choice(['keep', 'keep'], ['identity', 'drop']), {
  of: 'activations',
  default: 'keep',
});
const factor = setting('machine_factor', { type: 'factor', most: 1000 }, { knob: 'machine_factor' });
const share = setting('activation_share', { type: 'share' }, { of: 'activations' });
const granularity = setting('granularity', choice(['pixel', 'pixel'], ['layer', 'layer']), {
  of: 'activations',
  default: 'pixel',
});
const novel = setting('batch_norm', choice([false, 'apart'], [true, 'folded']), { default: false });
const table = [threads, machine, activation, share, granularity, novel];

const none = { chosenTerms: {}, chosenActivations: {} };
const plain = { knobs: [], machines: [] };
const keys = (...asked: Parameters<typeof rowsOf>): string[] => rowsOf(...asked).map(({ setting: { key } }) => key);

test('a menu shows what the profile heeds, in the order of the table; what it has not heard of, too', () => {
  expect(keys(table, plain, none)).toEqual(['activation', 'batch_norm']);
  expect(keys(table, { knobs: ['he_threads'], machines: ['epyc'] }, none)).toEqual([
    'he_threads',
    'machine',
    'activation',
    'batch_norm',
  ]);
});

test('a share is offered where activations change, what it is kept by where some are kept', () => {
  const drop = { chosenTerms: {}, chosenActivations: { activation: 'identity' } };
  expect(keys(table, plain, drop)).toEqual(['activation', 'activation_share', 'batch_norm']);
  const some = { ...drop, chosenActivations: { ...drop.chosenActivations, activation_share: 0.125 } };
  expect(keys(table, plain, some)).toEqual(['activation', 'activation_share', 'granularity', 'batch_norm']);
});

test('machines are those of the profile; one that it has no times of stands for its first', () => {
  const gpu = { knobs: [], machines: ['h100', 'a100-80'] as const };
  const shown = (value: Record<string, Value>) =>
    rowsOf([machine], { ...gpu, machines: [...gpu.machines] }, { ...none, chosenTerms: value })[0];
  expect(shown({})?.options.map(({ title }) => title)).toEqual(['H100', 'A100, 80 GB']);
  expect(shown({})?.value).toBe('h100');
  expect(shown({ machine: 'a100-80' })?.value).toBe('a100-80');
});

test('a choice is held under its own key and part, and taken out where it is as always', () => {
  const set = { ...none, ...chosenWith(none, threads, 8) };
  expect(set).toEqual({ chosenTerms: { he_threads: 8 }, chosenActivations: {} });
  expect(rowsOf(table, { knobs: ['he_threads'], machines: [] }, set)[0]?.value).toBe(8);
  expect(rowsOf(table, { knobs: ['he_threads'], machines: [] }, none)[0]?.value).toBe(1);
  expect(chosenWith(set, threads, 1)).toEqual({ chosenTerms: {} });
  expect(chosenWith(set, activation, 'identity')).toEqual({ chosenActivations: { activation: 'identity' } });
  expect(chosenWith({ ...none, chosenActivations: { activation_share: 0.5 } }, share, 0)).toEqual({
    chosenActivations: {},
  });
  expect(chosenWith(none, novel, true)).toEqual({ chosenTerms: { batch_norm: true } });
});

test('a share is typed in per cent, with decimals, and held as a part', () => {
  expect(typed(share, 12.5)).toBe(0.125);
  expect(typed(share, 100)).toBe(1);
  expect(percentOf(0.125)).toBe(12.5);
  for (const percent of [0.1, 7, 12.5, 33.3, 99.9999])
    expect(percentOf(shareOf(percent)), `${percent} %`).toBe(percent);
  for (const bad of [-1, 100.1, Number.NaN]) expect(typed(share, bad)).toBeNull();
});

test('a number is whole and in its range', () => {
  expect(typed(threads, 1024)).toBe(1024);
  for (const bad of [0, 1025, 1.5, Number.NaN]) expect(typed(threads, bad)).toBeNull();
});

test('a price is a number of its own; without one nothing is set', () => {
  const price = setting('price_gb', { type: 'amount', most: 1e6 });
  expect(rowsOf([price], plain, none)[0]?.value).toBeNull();
  expect([0, 0.05, 1e6, -1, 2e6, NaN].map((n) => typed(price, n))).toEqual([0, 0.05, 1e6, null, null, null]);
  const set = chosenWith(none, price, 0.05);
  expect(set).toEqual({ chosenTerms: { price_gb: 0.05 } });
  expect(chosenWith({ ...none, ...set }, price, null)).toEqual({ chosenTerms: {} });
  // Nothing for a gigabyte is a price too.
  expect(chosenWith(none, price, 0)).toEqual({ chosenTerms: { price_gb: 0 } });
});

test('a factor is above 0, and 1 where nobody chooses', () => {
  const spu: Pick<Protocol, 'knobs' | 'machines'> = { knobs: ['machine_factor'], machines: [] };
  expect(rowsOf([factor], spu, none)[0]?.value).toBe(1);
  expect(rowsOf([factor], plain, none)).toEqual([]);
  expect(chosenWith(none, factor, 2.5)).toEqual({ chosenTerms: { machine_factor: 2.5 } });
  expect(chosenWith(none, factor, 1)).toEqual({ chosenTerms: {} });
  expect(typed(factor, 0.5)).toBe(0.5);
  for (const bad of [0, -1, 1001, Number.NaN]) expect(typed(factor, bad)).toBeNull();
});
