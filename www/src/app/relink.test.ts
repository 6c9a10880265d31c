import { expect, test } from 'vitest';
import { estimate, phase } from '../lib/testing';
import { linkSeconds, relinked } from './relink';

test('the link\u2019s rule is the core\u2019s, and only link time moves with the link', () => {
  const lan = { id: 'lan', up_bytes_per_s: 384e6, down_bytes_per_s: 384e6, rtt_ms: 0.3, source: '' };
  const relus = { ...phase(null, 0), bytes_up: 9_437_184, bytes_down: 9_437_184, rounds: 8 };
  expect(linkSeconds(relus, lan)).toBeCloseTo(0.051552, 9);
  const free = { ...lan, up_bytes_per_s: null, down_bytes_per_s: null, rtt_ms: 0 };
  const moved = relinked(estimate({ linear: { seconds: 7 } }), free);
  expect(moved.offline).toMatchObject({ seconds: [0.5, 1.5, 2.5], link_seconds: 0, bytes_up: 1 });
  expect(moved.online.seconds).toBeNull();
  expect(moved.by_kind.link.seconds).toBe(0);
  expect(moved.by_kind.linear.seconds).toBe(7);
});
