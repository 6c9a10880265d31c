import { expect, test } from 'vitest';
import type { Channel } from './bridge';
import { Pool } from './pool';
import type { Asked, Reply } from './protocol';

interface Verbs {
  double: { ask: number; answer: number };
}

/** A worker that waits to be told to answer. */
class Fake implements Channel {
  onmessage: Channel['onmessage'] = null;
  onerror: Channel['onerror'] = null;
  asked: Asked | null = null;
  dead = false;
  postMessage(message: unknown): void {
    this.asked = message as Asked;
  }
  terminate(): void {
    this.dead = true;
  }
  say(reply: Partial<Reply> & { type: Reply['type'] }): void {
    const id = this.asked?.id;
    this.asked = null;
    this.onmessage?.({ data: { id, ...reply } } as MessageEvent<Reply>);
  }
}

function bench(size: number) {
  const workers: Fake[] = [];
  const pool = new Pool<Verbs>(() => {
    const worker = new Fake();
    workers.push(worker);
    return worker;
  }, size);
  return { pool, workers };
}
const settle = () => new Promise((done) => setTimeout(done));

test('each question goes to the next worker that is free, and all are answered', async () => {
  const { pool, workers } = bench(2);
  const [found, told]: [number[], number[]] = [[], []];
  const done = pool.share('double', [0, 1, 2, 3, 4], (answer, place) => (found[place] = answer), {
    progress: (now) => told.push(now),
  });
  // The second worker is slow: the first takes the rest.
  expect(workers.map(({ asked }) => asked?.ask)).toEqual([0, 1]);
  for (const ask of [0, 2, 3, 4]) {
    expect(workers[0]?.asked?.ask).toBe(ask);
    workers[0]?.say({ type: 'answer', answer: 2 * ask });
    await settle();
  }
  workers[1]?.say({ type: 'answer', answer: 2 });
  await done;
  expect(found).toEqual([0, 2, 4, 6, 8]);
  expect(told).toEqual([1, 2, 3, 4, 5]);
});

test('a fault ends it, and nothing more is asked', async () => {
  const { pool, workers } = bench(2);
  const taken: number[] = [];
  const done = pool.share('double', [0, 1, 2, 3], (_, place) => taken.push(place));
  const fault = { code: 'overflow', message: 'too much', place: {}, hint: '' };
  workers[0]?.say({ type: 'fault', fault, fatal: false });
  await expect(done).rejects.toEqual(fault);
  workers[1]?.say({ type: 'answer', answer: 2 });
  await settle();
  expect(taken).toEqual([1]);
  expect(workers.map(({ asked }) => asked)).toEqual([null, null]);
});

test('a cancel ends every worker', async () => {
  const { pool, workers } = bench(3);
  const stop = new AbortController();
  const done = pool.share('double', [0, 1, 2, 3], () => {}, { signal: stop.signal });
  stop.abort();
  await expect(done).rejects.toMatchObject({ code: 'cancelled' });
  expect(workers.every(({ dead }) => dead)).toBe(true);
});

test('a member that somebody has to itself is not waited for once all is done', async () => {
  const { pool, workers } = bench(2);
  let giveBack = (): void => {};
  const taken = pool.lend(() => new Promise<void>((resolve) => (giveBack = resolve)));
  const found: number[] = [];
  const done = pool.share('double', [0, 1], (answer) => found.push(answer));
  for (const ask of [0, 1]) {
    expect(workers[0]?.asked?.ask).toBe(ask);
    workers[0]?.say({ type: 'answer', answer: 2 * ask });
    await settle();
  }
  await done;
  expect(found).toEqual([0, 2]);
  giveBack();
  await taken;
  // It is free again, and so is the other.
  expect(await Promise.all([pool.lend(() => Promise.resolve(1)), pool.lend(() => Promise.resolve(2))])).toEqual([1, 2]);
  expect(workers).toHaveLength(1);
});
