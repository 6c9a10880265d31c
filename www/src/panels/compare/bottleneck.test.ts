import { expect, test } from 'vitest';
import { bottleneck, overall, timeText } from './bottleneck';
import { phasedOf, phasedView } from '../../lib/phased';
import { estimate, phase } from '../../lib/testing';

const timed = { offline: phase([1, 2, 3], 0.5), online: phase([3, 4, 5], 4) };

test('the largest kind is named with what follows from it', () => {
  const linear = estimate({ linear: { seconds: 86 }, activation: { seconds: 10 }, link: { seconds: 4 } }, timed);
  expect(bottleneck(linear, 'X')).toBe('Under X, linear layers are 86\u00a0% of the time: ReLUs are not the problem.');
  const active = estimate({ linear: { seconds: 20 }, activation: { seconds: 80 } }, timed);
  expect(bottleneck(active, 'X')).toBe('Under X, activations are 80\u00a0% of the time: here they are the problem.');
  const even = estimate({ linear: { seconds: 45 }, activation: { seconds: 40 }, link: { seconds: 15 } }, timed);
  expect(bottleneck(even, 'X')).toBe(
    'Under X, nothing is half of the time: linear layers are 45\u00a0%, activations 40\u00a0%.',
  );
});

test('a link that dominates says whether it waits or carries', () => {
  const over = (rtt_ms: number) => {
    const all = estimate(
      { link: { seconds: 90 }, linear: { seconds: 10, bytes: 30 }, activation: { bytes: 70 } },
      timed,
    );
    return { ...all, settings: { ...all.settings, link: { ...all.settings.link, rtt_ms } } };
  };
  // 6 rounds at 500 ms are 3 s of 4.5 s.
  expect(bottleneck(over(500), 'X')).toContain(
    'the link is 90\u00a0% of the time: mostly waiting: 6\u00a0rounds at 500\u00a0ms',
  );
  expect(bottleneck(over(1), 'X')).toContain('70\u00a0% of what it carries is for activations');
});

test('link time alone is never called time, and what has no price is said', () => {
  const untimed = estimate(
    { activation: { bytes: 9 }, linear: { bytes: 1 }, link: { seconds: 5 } },
    {
      compute_included: false,
      partial: true,
      unpriced: [
        { index: 0, reason: 'r' },
        { index: 1, reason: 'r' },
      ],
      status: { ...estimate({}).status, 'not-supported': { parts: 2 } },
    },
  );
  const said = bottleneck(untimed, 'X');
  expect(said).toContain('activations are 90\u00a0% of the traffic');
  expect(said).toContain('Its compute time is not known. It leaves out 2\u00a0pieces of work without a price.');
  expect(said).not.toContain('of the time');
  expect(bottleneck(estimate({}, { compute_included: false }), 'X')).toContain('nothing is sent');
});

test('over all protocols only those count whose figure is known', () => {
  const a = estimate({ linear: { seconds: 9, bytes: 1 }, activation: { seconds: 1, bytes: 9 } }, timed);
  const b = { ...a, compute_included: false };
  const silent = estimate({ activation: { seconds: 5 } }, { ...timed, bytes_total: 0 });
  expect(overall([a])).toBeNull();
  expect(overall([a, b])).toBe(
    'Activations take the largest part of the time under none of 1 protocol whose time is known in full, and of the traffic under all of 2 without gaps.',
  );
  expect(overall([a, b, silent])).toContain('under 1 of 2 protocols');
  // What is missing may be activations: such a protocol says nothing of the time.
  const gap = { ...a, partial: true, unpriced: [{ index: 3, reason: 'untimed' }] };
  expect(overall([a, gap])).toContain('none of 1 protocol whose time');
  expect(overall([a, gap])).toContain('all of 2 without gaps');
  expect(bottleneck(gap, 'X')).toBe(
    'Under X, linear layers are 90\u00a0% of the time that is known: what is missing decides whether ReLUs matter. It leaves out 1\u00a0piece of work without a compute time.',
  );
  expect(timeText(gap)).toBe('\u2265\u00a06.00\u00a0s');
});

test('totals over phases', () => {
  const both = estimate({}, timed);
  expect([phasedOf(both, 'up'), phasedOf(both, 'down'), phasedOf(both, 'setup')]).toEqual([2, 4, 0]);
  expect(phasedView(estimate({}, { ...timed, setup_bytes: null }), 'setup', 'u').text).toBe('not known');
  expect(phasedView(both, 'down', 'u').lines[0]?.values).toBe('2 B + 2 B = 4 B');
  expect(timeText(both)).toBe('6.00\u00a0s');
  expect(timeText(estimate({}, { compute_included: false }))).toBe('4.50\u00a0s');
});
