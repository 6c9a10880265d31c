/** Figures of an estimate that add up over its phases and not over its rows: what each party sends, and the set-up. */
import type { Estimate } from '../contract/core';
import type { CostView, Line } from './cost-view';
import { bytes, exact } from './format';

export type Phased = 'up' | 'down' | 'setup';

export const PHASED: Record<Phased, string> = { up: 'upload', down: 'download', setup: 'set-up' };

/** null where it is not known; of what is sent it always is. */
export function phasedOf(estimate: Estimate, figure: 'up' | 'down'): number;
export function phasedOf(estimate: Estimate, figure: Phased): number | null;
export function phasedOf(estimate: Estimate, figure: Phased): number | null {
  if (figure === 'setup') return estimate.setup_bytes;
  const field = figure === 'up' ? 'bytes_up' : 'bytes_down';
  return estimate.offline[field] + estimate.online[field];
}

function ruleOf({ offline, online, setup_bytes, setup_bytes_each: each, settings }: Estimate, figure: Phased): Line {
  const sum = (a: number, b: number): string => `${exact(a)} B + ${exact(b)} B = ${exact(a + b)} B`;
  switch (figure) {
    case 'up':
      return { formula: 'what the client sends, offline + online', values: sum(offline.bytes_up, online.bytes_up) };
    case 'down':
      return {
        formula: 'what is sent to the client, offline + online',
        values: sum(offline.bytes_down, online.bytes_down),
      };
    case 'setup':
      return {
        formula: 'keys and base transfers, each once, however many layers ask for it',
        values:
          setup_bytes === null
            ? 'not known'
            : `${exact(setup_bytes)} B${each === undefined ? '' : `; over ${exact(settings.inferences)} inferences ${exact(each)} B each`}`,
      };
  }
}

export function phasedView(estimate: Estimate, figure: Phased, under: string): CostView {
  const value = phasedOf(estimate, figure);
  const between = estimate.offline.bytes_between + estimate.online.bytes_between;
  const note =
    figure === 'setup'
      ? 'Sent once for any number of inferences; not in offline or traffic.'
      : between > 0
        ? `The other parties send ${bytes(between)} among themselves: in traffic, in neither direction here.`
        : '';
  return {
    title: `${PHASED[figure]}, total`,
    text: value === null ? 'not known' : bytes(value),
    value,
    range: '',
    note,
    under,
    lines: [ruleOf(estimate, figure)],
    others: [],
    constants: [],
    terms: [],
    missing: estimate.unpriced,
    status: null,
    leavesOut: estimate.leaves_out,
    rows: [],
  };
}
