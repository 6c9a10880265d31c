/** The last run as text and back: figures and names, no weights, no data, no pictures of it. */
import type { Result } from '../run.svelte';
import type { Source } from '../../worker/client';

/** Longer ones (statistics of very many values) are not kept. */
const LONGEST = 4_000_000;

export function packed({ report, stats, memory, coreMemory, from, classes }: Result): string | null {
  const text = JSON.stringify({ report: { ...report, top: [] }, stats, memory, coreMemory, from, classes });
  return text.length <= LONGEST ? text : null;
}

type Fields = Record<string, unknown>;
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const listOf = (value: unknown, is: (one: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);
const orNull = (value: unknown, is: (one: unknown) => boolean): boolean => value === null || is(value);
const has = (value: unknown, fields: Record<string, (field: unknown) => boolean>): boolean =>
  isRecord(value) && Object.entries(fields).every(([name, is]) => is(value[name]));

const isInterval = (value: unknown): boolean => listOf(value, isNumber) && (value as unknown[]).length === 2;
const texts = (value: unknown): boolean => listOf(value, isText);
const numbers = (value: unknown): boolean => listOf(value, isNumber);
const numberOrNull = (value: unknown): boolean => orNull(value, isNumber);
const textOrNull = (value: unknown): boolean => orNull(value, isText);

const engine = (value: unknown): boolean =>
  has(value, {
    engine: isText,
    detail: isText,
    notes: texts,
    largest_difference: numberOrNull,
    fallback: textOrNull,
  });

const accuracy = (value: unknown): boolean =>
  has(value, {
    samples: isNumber,
    correct: isNumber,
    top1: isNumber,
    top1_interval: isInterval,
    correct5: numberOrNull,
    top5: numberOrNull,
    top5_interval: (field) => orNull(field, isInterval),
  });

const layer = (value: unknown): boolean =>
  has(value, { index: isNumber, node: isText, op: isText, seconds: isNumber, share: isNumber });

const report = (value: unknown): boolean =>
  has(value, {
    schema: (field) => field === 'reluctant.run/1',
    model: isText,
    engine,
    samples: isNumber,
    slices: isNumber,
    seconds: isNumber,
    outputs: (field) => listOf(field, isRecord),
    accuracy: (field) => orNull(field, accuracy),
    top: (field) => Array.isArray(field) && field.length === 0,
    layers: (field) => listOf(field, layer),
    notes: texts,
  });

const summary = (value: unknown): boolean =>
  has(value, {
    count: isNumber,
    not_finite: isNumber,
    mean: numberOrNull,
    std: numberOrNull,
    min: numberOrNull,
    max: numberOrNull,
    zeros: isNumber,
    histogram: (field) => has(field, { low: isNumber, width: isNumber, counts: numbers }),
  });

const value = (one: unknown): boolean =>
  has(one, {
    name: isText,
    index: numberOrNull,
    node: textOrNull,
    op: textOrNull,
    sample_shape: numbers,
    channel_axis: numberOrNull,
    total: summary,
    channels: (field) => listOf(field, summary),
  });

const activation = (one: unknown): boolean =>
  has(one, {
    channels: isNumber,
    dead: numbers,
    always_on: numbers,
    index: isNumber,
    node: isText,
    op: isText,
    input: isText,
    output: isText,
  });

const stats = (found: unknown): boolean =>
  has(found, {
    engine,
    samples: isNumber,
    values: (field) => listOf(field, value),
    activations: (field) => listOf(field, activation),
    notes: texts,
  });

/** A kept run of what is on the page; null where the text is none. */
export function unpacked(text: string, source: Source): Result | null {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  const fits = has(found, {
    report,
    stats: (field) => orNull(field, stats),
    memory: isNumber,
    coreMemory: isNumber,
    from: isText,
    classes: (field) => orNull(field, texts),
  });
  if (!fits) return null;
  const kept = found as Pick<Result, 'report' | 'stats' | 'memory' | 'coreMemory' | 'from' | 'classes'>;
  // The worker that ran it is gone, and with it samples, channels and output.
  return { ...kept, thumbnails: [], labels: null, fixed: null, source, ask: null };
}
