/** Which of the published data sets a model is for, by the sizes of its input and output. */
import type { ModelInfo, Port } from '../contract/core';

/** Where none of the published points speak of the model: nothing is compared. */
export const NO_DATASET = 'none of these';

/** Image sides and classes; CIFAR-10 shares its sizes with other sets, which the person can say. */
const SIZES: readonly { name: string; sides: readonly number[]; classes: readonly number[] }[] = [
  { name: 'CIFAR-10', sides: [32], classes: [10] },
  { name: 'CIFAR-100', sides: [32], classes: [100] },
  { name: 'TinyImageNet', sides: [64], classes: [200] },
  { name: 'ImageNet', sides: [224, 227, 240, 256, 260, 288, 299, 300, 320, 380, 384, 456], classes: [1000, 1001] },
];

const sizes = (port: Port | undefined): readonly (number | string)[] => port?.shape ?? [];

export function datasetOf({ inputs, outputs }: Pick<ModelInfo, 'inputs' | 'outputs'>): string {
  const [, channels, height, width] = sizes(inputs[0]);
  const classes = sizes(outputs[0]).at(-1);
  if (inputs.length !== 1 || channels !== 3 || height !== width) return NO_DATASET;
  const fits = SIZES.find(
    (set) => set.sides.includes(Number(height)) && set.classes.includes(Number(classes)) && outputs.length > 0,
  );
  return fits?.name ?? NO_DATASET;
}
