/** Stages by what a network learns with the ReLUs of each alone: what is trained, and what came out. No state. */
import { exact } from './format';
import { wholes } from './wholes';

/** A network whose ReLUs are those of some stages: of all (null), of none, or of one alone. */
export interface Part {
  only: number[] | null;
  /** From 1; null: all, or none. */
  stage: number | null;
}

export const partsOf = (stages: number): Part[] => [
  { only: null, stage: null },
  { only: [], stage: null },
  ...Array.from({ length: stages }, (_, at) => ({ only: [at + 1], stage: at + 1 })),
];

/** What a run is told of, shares of the images that are right. */
interface Outcome {
  relus: number;
  test_accuracy: number;
  validation_accuracy: number;
}

/** A part over its seeds: shares of the images that are right. */
export interface PartTrained extends Part {
  relus: number;
  /** Mean on the held-out images: what stages are ranked by. */
  validation: number;
  /** On the test images. */
  test: number;
  least: number;
  most: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

export function partOf(part: Part, seeds: readonly Outcome[]): PartTrained {
  const tests = seeds.map(({ test_accuracy }) => test_accuracy);
  return {
    ...part,
    relus: seeds[0]?.relus ?? 0,
    validation: mean(seeds.map(({ validation_accuracy }) => validation_accuracy)),
    test: mean(tests),
    least: Math.min(...tests),
    most: Math.max(...tests),
  };
}

/** What it was measured on, in words that stay with the order. */
export function measuredOn(
  data: string,
  [train, , test]: readonly number[],
  net: string,
  seeds: readonly number[],
  epochs: number,
): string {
  const images = `${exact(train ?? 0)} to train on, ${exact(test ?? 0)} to test on`;
  return `ours, trained in this page on ${data} (${images}), ${net}, seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')}, epochs ${epochs}`;
}

/** What the equaliser is given: the order, whose it is and of which model, and as many stages as it ranks. */
export function equalised(order: readonly number[], orderFrom: string, blocks: string, orderOf = '') {
  const same = wholes(blocks).length === order.length;
  return { order: order.join(','), orderFrom, orderOf, ...(!same && { blocks: order.map(() => 2).join(',') }) };
}
