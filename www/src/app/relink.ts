/**
 * An estimate's totals over another link, so that a headline follows a slider in the same frame; the
 * core's answer, rows and all, comes a frame later and replaces it. Knows the rule of the link only
 * (crate/src/cost/link.rs); bytes, rounds and compute time stay the core's.
 */
import type { Estimate, Link, Phase } from '../contract/core';
import type { Range } from '../lib/cost';

/** bytes up / rate up + bytes down / rate down + rounds x RTT. 9,437,184 B each way and 8 rounds at 384 MB/s and 0.3 ms: 51.55 ms. */
export function linkSeconds({ bytes_up, bytes_down, rounds }: Phase, link: Link): number {
  const time = (bytes: number, rate: number | null): number => (rate === null ? 0 : bytes / rate);
  return time(bytes_up, link.up_bytes_per_s) + time(bytes_down, link.down_bytes_per_s) + (rounds * link.rtt_ms) / 1000;
}

function phaseOver(phase: Phase, link: Link): Phase {
  const link_seconds = linkSeconds(phase, link);
  const more = link_seconds - phase.link_seconds;
  return { ...phase, link_seconds, seconds: phase.seconds && (phase.seconds.map((s) => s + more) as Range) };
}

export function relinked(estimate: Estimate, link: Link): Estimate {
  const offline = phaseOver(estimate.offline, link);
  const online = phaseOver(estimate.online, link);
  const seconds = offline.link_seconds + online.link_seconds;
  return {
    ...estimate,
    link: link.id,
    offline,
    online,
    by_kind: { ...estimate.by_kind, link: { ...estimate.by_kind.link, seconds } },
    settings: { ...estimate.settings, link },
  };
}
