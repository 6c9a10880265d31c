/**
 * What a link holds of a plan beside its costs: what was wished for, the points of a sweep, what was measured.
 * As pairs whose keys start with `plan.`, or with `name.plan.` where they hold names of the model or of a
 * person's files. Nothing that is read is trusted: what does not fit is left out.
 */
import type { LayerWish, Policy } from '../contract/core';
import type { SweepPoint, Wish } from './replace';
import { POLICIES } from './replace-view';

export type Pairs = [string, string][];

export type Points = Readonly<Partial<Record<Policy, readonly SweepPoint[]>>>;

export interface MeasuredSummary {
  kept: number;
  total: number;
  samples: number;
  /** Where the samples came from, in words. */
  test: string;
  agreement: number | null;
  original: number | null;
  changed: number | null;
  /** `cpu` or `gpu`. */
  engine: string;
}

export interface LinkedPlan {
  wish: Wish;
  points: Points;
  measured: MeasuredSummary | null;
  /** The plan file, where it is small. */
  file: string | null;
}

/** Longer plan files travel as files. */
const LARGEST_FILE = 32_768;
const MOST_POINTS = 128;
const MOST_STAYS = 4096;

const policies = POLICIES.map(({ id }) => id);

/** Five digits say more than the samples can. */
const short = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(5)));

const packed = ({
  budget,
  kept,
  total,
  accuracy,
  agreement,
  kl,
  relative_error,
  replaced,
  accuracy_interval,
}: SweepPoint): unknown[] => [
  budget,
  kept,
  total,
  ...[accuracy, agreement, kl, relative_error].map(short),
  replaced.flatMap(({ index, kept: stays, scales, products }) => [index, stays, scales, products]),
  ...(accuracy_interval ?? []).map(short),
];

export function pairsOf({ wish: { layers, cost: _, ...wish }, points, measured, file }: LinkedPlan): Pairs {
  const pairs: Pairs = [['plan.wish', JSON.stringify(wish)]];
  if (layers?.length) pairs.push(['name.plan.layers', JSON.stringify(layers)]);
  for (const [policy, all] of Object.entries(points)) {
    if (all?.length) pairs.push([`plan.sweep.${policy}`, JSON.stringify(all.map(packed))]);
  }
  if (measured) {
    const { test, agreement, original, changed, ...rest } = measured;
    pairs.push(
      [
        'plan.measured',
        JSON.stringify({ ...rest, agreement: short(agreement), original: short(original), changed: short(changed) }),
      ],
      ['name.plan.test', test],
    );
  }
  if (file && file.length <= LARGEST_FILE) pairs.push(['name.plan.file', file]);
  return pairs;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value.length < 1000;
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
/** A figure that is not known is null. */
const figure = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** Every field of a wish, so that none is lost on the way. */
const FIELDS: Record<Exclude<keyof Wish, 'layers' | 'cost'>, (value: unknown) => boolean> = {
  budget: isText,
  unit: (value) => value === 'relus' || value === 'seconds' || value === 'bytes',
  policy: (value) => policies.some((policy) => policy === value),
  granularity: isText,
  method: isText,
  degree: isCount,
  per_channel: isFlag,
  sequential: isFlag,
  gates: isFlag,
  seed: isCount,
  ratios: isText,
  drop_outputs: isFlag,
  probe: (value) => value === null || isCount(value),
  descent: (value) => Array.isArray(value) && value.length === 2 && value.every(isCount),
};

function wishOf(value: unknown, layers: unknown): Wish | null {
  if (!isRecord(value) || !isText(value['budget'])) return null;
  const known = Object.entries(value).filter(([key, field]) =>
    (FIELDS as Record<string, ((value: unknown) => boolean) | undefined>)[key]?.(field),
  );
  const own = Array.isArray(layers)
    ? layers.slice(0, MOST_STAYS).filter((one): one is LayerWish => isRecord(one) && isText(one['output']))
    : [];
  const wish = Object.fromEntries(known) as unknown as Wish;
  return own.length > 0 ? { ...wish, layers: own } : wish;
}

function pointOf(policy: Policy, value: unknown): SweepPoint | null {
  if (!Array.isArray(value)) return null;
  // Links of before end without the interval.
  const [budget, kept, total, accuracy, agreement, kl, error, stays, ...ends] = value as unknown[];
  const [low, high] = ends.map(figure);
  if (!isText(budget) || !isCount(kept) || !isCount(total) || kept > total || !Array.isArray(stays)) return null;
  if (stays.length % 4 !== 0 || stays.length > 4 * MOST_STAYS || !stays.every(isCount)) return null;
  const replaced = Array.from({ length: stays.length / 4 }, (_, i) => {
    const [index = 0, own = 0, scales = 0, products = 0] = stays.slice(4 * i, 4 * i + 4);
    return { index, kept: own, scales, products };
  });
  return {
    budget,
    policy,
    kept,
    total,
    accuracy: figure(accuracy),
    accuracy_interval: low != null && high != null ? [low, high] : null,
    agreement: figure(agreement),
    kl: figure(kl),
    relative_error: figure(error),
    replaced,
  };
}

/** What the pairs of a link say; null where they hold no plan. */
export function planOf(pairs: Pairs): LinkedPlan | null {
  const get = (key: string): string | undefined => pairs.find(([known]) => known === key)?.[1];
  const wish = wishOf(parsed(get('plan.wish')), parsed(get('name.plan.layers')));
  if (!wish) return null;
  const points: Partial<Record<Policy, SweepPoint[]>> = {};
  for (const policy of policies) {
    const all = parsed(get(`plan.sweep.${policy}`));
    if (!Array.isArray(all)) continue;
    points[policy] = all.slice(0, MOST_POINTS).flatMap((one) => pointOf(policy, one) ?? []);
  }
  const said = parsed(get('plan.measured'));
  let measured: MeasuredSummary | null = null;
  if (isRecord(said)) {
    const { kept, total, samples, engine } = said;
    const [agreement, original, changed] = [said['agreement'], said['original'], said['changed']].map(figure);
    if (isCount(kept) && isCount(total) && isCount(samples)) {
      measured = {
        kept,
        total,
        samples,
        test: get('name.plan.test') ?? '',
        agreement: agreement ?? null,
        original: original ?? null,
        changed: changed ?? null,
        engine: engine === 'gpu' ? 'gpu' : 'cpu',
      };
    }
  }
  const file = get('name.plan.file');
  return { wish, points, measured, file: file !== undefined && file.length <= LARGEST_FILE ? file : null };
}
