import { expect, test } from 'vitest';
import type { Channel } from './bridge';
import { Bridge } from './bridge';
import type { Asked, Reply } from './protocol';

/** A worker that answers only when told to. */
class Fake implements Channel {
  onmessage: Channel['onmessage'] = null;
  onerror: Channel['onerror'] = null;
  asked: Asked[] = [];
  dead = false;
  postMessage(message: unknown): void {
    this.asked.push(message as Asked);
  }
  terminate(): void {
    this.dead = true;
  }
  say(reply: Reply): void {
    this.onmessage?.({ data: reply } as MessageEvent<Reply>);
  }
  get last(): Asked {
    const request = this.asked.at(-1);
    if (!request) throw new Error('nothing was asked');
    return request;
  }
}

function bench(): { bridge: Bridge; workers: Fake[]; now: () => Fake } {
  const workers: Fake[] = [];
  const bridge = new Bridge(() => {
    const worker = new Fake();
    workers.push(worker);
    return worker;
  });
  const now = (): Fake => {
    const worker = workers.at(-1);
    if (!worker) throw new Error('no worker was started');
    return worker;
  };
  return { bridge, workers, now };
}

const subject = { source: { kind: 'example', key: 1, id: 'x' }, set: {} } as const;
const boom = { code: 'truncated', message: 'The file ends early.', place: { offset: 9 }, hint: 'Export again.' };

test('one request at a time, answers in order, one worker for all', async () => {
  const { bridge, workers, now } = bench();
  const first = bridge.call('score', subject);
  const second = bridge.call('score', subject);
  expect(now().asked).toHaveLength(1);
  now().say({ id: now().last.id, type: 'answer', answer: 'a' });
  expect(now().asked).toHaveLength(2);
  now().say({ id: now().last.id, type: 'answer', answer: 'b' });
  expect([await first, await second]).toEqual(['a', 'b']);
  expect(workers).toHaveLength(1);
});

test('progress reaches its caller, late replies reach nobody', async () => {
  const { bridge, now } = bench();
  const seen: number[] = [];
  const call = bridge.call('score', subject, { progress: (done) => seen.push(done) });
  const { id } = now().last;
  now().say({ id, type: 'progress', done: 5, total: 9 });
  now().say({ id: id + 1, type: 'progress', done: 7, total: 9 });
  now().say({ id, type: 'answer', answer: 'a' });
  now().say({ id, type: 'progress', done: 9, total: 9 });
  await call;
  expect(seen).toEqual([5]);
});

test('a fault passes through as it is and the worker stays', async () => {
  const { bridge, workers, now } = bench();
  const call = bridge.call('score', subject);
  now().say({ id: now().last.id, type: 'fault', fault: boom, fatal: false });
  await expect(call).rejects.toEqual(boom);
  void bridge.call('score', subject);
  expect(workers).toHaveLength(1);
});

test('cancelling the running request ends the worker; the next one gets a fresh one', async () => {
  const { bridge, workers, now } = bench();
  const stop = new AbortController();
  const call = bridge.call('score', subject, { signal: stop.signal });
  const next = bridge.call('score', subject);
  stop.abort();
  await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  expect(workers.map((worker) => worker.dead)).toEqual([true, false]);
  now().say({ id: now().last.id, type: 'answer', answer: 'b' });
  expect(await next).toBe('b');
});

test('cancelling a waiting request leaves the running one alone', async () => {
  const { bridge, workers, now } = bench();
  const stop = new AbortController();
  const running = bridge.call('score', subject);
  const waiting = bridge.call('score', subject, { signal: stop.signal });
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  now().say({ id: now().last.id, type: 'answer', answer: 'a' });
  expect(await running).toBe('a');
  expect(workers).toHaveLength(1);
  expect(now().asked).toHaveLength(1);
});

test('a brief request is dropped while it waits and finishes once it runs', async () => {
  const { bridge, workers, now } = bench();
  const stop = new AbortController();
  const options = { signal: stop.signal, brief: true };
  const running = bridge.call('score', subject, options);
  const waiting = bridge.call('score', subject, options);
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  now().say({ id: now().last.id, type: 'answer', answer: 'a' });
  expect(await running).toBe('a');
  expect(workers.map((worker) => worker.dead)).toEqual([false]);
});

test('a core that stopped is replaced, and so is a worker that does not start', async () => {
  const { bridge, workers, now } = bench();
  const trapped = bridge.call('score', subject);
  now().say({ id: now().last.id, type: 'fault', fault: boom, fatal: true });
  await expect(trapped).rejects.toEqual(boom);
  const lost = bridge.call('score', subject);
  now().onerror?.({} as ErrorEvent);
  await expect(lost).rejects.toMatchObject({ code: 'worker' });
  void bridge.call('score', subject);
  expect(workers.map((worker) => worker.dead)).toEqual([true, true, false]);
});

test('stopping ends the worker and everything under way; the next request gets a fresh one', async () => {
  const { bridge, workers, now } = bench();
  const running = bridge.call('score', subject);
  const waiting = bridge.call('score', subject);
  bridge.stop();
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect(now().dead).toBe(true);
  const next = bridge.call('score', subject);
  now().say({ id: now().last.id, type: 'answer', answer: 'a' });
  expect(await next).toBe('a');
  expect(workers.map((worker) => worker.dead)).toEqual([true, false]);
});
