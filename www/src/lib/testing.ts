/** Estimates for unit tests: everything is nothing, but for what a test says. */
import type { Estimate, Part, Phase } from '../contract/core';
import type { CostKind } from './cost';

export const phase = (seconds: Phase['seconds'], link: number): Phase => ({
  seconds,
  link_seconds: link,
  bytes_up: 1,
  bytes_down: 2,
  bytes_between: 0,
  rounds: 3,
});

export function estimate(kinds: Partial<Record<CostKind, Partial<Part>>>, changes: Partial<Estimate> = {}): Estimate {
  const part = (kind: CostKind): Part => ({ bytes: 0, seconds: 0, rounds: 0, ...kinds[kind] });
  const by_kind = {
    linear: part('linear'),
    activation: part('activation'),
    pool: part('pool'),
    truncation: part('truncation'),
    bootstrap: part('bootstrap'),
    link: part('link'),
  };
  const share = { parts: 0, bytes: 0, bytes_share: 0, seconds_share: null };
  return {
    protocol: 'p',
    variant: '',
    profile_version: 1,
    link: 'lan',
    offline: phase([1, 2, 3], 0.5),
    online: phase(null, 4),
    setup_bytes: 0,
    client_storage_bytes: null,
    bytes_total: 6,
    compute_included: true,
    partial: false,
    bound: false,
    by_kind,
    offline_by_kind: by_kind,
    online_by_kind: by_kind,
    causes: [],
    findings: [],
    status: { validated: share, measured: share, estimate: share, 'not-supported': { parts: 0 } },
    unpriced: [],
    leaves_out: '',
    trust: {
      model: 'two-parties',
      parties: [],
      adversary: 'semi-honest',
      corrupt: 1,
      trusted: [],
      leaks: [],
      needs: [],
      requires: [],
    },
    settings: {
      link: { id: 'lan', up_bytes_per_s: 1, down_bytes_per_s: 1, rtt_ms: 0, source: '' },
      he_threads: 1,
      gc_threads: 1,
      activation: 'keep',
      machine: 'epyc',
      ring_bits: null,
      share_bits: 37,
      ot: 'ferret',
      faults: 'pos-zero',
      adder: 'ppa',
      window: 'none',
      fss_bits: 64,
      fraction: 12,
      argmax: false,
      batch_norm: 'folded',
      inferences: 1,
      changed: [],
      per_call: true,
    },
    ...changes,
  };
}
