import type { Effect } from '../contract/core';
import { expect, test } from 'vitest';
import { tally, verdict } from './what-if';

const effect = (bytes: number, link_seconds: number, seconds: number | null = null): Effect => ({
  index: 0,
  change: 'poly2:public',
  elements: 1,
  difference: { bytes, offline_bytes: 0, storage_bytes: null, rounds: 0, link_seconds, seconds },
  reason: null,
});
const unpriced: Effect = { index: 1, change: 'poly2:public', elements: 1, difference: null, reason: 'no formula' };

test('a verdict keeps what is sent and how long it takes apart', () => {
  expect(verdict([effect(5, 1, -2), effect(6, 1, -3)])).toBe('all 2 send more; all 2 are faster');
  expect(verdict([effect(-5, -1), effect(6, 1), effect(0, 0)])).toBe(
    '1 of 3 sends less; 1 of 3 sends more; 1 of 3 is faster, 1 of 3 is slower on the link (compute is not known)',
  );
  expect(verdict([effect(0, 0, 1)])).toBe('nothing changes what is sent; it is slower');
});

test('what has no figure is in no count', () => {
  expect(tally([unpriced, effect(-1, 0)], 'bytes')).toEqual({ less: 1, more: 0, same: 0 });
  expect(tally([effect(1, 1)], 'seconds')).toEqual({ less: 0, more: 0, same: 0 });
  expect(verdict([unpriced])).toBe('no figure is known');
});
