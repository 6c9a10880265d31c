/**
 * What stands in the way, in a sentence: under one protocol, and over all of them. It speaks only of
 * what is known: link time alone is never called time, and what has no price is named.
 */
import type { Estimate } from '../../contract/core';
import type { CostKind } from '../../lib/cost';
import { KINDS } from '../../lib/cost';
import type { Measure } from '../../lib/findings';
import { amountOf } from '../../lib/findings';
import { gaps } from '../../lib/cost-view';
import { bytes, plural, seconds, share } from '../../lib/format';

interface Part {
  kind: CostKind;
  amount: number;
}

/** Kinds by what they take, the largest first; nothing where there is nothing. */
function ranked(estimate: Estimate, measure: Measure): { whole: number; parts: Part[] } {
  const parts = KINDS.map((kind) => ({ kind, amount: amountOf(estimate, kind, measure) })).filter(
    ({ amount }) => amount > 0,
  );
  return {
    whole: parts.reduce((sum, { amount }) => sum + amount, 0),
    parts: parts.sort((a, b) => b.amount - a.amount),
  };
}

/** The kind that takes more than any other; null where nothing is known or sent. */
export function largest(estimate: Estimate, measure: Measure): CostKind | null {
  return ranked(estimate, measure).parts[0]?.kind ?? null;
}

const NOUNS: Record<CostKind, [noun: string, be: string]> = {
  linear: ['linear layers', 'are'],
  activation: ['activations', 'are'],
  pool: ['max-pooling', 'is'],
  truncation: ['truncation', 'is'],
  bootstrap: ['bootstrapping', 'is'],
  link: ['the link', 'is'],
};

/** Waiting, as a part of the time on the link. 100 rounds at 40 ms of 5 s: 80 %. */
function waiting({ offline, online, settings }: Estimate): { rounds: number; part: number } {
  const rounds = offline.rounds + online.rounds;
  const whole = offline.link_seconds + online.link_seconds;
  return { rounds, part: whole > 0 ? (rounds * settings.link.rtt_ms) / 1000 / whole : 0 };
}

/** What the link waits for, or carries. */
function ofLink(estimate: Estimate): string {
  const { rounds, part } = waiting(estimate);
  if (part > 0.5)
    return `mostly waiting: ${plural(rounds, 'round')} at ${Number(estimate.settings.link.rtt_ms.toPrecision(3))}\u00a0ms`;
  const { whole, parts } = ranked(estimate, 'bytes');
  const [first] = parts;
  if (!first) return 'it carries nothing';
  const [noun] = NOUNS[first.kind];
  return `${share(first.amount, whole)} of what it carries is for ${noun}`;
}

/** What follows from one kind being more than half. */
function moral(kind: CostKind, estimate: Estimate, measure: Measure): string {
  switch (kind) {
    case 'linear':
      return estimate.partial && measure === 'time'
        ? 'what is missing decides whether ReLUs matter'
        : 'ReLUs are not the problem';
    case 'activation':
      return 'here they are the problem';
    case 'pool':
      return 'average pooling would take most of it away';
    case 'truncation':
      return 'fewer rescaled values would help, not fewer ReLUs';
    case 'bootstrap':
      return 'activations of fewer levels need fewer of them';
    case 'link':
      return measure === 'time' ? ofLink(estimate) : '';
  }
}

function clause(estimate: Estimate, measure: Measure, of: string): string | null {
  const { whole, parts } = ranked(estimate, measure);
  const [first, second] = parts;
  if (!first) return null;
  const [noun, be] = NOUNS[first.kind];
  if (first.amount > whole / 2)
    return `${noun} ${be} ${share(first.amount, whole)} of ${of}: ${moral(first.kind, estimate, measure)}`;
  const next = second ? `, ${NOUNS[second.kind][0]} ${share(second.amount, whole)}` : '';
  return `nothing is half of ${of}: ${noun} ${be} ${share(first.amount, whole)}${next}`;
}

/** `Under DELPHI, server garbles, linear layers are 86 % of the time: ReLUs are not the problem.` */
export function bottleneck(estimate: Estimate, title: string): string {
  const sentences: string[] = [];
  if (estimate.compute_included) {
    const said = clause(estimate, 'time', estimate.partial ? 'the time that is known' : 'the time');
    sentences.push(said ? `Under ${title}, ${said}` : `Under ${title}, nothing here takes time`);
  } else {
    const said = clause(estimate, 'bytes', 'the traffic');
    const { rounds, part } = waiting(estimate);
    const wait = part > 0.5 ? `; ${share(part, 1)} of the link time is waiting for ${plural(rounds, 'round')}` : '';
    sentences.push(said ? `Under ${title}, ${said}${wait}` : `Under ${title}, nothing is sent`);
    sentences.push('Its compute time is not known');
  }
  if (estimate.partial) sentences.push(`It leaves out ${gaps(estimate)}`);
  return `${sentences.join('. ')}.`;
}

/** `Activations take the largest part of the time under 1 of 2 protocols whose time is known in full, ...` */
export function overall(estimates: readonly Estimate[]): string | null {
  if (estimates.length < 2) return null;
  const count = (all: readonly Estimate[], measure: Measure): string => {
    const held = all.filter((estimate) => largest(estimate, measure) === 'activation').length;
    return `${held === 0 ? 'none' : held === all.length ? 'all' : held} of ${all.length}`;
  };
  const timed = estimates.filter(({ compute_included, partial }) => compute_included && !partial);
  const sending = estimates.filter(({ bytes_total, status }) => bytes_total > 0 && status['not-supported'].parts === 0);
  const parts: string[] = [];
  if (timed.length > 0)
    parts.push(
      `of the time under ${count(timed, 'time')} ${timed.length === 1 ? 'protocol' : 'protocols'} whose time is known in full`,
    );
  if (sending.length > 0)
    parts.push(`of the traffic under ${count(sending, 'bytes')}${parts.length > 0 ? '' : ' protocols'} without gaps`);
  return parts.length > 0 ? `Activations take the largest part ${parts.join(', and ')}.` : null;
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
