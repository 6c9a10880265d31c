/** What a form asks for as a command: the same on a machine of one's own, or as a folder for PyTorch. */
import type { Form } from '../../lib/train';
import { isGiven } from '../../lib/train';

/** Sets of torchvision, which the folder for PyTorch reads by itself. */
const READ_THERE: Partial<Record<NonNullable<Form['set']>, string>> = {
  'CIFAR-10': 'cifar10',
  'CIFAR-100': 'cifar100',
};

/** Methods that the folder for PyTorch has. */
export const sent = ({ methods }: Form): Form['methods'] => methods.filter((one) => one !== 'plan' && one !== 'nested');

/**
 * `reluctant train` of these budgets, seeds and epochs. In capitals stands what the person has as a file: their images, a
 * designed network as JSON, a trained one as ONNX.
 */
export function commandOf(
  form: Form,
  { budgets, seeds, epochs }: { budgets: readonly number[]; seeds: readonly number[]; epochs: readonly number[] },
): string {
  const { data, set, net, width, chosen, degree, channels } = form;
  const methods = sent(form);
  const named = typeof net === 'object';
  const of = isGiven(net) ? '--teacher NETWORK.onnx' : named ? '--net NETWORK.json' : `--net ${net}`;
  const [base = 0, search = 0, tune = 0] = epochs;
  return [
    'reluctant train',
    `--data ${data !== 'own' ? data : ((set && READ_THERE[set]) ?? 'FOLDER')}`,
    `${of}${named || net === 'digits-cnn' ? '' : ` --width ${width}`}`,
    `--method ${methods.join(',')}`,
    `--budget ${budgets.join(',')}`,
    `--seed ${seeds.join(',')}`,
    `--epochs ${base} --search-epochs ${search} --tune-epochs ${tune}`,
    ...(chosen === 'validation' ? [] : [`--chosen-on ${chosen}`]),
    ...(degree === 2 ? [] : [`--degree ${degree}`]),
    ...(channels ? ['--channels'] : []),
    '--pytorch pytorch',
  ].join(' ');
}
