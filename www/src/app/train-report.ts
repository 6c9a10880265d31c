/** Results that the command line or PyTorch wrote, read back as runs without curves. Nothing of a file is trusted. */
import type { Training } from '../lib/train';
import { DATA, FIRST, SET_NAMES, trainingOf } from '../lib/train';

/** Longest name of what made a report. */
const LONGEST = 200;

type Fields = Record<string, unknown>;
const list = (value: unknown): Fields[] =>
  Array.isArray(value) ? value.filter((one): one is Fields => typeof one === 'object' && one !== null) : [];

/**
 * What `reluctant train --json` printed, or train.py of a `--pytorch` folder wrote, and what made it; null where it is none. Of its
 * settings only what it was trained on and what chose its checkpoints are in it: the form says no more.
 */
export function reportRead(text: string): { training: Training; madeBy: string } | null {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof report !== 'object' || report === null) return null;
  const { data, images, relus, bases, results, chosen_on, made_by } = report as Fields;
  const outcome = (one: Fields, before: unknown) => ({
    relus: one['relus'],
    test: one['test_accuracy'],
    validation: one['validation_accuracy'],
    before,
  });
  const common = ({ seed, seconds }: Fields) => ({ seed, curve: [], ended: null, seconds: seconds ?? 0 });
  const runs = [
    ...list(bases).map((one) => ({ ...common(one), method: null, budget: null, outcome: outcome(one, null) })),
    ...list(results).map((one) => ({
      ...common(one),
      method: one['method'],
      budget: one['budget'],
      outcome: outcome(one, one['accuracy_before_finetune'] ?? null),
    })),
  ];
  const form = {
    ...FIRST,
    data: DATA.find((name) => name === data) ?? 'own',
    set: SET_NAMES.find((name) => name === data) ?? null,
    chosen: chosen_on,
  };
  const training = trainingOf({ form, relus, images, runs });
  if (!training || training.runs.length === 0) return null;
  return { training, madeBy: typeof made_by === 'string' ? made_by.slice(0, LONGEST) : 'reluctant train or this page' };
}
