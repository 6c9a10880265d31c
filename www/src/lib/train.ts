/** What is trained, as a person asks for it, and what came out: read, written, and summed up. No state. */
import type { Spec, TrainMethod, Trained, TrainingAsk } from '../contract/core';
import { TRAIN_METHODS } from '../contract/core';

export const NETS = ['digits-cnn', 'resnet-1-1-1-1', 'resnet-2-2-2-2'] as const;
export const CHOSEN = ['validation', 'test', 'last'] as const;
/** Runs at once, at most: a slip of the keyboard shall not ask for a year. */
export const MOST_RUNS = 200;

export const DATA = ['digits', 'shapes', 'own'] as const;

/** A trained network of Replace: its file stays with the page, and goes into no link. */
export interface GivenNet {
  name: string;
  given: true;
}

/**
 * Sets that published points are of, and what their images are. A person says that arrays are one of them; that much of it is
 * checked. 50,000 and 10,000 images of CIFAR (Krizhevsky, 2009), 100,000 and 10,000 with labels of Tiny ImageNet.
 */
export const SETS = {
  'CIFAR-10': { shape: [3, 32, 32], classes: 10, test: 10_000 },
  'CIFAR-100': { shape: [3, 32, 32], classes: 100, test: 10_000 },
  TinyImageNet: { shape: [3, 64, 64], classes: 200, test: 10_000 },
} as const;
export type PublishedSet = keyof typeof SETS;
export const SET_NAMES = Object.keys(SETS) as PublishedSet[];

/** Whether images can be the set that a person says they are. */
export const canBe = (set: PublishedSet, { shape, classes }: Shape): boolean =>
  SETS[set].shape.join() === shape.join() && SETS[set].classes === classes;

export interface Form {
  /** `own`: a person's arrays, which go into no link. */
  data: (typeof DATA)[number];
  /** What a person says that arrays of their own are. */
  set: PublishedSet | null;
  net: (typeof NETS)[number] | { name: string; spec: Spec } | GivenNet;
  /** Channels of a ResNet's first stage. */
  width: number;
  methods: readonly TrainMethod[];
  /** ReLUs that stay, or shares of all: `5%, 392`. */
  budgets: string;
  seeds: string;
  /** Of the network with all ReLUs, of a search, of fine-tuning; null: the method's own. */
  epochs: readonly [number | null, number | null, number | null];
  chosen: (typeof CHOSEN)[number];
  /** AutoReP's. */
  degree: 0 | 1 | 2;
  channels: boolean;
}

export const FIRST: Form = {
  data: 'digits',
  set: null,
  net: 'digits-cnn',
  width: 8,
  methods: ['autorep'],
  budgets: '25%, 5%, 0',
  seeds: '0',
  epochs: [null, null, null],
  chosen: 'validation',
  degree: 2,
  channels: false,
};

export const isGiven = (net: Form['net']): net is GivenNet => typeof net === 'object' && 'given' in net;

/** Channels, height and width, and classes of images. */
export interface Shape {
  shape: [number, number, number];
  classes: number;
}

/** What the core is asked for a network that reads these images; a designed one is given their size and classes. */
export function askOf(form: Form, { shape, classes }: Shape): TrainingAsk {
  const { net, width } = form;
  const blocks = net === 'resnet-1-1-1-1' ? 1 : 2;
  return {
    shape,
    classes,
    figures: form.data === 'shapes',
    net: isGiven(net)
      ? { kind: 'given' }
      : typeof net === 'object'
        ? { kind: 'spec', spec: { ...net.spec, input: shape, classes } }
        : net === 'digits-cnn'
          ? { kind: net }
          : { kind: 'resnet', blocks: [blocks, blocks, blocks, blocks], width },
    epochs: [...form.epochs],
    chosen_on: form.chosen,
    degree: form.degree,
    channels: form.channels,
    only: null,
  };
}

/** Budgets in ReLUs, each once; what cannot be read, or is more than there are, in `odd`. */
export function budgetsOf(text: string, all: number): { budgets: number[]; odd: string[] } {
  const found = new Set<number>();
  const odd: string[] = [];
  for (const part of text.split(/[\s,;]+/).filter((part) => part !== '')) {
    const share = /^(\d+(?:\.\d+)?)%$/.exec(part);
    const value = share ? Math.round((Number(share[1]) / 100) * all) : /^\d+$/.test(part) ? Number(part) : Number.NaN;
    if (value >= 0 && value <= all) found.add(value);
    else odd.push(part);
  }
  return { budgets: [...found], odd };
}

/** Seeds, each once: whole numbers from 0. */
export function seedsOf(text: string): { seeds: number[]; odd: string[] } {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const fits = (part: string): boolean => /^\d+$/.test(part) && Number(part) < 2 ** 32;
  return { seeds: [...new Set(parts.filter(fits).map(Number))], odd: parts.filter((part) => !fits(part)) };
}

/** A run by what it is to be. */
export type RunName = Pick<RunState, 'method' | 'budget' | 'seed'>;

/** What a form asks for: of each seed the network with all ReLUs, then the methods at each budget; a plan as it is, keeping `held`. */
export function runsOf(
  { methods }: Form,
  budgets: readonly number[],
  seeds: readonly number[],
  held: number | null,
): RunName[] {
  const at = (method: TrainMethod): readonly number[] => (method !== 'plan' ? budgets : held === null ? [] : [held]);
  return seeds.flatMap((seed) => [
    { method: null, budget: null, seed },
    ...methods.flatMap((method) => at(method).map((budget) => ({ method, budget, seed }))),
  ]);
}

/** An epoch that ended: mean loss, validation accuracy, ReLUs. */
export type Point = readonly [loss: number, validation: number, relus: number];

export interface RunOutcome {
  relus: number;
  test: number;
  validation: number;
  /** Before fine-tuning; null where there is none. */
  before: number | null;
}

/** One run: the network with all ReLUs (no method, no budget), or a method. */
export interface RunState {
  method: TrainMethod | null;
  budget: number | null;
  seed: number;
  curve: readonly Point[];
  outcome: RunOutcome | null;
  /** Why it goes on no more without an outcome. */
  ended: 'cancelled' | 'failed' | null;
  seconds: number;
}

/** A training as it is kept and sent. */
export interface Training {
  form: Form;
  relus: number;
  images: [number, number, number];
  runs: readonly RunState[];
}

export const nameOf = ({ method, budget, seed }: RunName): string =>
  method === null ? `all ReLUs, seed ${seed}` : `${method} to ${budget}, seed ${seed}`;

/** As `reluctant train --json` prints it; arrays that are said to be a published set go by its name. */
export function reportOf({ form, relus, images, runs }: Training, paired: NonNullable<Trained['paired']>): Trained {
  const bases = runs.flatMap(({ method, seed, outcome, seconds }) =>
    method === null && outcome
      ? [{ seed, relus: outcome.relus, test_accuracy: outcome.test, validation_accuracy: outcome.validation, seconds }]
      : [],
  );
  const results = runs.flatMap(({ method, budget, seed, outcome, seconds }) => {
    const base = bases.find((one) => one.seed === seed);
    if (method === null || budget === null || !outcome || !base) return [];
    return [
      {
        method,
        budget,
        seed,
        relus: outcome.relus,
        test_accuracy: outcome.test,
        accuracy_before_finetune: outcome.before ?? base.test_accuracy,
        validation_accuracy: outcome.validation,
        base_accuracy: base.test_accuracy,
        seconds,
      },
    ];
  });
  const { data, set, chosen } = form;
  // Nothing is said of pairs where there are none.
  const report: Omit<Trained, 'paired'> = { data: set ?? data, images, relus, chosen_on: chosen, bases, results };
  return (paired.length > 0 ? { ...report, paired } : report) as Trained;
}

/** A method at a budget over its seeds: per cents on the test images. */
export interface Mark {
  method: TrainMethod | null;
  budget: number | null;
  relus: number;
  mean: number;
  least: number;
  most: number;
  seeds: number;
}

type Ended = Pick<RunState, 'method' | 'budget' | 'outcome'>;

export function marksOf(runs: readonly Ended[]): Mark[] {
  const groups = new Map<string, Ended[]>();
  for (const run of runs.filter(({ outcome }) => outcome !== null)) {
    const key = `${run.method}|${run.budget}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map((group) => {
    const found = group.map(({ outcome }) => 100 * (outcome?.test ?? 0));
    return {
      method: group[0]?.method ?? null,
      budget: group[0]?.budget ?? null,
      relus: group[0]?.outcome?.relus ?? 0,
      mean: found.reduce((sum, one) => sum + one, 0) / found.length,
      least: Math.min(...found),
      most: Math.max(...found),
      seeds: found.length,
    };
  });
}

type Fields = Record<string, unknown>;
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isWhole = (value: unknown): value is number => isNumber(value) && Number.isInteger(value) && value >= 0;
const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;
const one = <T>(all: readonly T[], value: unknown): T | undefined => all.find((known) => known === value);

/** Settings of a link or of an earlier visit; null where they are none. */
export function formOf(value: unknown): Form | null {
  if (!isRecord(value)) return null;
  const { net, width, methods, budgets, seeds, epochs, channels } = value;
  const data = one(DATA, value['data']);
  const set = value['set'] == null ? null : one(SET_NAMES, value['set']);
  const chosen = one(CHOSEN, value['chosen']);
  const degree = one([0, 1, 2] as const, value['degree']);
  const known = one(NETS, net);
  // A spec is the core's to check: here it is a plain object of some size.
  const designed = isRecord(net) && isText(net['name'], 200) && isRecord(net['spec']) ? net : null;
  const own = designed ? { name: String(designed['name']), spec: designed['spec'] as unknown as Spec } : null;
  const given = isRecord(net) && isText(net['name'], 200) && net['given'] === true ? net['name'] : null;
  const picked = Array.isArray(methods) ? TRAIN_METHODS.filter((method) => methods.includes(method)) : [];
  const counts =
    Array.isArray(epochs) && epochs.length === 3 && epochs.every((n) => n === null || isWhole(n)) ? epochs : null;
  const chosenNet = known ?? own ?? (given === null ? null : { name: given, given: true as const });
  if (!data || !chosen || degree === undefined || !chosenNet || picked.length === 0 || !counts) return null;
  if (set === undefined || (set !== null && data !== 'own')) return null;
  if (!isText(budgets, 1000) || !isText(seeds, 1000) || !isWhole(width)) return null;
  return {
    data,
    set,
    net: chosenNet,
    width,
    methods: picked,
    budgets,
    seeds,
    epochs: counts as [number | null, number | null, number | null],
    chosen,
    degree,
    channels: channels === true,
  };
}

const isShare = (value: unknown): value is number => isNumber(value) && value >= 0 && value <= 1;
/** Epochs of a curve, at most. */
const MOST_EPOCHS = 10_000;
const isPoint = (value: unknown): value is Point =>
  Array.isArray(value) && value.length === 3 && isNumber(value[0]) && isShare(value[1]) && isWhole(value[2]);

function runOf(value: unknown): RunState | null {
  if (!isRecord(value)) return null;
  const { budget, seed, curve, outcome, seconds } = value;
  const method = value['method'] === null ? null : one(TRAIN_METHODS, value['method']);
  const ended = value['ended'] == null ? null : one(['cancelled', 'failed'] as const, value['ended']);
  if (method === undefined || ended === undefined || !isWhole(seed) || !isNumber(seconds) || !Array.isArray(curve))
    return null;
  if (
    curve.length > MOST_EPOCHS ||
    !curve.every(isPoint) ||
    (method === null) !== (budget === null) ||
    (budget !== null && !isWhole(budget))
  )
    return null;
  let found: RunOutcome | null = null;
  if (outcome !== null) {
    if (!isRecord(outcome)) return null;
    const { relus, test, validation, before } = outcome;
    if (!isWhole(relus) || !isShare(test) || !isShare(validation) || !(before === null || isShare(before))) return null;
    found = { relus, test, validation, before };
  }
  return { method, budget: budget as number | null, seed, curve, outcome: found, ended, seconds };
}

/** A training of a link or of an earlier visit; null where the value is none. */
export function trainingOf(value: unknown): Training | null {
  if (!isRecord(value)) return null;
  const { relus, images, runs } = value;
  const form = formOf(value['form']);
  if (!form || !isWhole(relus) || !Array.isArray(images) || images.length !== 3 || !images.every(isWhole)) return null;
  if (!Array.isArray(runs) || runs.length > 2 * MOST_RUNS) return null;
  const known = runs.map(runOf);
  if (known.includes(null)) return null;
  // Each run once: by its name its bytes are kept.
  if (new Set(known.map((run) => run && nameOf(run))).size < known.length) return null;
  return { form, relus, images: images as [number, number, number], runs: known as RunState[] };
}

/** A training for a link: curves to four digits. */
export function packed({ form, relus, images, runs }: Training): string {
  const few = (value: number): number => Number(value.toPrecision(4));
  const short = runs
    .filter(({ outcome }) => outcome !== null)
    .map((run) => ({
      ...run,
      curve: run.curve.map(([loss, validation, left]) => [few(loss), few(validation), left]),
      seconds: few(run.seconds),
    }));
  return JSON.stringify({ form, relus, images, runs: short });
}

export function unpacked(text: string): Training | null {
  try {
    return trainingOf(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Passes over the training images of all runs, at most. */
export function passesOf(
  { net }: Form,
  [base = 0, search = 0, tune = 0]: readonly number[],
  runs: readonly RunName[],
): number {
  // Rounds of descent, each with an epoch; no search where masks are drawn or given; a given network is trained.
  const searched = { snl: search, autorep: search, random: 0, 'random-poly': 0, bcd: 16, plan: 0, nested: 0 };
  const of = ({ method }: RunName): number => (method === null ? (isGiven(net) ? 0 : base) : searched[method] + tune);
  return runs.reduce((sum, run) => sum + of(run), 0);
}
