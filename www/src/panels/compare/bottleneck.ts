/**
 * What stands in the way, over all protocols: in how many of them activations take the most of a phase. Only protocols
 * that price all of the network say anything of that. And how totals read.
 */
import type { Cause, Estimate, PhaseName } from '../../contract/core';
import { kindOf, partsOf } from '../../lib/findings';
import { bytes, seconds } from '../../lib/format';

const REPLACES = 'polynomial' satisfies Cause;

/** Activations of any kind take more of the phase than anything else; null where nothing is done in it. */
function activationsLead(estimate: Estimate, phase: PhaseName): boolean | null {
  const [first] = partsOf(estimate, phase, estimate.compute_included ? 'time' : 'bytes');
  return first ? kindOf(first.cause) === 'activation' && first.cause !== REPLACES : null;
}

/** `Activations take the most online under 9 of 14 protocols that price all of it, and offline under 2 of 6.` */
export function overall(estimates: readonly Estimate[]): string | null {
  const whole = estimates.filter(({ partial }) => !partial);
  if (whole.length < 2) return null;
  const count = (phase: PhaseName): [held: number, all: number] => {
    const known = whole.map((estimate) => activationsLead(estimate, phase)).filter((lead) => lead !== null);
    return [known.filter(Boolean).length, known.length];
  };
  const [online, offline] = [count('online'), count('offline')];
  const parts = [
    online[1] > 0 && `online under ${online[0]} of ${online[1]} protocols that price all of it`,
    offline[1] > 0 && `offline under ${offline[0]} of ${offline[1]}`,
  ].filter(Boolean);
  return parts.length > 0 ? `Activations take the most ${parts.join(', and ')}.` : null;
}

/** The time of some of the work is not known: what is shown is less than the whole. */
export const isShort = ({ compute_included, partial }: Estimate): boolean => compute_included && partial;

/** Both phases in the middle of their ranges; null where the compute time is not known. */
export function wholeSeconds({ offline, online }: Estimate): number | null {
  return offline.seconds && online.seconds ? offline.seconds[1] + online.seconds[1] : null;
}

/** `330 s`: both phases, or their link time where no more is known; `\u2265` where some of the work is missing. */
export function timeText(estimate: Estimate): string {
  const text = seconds(wholeSeconds(estimate) ?? estimate.offline.link_seconds + estimate.online.link_seconds);
  return estimate.partial ? `\u2265\u00a0${text}` : text;
}

/** `11.7 GB`, with the same sign where the traffic of some work is missing. */
export function trafficText({ bytes_total, status }: Estimate): string {
  return status['not-supported'].parts > 0 ? `\u2265\u00a0${bytes(bytes_total)}` : bytes(bytes_total);
}
