/** What a link or an earlier visit says of a training is looked through; budgets and seeds are read as people write them. */
import { expect, it } from 'vitest';
import type { Form, Training } from './train';
import {
  FIRST,
  askOf,
  canBe,
  budgetsOf,
  formOf,
  marksOf,
  packed,
  passesOf,
  reportOf,
  runsOf,
  seedsOf,
  trainingOf,
  unpacked,
} from './train';

const outcome = (test: number) => ({ relus: 78, test, validation: 0.95, before: 0.9 });
const training: Training = {
  form: { ...FIRST, seeds: '0, 1' },
  relus: 1568,
  images: [1167, 130, 500],
  runs: [
    {
      method: null,
      budget: null,
      seed: 0,
      curve: [[0.123456, 0.95, 1568]],
      outcome: { ...outcome(0.99), relus: 1568, before: null },
      ended: null,
      seconds: 3,
    },
    {
      method: 'autorep',
      budget: 78,
      seed: 0,
      curve: [[0.5, 0.9, 100]],
      outcome: outcome(0.98),
      ended: null,
      seconds: 2,
    },
    { method: 'autorep', budget: 78, seed: 1, curve: [], outcome: null, ended: null, seconds: 0 },
  ],
};

it('reads budgets as ReLUs and shares, and says what it does not read', () => {
  expect(budgetsOf('25%, 78 5% 0;1568', 1568)).toEqual({ budgets: [392, 78, 0, 1568], odd: [] });
  expect(budgetsOf('1569, -3, x, 101%', 1568)).toEqual({ budgets: [], odd: ['1569', '-3', 'x', '101%'] });
  expect(seedsOf('0, 1,1 4294967296 a')).toEqual({ seeds: [0, 1], odd: ['4294967296', 'a'] });
});

it('gives a designed network the size and classes of the images', () => {
  const spec = { input: [3, 32, 32], classes: 100, stages: [], head: 'gap' } as never;
  const images = { shape: [1, 8, 8] as [number, number, number], classes: 10 };
  const { net, figures } = askOf({ ...FIRST, net: { name: 'mine', spec } }, images);
  expect(net).toMatchObject({ kind: 'spec', spec: { input: [1, 8, 8], classes: 10, head: 'gap' } });
  expect(figures).toBe(false);
  expect(askOf({ ...FIRST, net: 'resnet-1-1-1-1' }, images).net).toEqual({
    kind: 'resnet',
    blocks: [1, 1, 1, 1],
    width: 8,
  });
});

it('counts passes of all runs: three seeds, two budgets, SNL and a random mask', () => {
  // 3 x (40 + 2 x ((60 + 30) + (0 + 30))).
  const form: Form = { ...FIRST, methods: ['snl', 'random'] };
  expect(passesOf(form, [40, 60, 30], runsOf(form, [10, 20], [0, 1, 2], null))).toBe(840);
  // A given network is not trained first, and a plan of it is fine-tuned at its own number of ReLUs.
  const given: Form = { ...form, net: { name: 'mine', given: true }, methods: ['snl', 'plan'] };
  const runs = runsOf(given, [10, 20], [7], 15);
  expect(runs.map(({ method, budget }) => [method, budget])).toEqual([
    [null, null],
    ['snl', 10],
    ['snl', 20],
    ['plan', 15],
  ]);
  expect(passesOf(given, [40, 60, 30], runs)).toBe(2 * 90 + 30);
  expect(runsOf(given, [], [7], null)).toHaveLength(1);
});

it('sums runs up by method and budget', () => {
  const second = { ...training.runs[1]!, seed: 1, outcome: outcome(0.96) };
  const marks = marksOf([...training.runs, second]);
  expect(marks).toHaveLength(2);
  expect(marks[1]).toMatchObject({ method: 'autorep', relus: 78, seeds: 2, least: 96, most: 98 });
  expect(marks[1]?.mean).toBeCloseTo(97, 9);
});

it('reports as the command line does', () => {
  const { results, bases, ...rest } = reportOf(training, []);
  expect(rest).toEqual({ data: 'digits', images: [1167, 130, 500], relus: 1568, chosen_on: 'validation' });
  expect(bases).toEqual([{ seed: 0, relus: 1568, test_accuracy: 0.99, validation_accuracy: 0.95, seconds: 3 }]);
  expect(results).toEqual([
    {
      method: 'autorep',
      budget: 78,
      seed: 0,
      relus: 78,
      test_accuracy: 0.98,
      accuracy_before_finetune: 0.9,
      validation_accuracy: 0.95,
      base_accuracy: 0.99,
      seconds: 2,
    },
  ]);
});

it('goes into a link and comes back, without runs that did not end', () => {
  const back = unpacked(packed(training));
  expect(back?.form).toEqual(training.form);
  expect(back?.runs).toEqual([{ ...training.runs[0]!, curve: [[0.1235, 0.95, 1568]] }, training.runs[1]]);
});

it('takes nothing of another kind', () => {
  for (const text of ['', '{', 'null', '[]', '{"form":{}}']) expect(unpacked(text), text).toBeNull();
  const walk = (value: unknown, path: string[] = []): string[][] =>
    value !== null && typeof value === 'object'
      ? [path, ...Object.entries(value).flatMap(([key, field]) => walk(field, [...path, key]))]
      : [path];
  const whole = JSON.parse(JSON.stringify(training)) as Training;
  expect(trainingOf(whole)).toEqual(training);
  // A flag that is none is off, and a method that is none is left out.
  const free = /^form\.(channels|methods\.\d+)$/;
  for (const path of walk(whole).filter((path) => path.length > 0 && !free.test(path.join('.')))) {
    const changed = JSON.parse(JSON.stringify(training)) as Record<string, unknown>;
    const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, changed);
    parent[path.at(-1) ?? ''] = { other: 'kind' };
    expect(trainingOf(changed), path.join('.')).toBeNull();
  }
  expect(formOf({ ...FIRST, methods: ['magic'] })).toBeNull();
});

it('takes no link with runs twice, endless curves or shares above 1', () => {
  const [base, ...rest] = training.runs;
  const odd = (run: object): unknown => ({ ...training, runs: [{ ...base!, ...run }, ...rest] });
  expect(trainingOf(odd({}))).not.toBeNull();
  expect(trainingOf({ ...training, runs: [...training.runs, base] })).toBeNull();
  expect(trainingOf(odd({ curve: Array.from({ length: 20_000 }, () => [1, 0.5, 10]) }))).toBeNull();
  expect(trainingOf(odd({ curve: [[1, 1.5, 10]] }))).toBeNull();
  expect(trainingOf(odd({ outcome: { ...outcome(2), before: null } }))).toBeNull();
});

it('takes the word for a published set of arrays of one\u2019s own alone, where images can be it', () => {
  const own: Form = { ...FIRST, data: 'own', set: 'CIFAR-10' };
  expect(formOf(own)?.set).toBe('CIFAR-10');
  const odd = [{ set: 'MNIST' }, { set: {} }, { data: 'digits' }, { data: 'shapes' }];
  for (const part of odd) expect(formOf({ ...own, ...part }), JSON.stringify(part)).toBeNull();
  // A link of before there were sets.
  const { set: _, ...old } = FIRST;
  expect(formOf(old)).toEqual(FIRST);
  const shape = (side: number): [number, number, number] => [3, side, side];
  expect(canBe('CIFAR-10', { shape: shape(32), classes: 10 })).toBe(true);
  expect(canBe('CIFAR-10', { shape: shape(32), classes: 100 })).toBe(false);
  expect(canBe('CIFAR-100', { shape: shape(32), classes: 100 })).toBe(true);
  expect(canBe('TinyImageNet', { shape: shape(64), classes: 200 })).toBe(true);
  expect(canBe('TinyImageNet', { shape: shape(32), classes: 200 })).toBe(false);
});
