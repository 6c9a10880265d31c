/** What is on screen while networks are made and climbed, over workers that the test plays. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { Options } from '../worker/bridge';

const { page, shares } = vi.hoisted(() => ({
  page: { name: 'first', classes: 20, replaced: null as unknown, planned: null as unknown, text: '' as string | null },
  shares: [] as { asks: { class: number }[]; options: Options; end: () => void; fail: (error: unknown) => void }[],
}));

vi.mock('../worker/train-client', () => ({
  trainers: {
    call: () => Promise.resolve(new Uint8Array(1)),
    share: (_: string, asks: { class: number }[], take: (answer: unknown, at: number) => void, options: Options) =>
      new Promise<void>((resolve, fail) => {
        const end = (): void => {
          asks.forEach((ask, at) => take({ value: ask.class, x: [0], own: 0 }, at));
          resolve();
        };
        shares.push({ asks, options, end, fail });
      }),
  },
}));
const started = vi.fn((_: string, _from: { plan: string }) =>
  Promise.resolve({ view: { relus: 100, held: null, options: '' }, net: new Uint8Array(1) }),
);
vi.mock('../worker/design-client', () => ({
  designers: { call: (...of: Parameters<typeof started>) => started(...of) },
}));
vi.mock('./train-images', () => ({ bytesOf: () => Promise.resolve(new Uint8Array(1)), imagesOf: () => null }));
vi.mock('./cost.svelte', () => ({
  costs: {
    get replaced() {
      return page.replaced;
    },
  },
}));
vi.mock('./replace/plan.svelte', () => ({
  plan: {
    get planned() {
      return page.planned;
    },
  },
}));
vi.mock('./replace/take', () => ({ planFile: () => Promise.resolve(page.text) }));
vi.mock('./session.svelte', () => ({
  session: {
    source: { kind: 'files', files: [{ name: 'net.onnx' }] },
    get score() {
      return { model: { name: page.name, inputs: [{ shape: [1, 1, 8, 8] }], outputs: [{ shape: [1, page.classes] }] } };
    },
  },
}));

const { climbs } = await import('./climbs.svelte');
const settle = () => new Promise((done) => setTimeout(done));

/** Climbs the model on the page up to its climb, which the test ends. */
async function begun(name: string, classes: number) {
  Object.assign(page, { name, classes });
  const ended = climbs.onScreen();
  await settle();
  return { ended, share: shares.pop() };
}

beforeEach(() => {
  shares.length = 0;
  started.mockClear();
  Object.assign(page, { replaced: null, planned: null, text: '' });
  climbs.work.cancel();
  climbs.work.dismiss();
  [climbs.found, climbs.subject] = [null, null];
});

it('keeps what was climbed under its own name until the next climb ends, or does not', async () => {
  const first = await begun('first', 20);
  expect(climbs.found).toBeNull();
  first.share?.end();
  await first.ended;
  expect(climbs.found).toMatchObject({ model: 'first', classes: 20 });
  expect(climbs.found?.climbed.map(([one]) => one?.value)).toEqual(Array.from({ length: 20 }, (_, of) => of));

  const second = await begun('second', 10);
  expect(climbs.found).toMatchObject({ model: 'first', classes: 20 });
  second.share?.fail({ code: 'worker', message: 'It stopped.', place: {}, hint: '' });
  await second.ended;
  expect(climbs.work.problem?.fault.code).toBe('worker');
  expect(climbs.found).toMatchObject({ model: 'first', classes: 20 });

  const third = await begun('third', 10);
  third.share?.end();
  await third.ended;
  expect(climbs.found).toMatchObject({ model: 'third', classes: 10 });
  expect(climbs.found?.climbed).toHaveLength(10);
});

it('says how far a climb is, and ends it', async () => {
  const { ended, share } = await begun('first', 10);
  share?.options.progress?.(4, 30);
  expect(climbs.work.now).toMatchObject({ done: 4, total: 30 });
  climbs.work.cancel();
  expect(share?.options.signal?.aborted).toBe(true);
  share?.end();
  await ended;
  expect(climbs.found).toBeNull();
});

it('climbs anew where the slope moves, but ends nothing that is in the making', async () => {
  Object.assign(page, { name: 'first', classes: 10 });
  const ended = climbs.onScreen();
  climbs.subject = { nets: [], shape: [1, 8, 8], model: null, classes: 10 };
  await climbs.climb();
  await settle();
  expect(shares).toHaveLength(1);
  expect(shares[0]?.options.signal?.aborted).toBe(false);
  // Once it climbs, the newer slope takes its place.
  climbs.slope = 0.5;
  const again = climbs.climb();
  expect(shares[0]?.options.signal?.aborted).toBe(true);
  shares[1]?.end();
  await again;
  expect(climbs.found).toMatchObject({ model: 'first', slope: 0.5 });
  shares[0]?.end();
  await ended;
  expect(climbs.found?.slope).toBe(0.5);
});

it('climbs no original where a plan is in force that is not at hand', async () => {
  page.replaced = [{ index: 0, kept: 2 }];
  expect((await begun('first', 10)).share).toBeUndefined();
  expect(climbs.work.problem?.fault.hint).toContain('Open Replace');
  Object.assign(page, { planned: {}, text: null });
  expect((await begun('first', 10)).share).toBeUndefined();
  expect(climbs.work.problem?.fault.hint).toContain('Open Replace');
  expect(started).not.toHaveBeenCalled();
  page.text = 'the plan';
  expect((await begun('first', 10)).share?.asks).toHaveLength(30);
  expect(started.mock.calls[0]?.[1].plan).toBe('the plan');
});
