/** How an effect is read: signed text, the card behind it, the file. */
import type { Change, Delta, Effect, Estimate, Layer } from '../../contract/core';
import type { Under } from '../../app/what-if.svelte';
import type { CostView } from '../../lib/cost-view';
import type { Cell } from '../../lib/csv';
import { csv } from '../../lib/csv';
import { bytes, change as percent, exact, seconds } from '../../lib/format';
import type { Signed } from '../../lib/what-if';
import { signedOf } from '../../lib/what-if';

export const CHANGE_TITLES: Record<Change, string> = {
  'poly2:public': 'activation to degree 2',
  'average-pool': 'max-pool to average',
  relu: 'ReLU6 to ReLU',
};

export const TITLES: Record<Signed, string> = {
  bytes: 'Traffic',
  seconds: 'Time',
  link_seconds: 'Link time',
  rounds: 'Rounds',
  storage_bytes: 'Client keeps',
};

const plain = (measure: Signed, size: number): string => {
  if (measure === 'rounds') return exact(size);
  return measure === 'seconds' || measure === 'link_seconds' ? seconds(size) : bytes(size);
};

/** `-295.0 MB`, `+3.1 ms`, `0`. */
export function signedText(measure: Signed, value: number): string {
  if (value === 0) return '\u00b10';
  return `${value < 0 ? '\u2212' : '+'}${plain(measure, Math.abs(value))}`;
}

/** A figure of an advised change; what is not known in full on a side is said so. */
export function deltaText(field: keyof Delta, value: number | null): string {
  if (value === null) return 'not known';
  const measure = field === 'bytes' || field === 'rounds' ? field : 'seconds';
  return signedText(measure, value);
}

/** The figure that it changes, of the network with what is in force. */
export function beforeOf(before: Estimate, measure: Signed): number | null {
  const { offline, online } = before;
  switch (measure) {
    case 'bytes':
      return before.bytes_total;
    case 'seconds':
      return offline.seconds && online.seconds ? offline.seconds[1] + online.seconds[1] : null;
    case 'link_seconds':
      return offline.link_seconds + online.link_seconds;
    case 'rounds':
      return online.rounds;
    case 'storage_bytes':
      return before.client_storage_bytes;
  }
}

/** The change as a part of the whole, for the length of a bar; null where one is not known. */
export function partOf(effect: Effect | undefined, before: Estimate, measure: Signed): number | null {
  const [value, whole] = [signedOf(effect, measure), beforeOf(before, measure)];
  return value === null || whole === null || whole === 0 ? null : value / whole;
}

export function shareText(effect: Effect | undefined, before: Estimate, measure: Signed): string {
  const [value, whole] = [signedOf(effect, measure), beforeOf(before, measure)];
  return value === null || whole === null ? '' : (percent(whole, whole + value) ?? '');
}

export function effectView(effect: Effect, before: Estimate, measure: Signed, name: string, under: string): CostView {
  const value = signedOf(effect, measure);
  const whole = beforeOf(before, measure);
  const text = value === null ? 'not known' : signedText(measure, value);
  return {
    title: `${TITLES[measure].toLowerCase()} with ${CHANGE_TITLES[effect.change]} in ${name}`,
    text,
    value,
    range: '',
    note: 'This one change alone: the whole network is priced with it and without it. What it does to accuracy is not said.',
    under,
    lines:
      value === null || whole === null
        ? []
        : [
            {
              formula: 'with the change, less without it',
              values: `${plain(measure, Math.max(0, whole + value))} \u2212 ${plain(measure, whole)} = ${text}`,
            },
          ],
    others: [],
    constants: [],
    terms: [],
    missing: effect.reason === null ? [] : [{ index: effect.index, reason: effect.reason }],
    status: null,
    leavesOut: before.leaves_out,
    rows: [effect.index],
  };
}

export function effectsCsv(under: ReadonlyMap<string, Under>, layers: readonly Layer[]): string {
  const names = new Map(layers.map(({ index, name }) => [index, name]));
  const rows = [...under].flatMap(([protocol, { effects, before }]) =>
    effects.map(({ index, change, elements, difference, reason }): Cell[] => [
      protocol,
      before.profile_version,
      before.link,
      index,
      names.get(index) ?? null,
      change,
      elements,
      difference?.bytes ?? null,
      difference?.offline_bytes ?? null,
      difference?.seconds ?? null,
      difference?.link_seconds ?? null,
      difference?.rounds ?? null,
      difference?.storage_bytes ?? null,
      reason,
      `Reluctant ${VERSION}`,
    ]),
  );
  const head = [
    'protocol',
    'profile_version',
    'link',
    'index',
    'name',
    'change',
    'elements',
    'bytes',
    'offline_bytes',
    'seconds',
    'link_seconds',
    'rounds',
    'client_storage_bytes',
    'reason',
    'made_by',
  ];
  return csv(head, rows);
}
