/** A family in parts, over workers that the test plays: what is there after which part, a cancel, and going on. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { ExploreReport, ExploreSettings } from '../contract/core';
import type { Swept } from '../worker/design-client';

interface Asked {
  shard: number;
  of: number;
  every: number;
}
type Take = (swept: Swept, place: number) => void;

const { played } = vi.hoisted(() => ({
  played: { asks: [] as Asked[], take: (() => {}) as Take, end: () => {}, fail: (_: unknown) => {}, merged: 0 },
}));

vi.mock('../worker/design-client', () => ({
  designers: {
    size: 2,
    share: (_: string, asks: Asked[], take: Take, { signal }: { signal: AbortSignal }) =>
      new Promise<void>((end, fail) => {
        Object.assign(played, { asks, take, end, fail });
        signal.addEventListener('abort', () => fail({ code: 'cancelled', message: '', place: {}, hint: '' }));
      }),
    // Counts add up, as the core's do.
    call: async (verb: string, asked: unknown) => {
      if (verb === 'explored') return {};
      if (verb === 'diff') return asked;
      expect(verb).toBe('merge');
      const parts = asked as ExploreReport[];
      played.merged++;
      return { ...parts[0], candidates: parts.reduce((sum, { candidates }) => sum + candidates, 0) };
    },
  },
}));

const { DRAWN, everyOf, explore, partsOf } = await import('./explore.svelte');

const settings = { base: {}, vary: [], objectives: [{ of: 'relus', sense: 'min' }] } as unknown as ExploreSettings;
const report = (candidates: number) =>
  ({ figures: ['relus', 'macs', 'params'], front: [], candidates }) as unknown as ExploreReport;
const part = (first: number): Swept => ({
  report: report(1000),
  places: Float64Array.of(first, first + 1),
  figures: Float64Array.of(1, 2, 3, 4, 5, 6),
});
const settle = () => new Promise((done) => setTimeout(done));

beforeEach(() => explore.work.cancel());

it('cuts a family into parts that a worker does in a moment', () => {
  expect(partsOf(settings, 100, 2)).toBe(1);
  expect(partsOf(settings, 8192, 2)).toBe(8);
  expect(partsOf(settings, 5_000_000, 2)).toBe(77);
  const priced = { ...settings, constraints: [{ of: 'bytes:semi2k', most: 1 }] };
  expect(partsOf(priced, 5_000_000, 2)).toBe(306);
  expect([everyOf(10), everyOf(DRAWN), everyOf(DRAWN + 1), everyOf(5_000_000)]).toEqual([1, 1, 2, 25]);
});

it('keeps what came in before a cancel, and asks for the missing parts only when it goes on', async () => {
  const first = explore.go(settings, 4096);
  expect(played.asks.map(({ shard, of, every }) => [shard, of, every])).toEqual(
    [1, 2, 3, 4, 5, 6, 7, 8].map((shard) => [shard, 8, 1]),
  );
  played.take(part(0), 0);
  played.take(part(10), 2);
  await settle();
  expect(explore.report?.candidates).toBe(2000);
  expect(explore.drawn?.count).toBe(4);
  expect(explore.row(2)).toEqual({ place: 10, figures: [1, 2, 3] });
  expect(explore.row(4)).toBeNull();
  explore.work.cancel();
  await first;
  expect([explore.stopped, explore.whole]).toEqual([true, false]);

  // What a worker says after the cancel is nobody's.
  const late = played.take;
  const second = explore.resume();
  late(part(20), 1);
  expect(explore.drawn?.count).toBe(4);
  expect(played.asks.map(({ shard }) => shard)).toEqual([2, 4, 5, 6, 7, 8]);
  for (let at = 0; at < 6; at++) played.take(part(100 * at), at);
  played.end();
  await second;
  expect(explore.report?.candidates).toBe(8000);
  expect([explore.whole, explore.stopped, explore.work.busy]).toEqual([true, false, false]);

  // Another family begins with nothing.
  void explore.go({ ...settings }, 10);
  expect([explore.report, explore.drawn, explore.pins.length]).toEqual([null, null, 0]);
});

it('pins each candidate once, and puts the two that were named last side by side', () => {
  for (let place = 0; place < 10; place++) explore.pin({ place, figures: [place] });
  explore.pin({ place: 9, figures: [9] });
  expect(explore.pins.map(({ place }) => place)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  for (const place of [3, 4, 5]) explore.beside(place);
  expect(explore.pair).toEqual([4, 5]);
  explore.beside(4);
  explore.unpin(5);
  expect(explore.pair).toEqual([]);
});

it('compares the pair that stands there, and no other', async () => {
  void explore.go({ ...settings }, 10);
  for (const place of [1, 2, 3]) explore.pin({ place, figures: [place] });
  for (const place of [1, 2]) explore.beside(place);
  const names = () => [explore.diff?.a.name, explore.diff?.b.name];
  explore.compare({ protocols: ['semi2k'] });
  // Nothing is known of a pair before its answer; what was asked of it is nobody's once another stands there.
  explore.beside(3);
  await settle();
  expect(explore.diff).toBeNull();
  explore.compare({ protocols: ['semi2k'] });
  await settle();
  expect(names()).toEqual(['candidate-2', 'candidate-3']);
  explore.pin({ place: 4, figures: [4] });
  explore.unpin(1);
  expect(names(), 'pins beside it').toEqual(['candidate-2', 'candidate-3']);
  explore.beside(4);
  expect(explore.diff).toBeNull();
});
