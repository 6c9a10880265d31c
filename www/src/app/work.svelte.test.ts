import { beforeEach, expect, it } from 'vitest';
import type { Fault } from '../lib/types';
import type { Step } from './work.svelte';
import { Work } from './work.svelte';

const fault = (code: string): Fault => ({ code, message: code, place: {}, hint: '' });
let work: Work;
beforeEach(() => (work = new Work()));

/** Work that the test ends. */
function held(doing: string) {
  let done = (): void => {};
  let fail: (error: unknown) => void = () => {};
  let step: Step = () => ({});
  let signal = new AbortController().signal;
  const ended = work.do(doing, (to, until) => {
    [step, signal] = [to, until];
    return new Promise<void>((resolve, reject) => ([done, fail] = [resolve, reject]));
  });
  return { ended, done: () => done(), fail: (error: unknown) => fail(error), step: () => step, signal: () => signal };
}

it('shows its steps and how far they are, and nothing once it is done', async () => {
  const one = held('Running');
  expect(work.busy).toBe(true);
  const { progress, signal } = one.step()('Loading', 'bytes');
  expect(signal).toBe(one.signal());
  expect(work.now).toEqual({ what: 'Loading', done: 0, total: 0, unit: 'bytes' });
  progress?.(3, 9);
  expect(work.now).toEqual({ what: 'Loading', done: 3, total: 9, unit: 'bytes' });
  one.done();
  await one.ended;
  expect([work.busy, work.now, work.problem]).toEqual([false, null, null]);
});

it('says what went wrong with what, until it is dismissed or the next work begins', async () => {
  const one = held('Running');
  one.fail(fault('limit'));
  await one.ended;
  expect(work.problem).toEqual({ doing: 'Running', fault: fault('limit') });
  expect([work.busy, work.now]).toEqual([false, null]);
  held('Again');
  expect(work.problem).toBeNull();
  work.problem = { doing: 'Other', fault: fault('io') };
  work.dismiss();
  expect(work.problem).toBeNull();
});

it('ends the work under way where a newer one begins, and hears no more of it', async () => {
  const first = held('First');
  const { progress } = first.step()('First', '');
  const second = held('Second');
  second.step()('Second', '');
  expect(first.signal().aborted).toBe(true);
  progress?.(1, 2);
  expect(work.now?.what).toBe('Second');
  first.fail(fault('limit'));
  await first.ended;
  expect(work.problem).toBeNull();
  expect([work.busy, work.now?.what]).toEqual([true, 'Second']);
  second.done();
  await second.ended;
  expect(work.busy).toBe(false);
});

it('is idle at once when it is cancelled, without a fault', async () => {
  const one = held('Running');
  one.step()('Running', '');
  work.cancel();
  expect(one.signal().aborted).toBe(true);
  expect([work.busy, work.now]).toEqual([false, null]);
  one.fail(fault('cancelled'));
  await one.ended;
  expect(work.problem).toBeNull();
});

it('throws what is no fault, and is idle then', async () => {
  const one = held('Running');
  one.fail(new TypeError('a fault of the page itself'));
  await expect(one.ended).rejects.toThrow(TypeError);
  expect(work.busy).toBe(false);
});
