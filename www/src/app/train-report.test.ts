/** What others wrote of a training is read back, or refused whole. */
import { expect, it } from 'vitest';
import { FIRST, marksOf, reportOf } from '../lib/train';
import { reportRead } from './train-report';

/** As train.py of a `--pytorch` folder wrote it: no seconds of bases, and what made it. */
const TORCH = {
  data: 'CIFAR-10',
  images: [270, 30, 60],
  relus: 1568,
  chosen_on: 'validation',
  bases: [0, 1].map((seed) => ({ seed, relus: 1568, test_accuracy: 0.99, validation_accuracy: 0.98 })),
  results: [0.986, 0.98].map((test_accuracy, seed) => ({
    method: 'autorep',
    budget: 78,
    seed,
    relus: 78,
    test_accuracy,
    accuracy_before_finetune: 0.97,
    validation_accuracy: 0.98,
    base_accuracy: 0.99,
    seconds: 4,
  })),
  made_by: 'PyTorch 2.15.0, 2 processes, cpu',
};

it('reads what PyTorch wrote as runs that ended', () => {
  const { training, madeBy } = reportRead(JSON.stringify(TORCH))!;
  expect(madeBy).toBe('PyTorch 2.15.0, 2 processes, cpu');
  expect(training.form).toMatchObject({ data: 'own', set: 'CIFAR-10' });
  const marks = marksOf(training.runs);
  expect(marks.map(({ method, relus, seeds }) => [method, relus, seeds])).toEqual([
    [null, 1568, 2],
    ['autorep', 78, 2],
  ]);
  expect(marks[1]?.mean).toBeCloseTo(98.3, 9);
});

it('reads its own report back: what it was trained on, and what chose its checkpoints', () => {
  for (const [data, set] of [
    ['digits', null],
    ['CIFAR-10', 'CIFAR-10'],
  ]) {
    const { training } = reportRead(JSON.stringify({ ...TORCH, data, chosen_on: 'test' }))!;
    expect(training.form).toMatchObject({ data: set ? 'own' : data, set, chosen: 'test' });
    const again = reportOf(training, []);
    expect(again).toMatchObject({ data, chosen_on: 'test' });
    expect(reportRead(JSON.stringify(again))?.training).toEqual(training);
  }
});

it('refuses what is no report', () => {
  const odd = [
    '',
    '[]',
    'null',
    '{}',
    JSON.stringify({ ...TORCH, bases: [], results: [] }),
    JSON.stringify({ ...TORCH, images: [1, 2] }),
    JSON.stringify({ ...TORCH, chosen_on: 'luck' }),
    JSON.stringify({ ...TORCH, results: [{ ...TORCH.results[0], test_accuracy: 98.6 }] }),
    JSON.stringify({ ...TORCH, results: [{ ...TORCH.results[0], method: 'magic' }] }),
    JSON.stringify({ ...TORCH, results: [TORCH.results[0], TORCH.results[0]] }),
    JSON.stringify({ form: FIRST, runs: [] }),
  ];
  for (const text of odd) expect(reportRead(text), text).toBeNull();
});
