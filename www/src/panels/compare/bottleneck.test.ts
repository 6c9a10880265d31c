import { expect, test } from 'vitest';
import type { Cause, PhaseName } from '../../contract/core';
import { overall, timeText } from './bottleneck';
import { phasedOf, phasedView } from '../../lib/phased';
import { estimate, phase } from '../../lib/testing';

const timed = { offline: phase([1, 2, 3], 0.5), online: phase([3, 4, 5], 4) };

test('over all protocols each phase is counted by itself, where all of it is priced', () => {
  const part = (phase: PhaseName, cause: Cause, seconds: number) => ({
    phase,
    cause,
    seconds,
    link_seconds: 0,
    bytes: seconds,
    rounds: 0,
  });
  const relus = estimate({}, { ...timed, causes: [part('offline', 'linear', 9), part('online', 'relu', 1)] });
  const gelu = estimate({}, { ...timed, causes: [part('online', 'linear', 1), part('online', 'gelu', 2)] });
  const linear = estimate({}, { ...timed, causes: [part('online', 'linear', 1), part('online', 'polynomial', 0.5)] });
  expect(overall([relus])).toBeNull();
  expect(overall([relus, gelu, linear])).toBe(
    'Activations take the most online under 2 of 3 protocols that price all of it, and offline under 0 of 1.',
  );
  // What has no price may be activations: such a protocol says nothing.
  const gap = { ...relus, partial: true, unpriced: [{ index: 3, reason: 'untimed' }] };
  expect(overall([gelu, linear, gap])).toBe(
    'Activations take the most online under 1 of 2 protocols that price all of it.',
  );
  expect(timeText(gap)).toBe('\u2265\u00a06.00\u00a0s');
});

test('totals over phases', () => {
  const both = estimate({}, timed);
  expect([phasedOf(both, 'up'), phasedOf(both, 'down'), phasedOf(both, 'setup')]).toEqual([2, 4, 0]);
  expect(phasedView(estimate({}, { ...timed, setup_bytes: null }), 'setup', 'u').text).toBe('not known');
  const shared = estimate({}, { ...timed, setup_bytes: 1_001, setup_bytes_each: 501 });
  shared.settings.inferences = 2;
  expect(phasedView(shared, 'setup', 'u').lines[0]?.values).toBe('1,001 B; over 2 inferences 501 B each');
  expect(phasedView(both, 'down', 'u').lines[0]?.values).toBe('2 B + 2 B = 4 B');
  expect(timeText(both)).toBe('6.00\u00a0s');
  expect(timeText(estimate({}, { compute_included: false }))).toBe('4.50\u00a0s');
});
