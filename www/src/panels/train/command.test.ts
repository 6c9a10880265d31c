/** A form as the command that does the same. */
import { expect, it } from 'vitest';
import type { Form } from '../../lib/train';
import { FIRST } from '../../lib/train';
import { commandOf } from './command';

const asked = { budgets: [392, 78], seeds: [0, 1], epochs: [40, 60, 30] };
const of = (part: Partial<Form>): string => commandOf({ ...FIRST, ...part }, asked);

it('names what is asked for', () => {
  expect(of({})).toBe(
    'reluctant train --data digits --net digits-cnn --method autorep --budget 392,78 --seed 0,1 --epochs 40 --search-epochs 60 --tune-epochs 30 --pytorch pytorch',
  );
  const other = of({ data: 'shapes', net: 'resnet-2-2-2-2', width: 4, chosen: 'test', degree: 0, channels: true });
  expect(other).toContain('--data shapes --net resnet-2-2-2-2 --width 4');
  expect(other).toContain('--chosen-on test --degree 0 --channels --pytorch');
});

it('leaves the place of files open, and reads sets of torchvision by name', () => {
  expect(of({ data: 'own' })).toContain('--data FOLDER');
  expect(of({ data: 'own', set: 'CIFAR-100' })).toContain('--data cifar100');
  expect(of({ data: 'own', set: 'TinyImageNet' })).toContain('--data FOLDER');
  expect(of({ net: { name: 'a', given: true }, methods: ['snl', 'plan', 'nested'] })).toContain(
    '--teacher NETWORK.onnx --method snl ',
  );
  expect(of({ net: { name: 'a b; rm', spec: {} as never } })).toContain('--net NETWORK.json');
});
