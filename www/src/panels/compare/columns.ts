/** The columns of the comparison: how a figure of an estimate is read, ordered, said and exported. */
import type { Estimate } from '../../contract/core';
import type { Figure, Range } from '../../lib/cost';
import { CERTAINTY } from '../../lib/cost';
import { LABELS, boundText, figureOf, figureText, isBound } from '../../lib/cost-view';
import type { Measure } from '../../lib/findings';
import { bytes, range } from '../../lib/format';
import { inOrder } from '../../lib/order';
import type { Phased } from '../../lib/phased';
import { PHASED, phasedOf } from '../../lib/phased';
import { percents } from '../../lib/shares';

export interface Shown {
  value: number | null;
  text: string;
  /** `[315-350]`. */
  range: string;
  span: Range | null;
  linkOnly: boolean;
}

export interface Column {
  id: Figure | Phased;
  title: string;
  /** In full, for those who do not see the column. */
  label: string;
}

export const COLUMNS: readonly Column[] = [
  { id: 'offline', title: 'Offline', label: LABELS.offline },
  { id: 'online', title: 'Online', label: LABELS.online },
  { id: 'up', title: 'Up', label: PHASED.up },
  { id: 'down', title: 'Down', label: PHASED.down },
  { id: 'bytes', title: 'Traffic', label: LABELS.bytes },
  { id: 'rounds', title: 'Rounds', label: LABELS.rounds },
  { id: 'storage', title: 'Client keeps', label: LABELS.storage },
  { id: 'setup', title: 'Set-up', label: PHASED.setup },
];

export function shownOf(estimate: Estimate, id: Figure | Phased): Shown {
  if (id === 'up' || id === 'down' || id === 'setup') {
    const value = phasedOf(estimate, id);
    const least = id !== 'setup' && isBound(estimate, 'bytes');
    return {
      value,
      text: value === null ? 'not known' : boundText(bytes(value), least),
      range: '',
      span: null,
      linkOnly: false,
    };
  }
  const { value, range: span, linkOnly } = figureOf(estimate, id);
  return {
    value,
    text: value === null ? 'not known' : boundText(figureText(id, value), isBound(estimate, id)),
    range: span ? range(span) : '',
    span,
    linkOnly,
  };
}

/** A column of which nothing is known is none. */
export const knownOf = (estimates: readonly Estimate[]): Column[] =>
  COLUMNS.filter(({ id }) => estimates.some((estimate) => shownOf(estimate, id).value !== null));

/** Whole figures come before link time alone, and what is not known comes last, whatever the direction. */
const rank = ({ value, linkOnly }: Shown): number => (value === null ? 2 : linkOnly ? 1 : 0);

/** A lower bound is the smaller the less it prices: it is in no order of sizes, and stands last. */
const bound = (estimate: Estimate, id: Column['id']): number =>
  Number(id === 'setup' ? false : isBound(estimate, id === 'up' || id === 'down' ? 'bytes' : id));

/** How much of it is better than an estimate, for the order of that column. */
const sureness = (estimate: Estimate): number =>
  certainty(estimate, measureOf(estimate)).reduce(
    (sum, { status, part }) => sum + (status === 'estimate' ? 0 : part),
    0,
  );

export function sorted(
  estimates: readonly Estimate[],
  order: { column: string; down: boolean } | null,
  title: (id: string) => string,
): readonly Estimate[] {
  if (!order) return estimates.toSorted((a, b) => Number(a.bound) - Number(b.bound));
  const sign = order.down ? -1 : 1;
  if (order.column === 'protocol') {
    return estimates.toSorted((a, b) => sign * inOrder(title(a.protocol), title(b.protocol)));
  }
  if (order.column === 'status') return estimates.toSorted((a, b) => sign * (sureness(b) - sureness(a)));
  const column = COLUMNS.find(({ id }) => id === order.column);
  if (!column) return estimates;
  return estimates.toSorted((a, b) => {
    const [x, y] = [shownOf(a, column.id), shownOf(b, column.id)];
    return bound(a, column.id) - bound(b, column.id) || rank(x) - rank(y) || sign * ((x.value ?? 0) - (y.value ?? 0));
  });
}

/** The smallest figure of a column among estimates that nothing is missing from; none where all are alike. */
export function least(estimates: readonly Estimate[], id: Column['id']): number | null {
  // No set-up is counted for some: it is not that they need none.
  if (id === 'setup') return null;
  const values = estimates
    .filter(({ partial }) => !partial)
    .map((estimate) => shownOf(estimate, id))
    .flatMap((shown) => (rank(shown) === 0 && shown.value !== null ? [shown.value] : []));
  // Nothing at all is no feat: there is then no such phase.
  if (values.includes(0)) return null;
  return values.length > 1 && new Set(values).size > 1 ? Math.min(...values) : null;
}

export interface Certain {
  status: (typeof CERTAINTY)[number];
  part: number;
  /** Whole per cent; those of an estimate add up to 100. */
  share: number;
}

/** What its certainty is told of first: compute time where that is known. */
export const measureOf = ({ compute_included }: Estimate): Measure => (compute_included ? 'time' : 'bytes');

/** How well the compute time of an estimate is known, or its traffic, the larger part first. */
export function certainty({ status }: Estimate, measure: Measure): Certain[] {
  const parts = CERTAINTY.map((name) =>
    measure === 'time' ? (status[name].seconds_share ?? 0) : status[name].bytes_share,
  );
  const shares = percents(parts);
  return CERTAINTY.map((name, i) => ({ status: name, part: parts[i] ?? 0, share: shares[i] ?? 0 })).filter(
    ({ part }) => part > 0,
  );
}
