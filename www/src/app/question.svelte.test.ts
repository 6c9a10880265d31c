import { flushSync } from 'svelte';
import { beforeEach, expect, it } from 'vitest';
import type { Fault } from '../lib/types';
import type { Asking } from './question.svelte';
import { Question, Turns, anywhere } from './question.svelte';

const fault = (code: string): Fault => ({ code, message: code, place: {}, hint: '' });

/** Calls that are answered when the test says so, in the order that they were asked. */
interface Held {
  scene: string;
  asking: Asking;
  soFar: (answer: string) => void;
  answer: (answer: string) => void;
  fail: (error: unknown) => void;
}

let page: string | null;
let held: Held[];
let question: Question<string, string>;

beforeEach(() => {
  page = 'model';
  held = [];
  question = new Question<string, string>(() => page);
});

const ask = () =>
  question.ask(
    (scene, asking, soFar) =>
      new Promise<string>((answer, fail) => void held.push({ scene, asking, soFar, answer, fail })),
  );

const at = (index: number): Held => {
  const one = held[index];
  if (!one) throw new Error(`nothing was asked ${index + 1} times`);
  return one;
};

it('holds the answer, and asks under the scene of the page', async () => {
  const ended = ask();
  expect(question.waiting).toBe(true);
  expect(at(0).scene).toBe('model');
  expect(at(0).asking).toMatchObject({ brief: true });
  at(0).answer('one');
  expect(await ended).toEqual({ answer: 'one' });
  expect(question.answer).toBe('one');
  expect(question.waiting).toBe(false);
});

it('takes the newest answer, in whatever order answers come', async () => {
  const [first, second] = [ask(), ask()];
  expect(at(0).asking.signal.aborted).toBe(true);
  at(1).answer('new');
  expect(await second).toEqual({ answer: 'new' });
  at(0).answer('old');
  expect(await first).toBeNull();
  expect(question.answer).toBe('new');

  const [third, fourth] = [ask(), ask()];
  at(2).answer('overtaken');
  expect(await third).toBeNull();
  expect(question.answer).toBe('new');
  expect(question.waiting).toBe(true);
  at(3).answer('newest');
  await fourth;
  expect(question.answer).toBe('newest');
});

it('drops an answer whose scene has gone, and shows none of another scene', async () => {
  const ended = ask();
  page = 'other model';
  at(0).answer('of the model');
  expect(await ended).toBeNull();
  expect(question.answer).toBeNull();
  page = 'model';
  expect(question.answer).toBeNull();

  const again = ask();
  at(1).answer('of the model');
  await again;
  page = 'other model';
  expect(question.answer).toBeNull();
});

it('drops a fault whose scene has gone, and shows none of another scene', async () => {
  const ended = ask();
  page = 'other model';
  at(0).fail(fault('limit'));
  expect(await ended).toBeNull();
  expect(question.fault).toBeNull();
  const again = ask();
  at(1).fail(fault('limit'));
  await again;
  expect(question.fault?.code).toBe('limit');
  page = 'model';
  expect(question.fault).toBeNull();
});

it('keeps the last good answer beside a fault, which the next good answer takes away', async () => {
  let ended = ask();
  at(0).answer('good');
  await ended;
  ended = ask();
  at(1).fail(fault('limit'));
  expect(await ended).toEqual({ fault: fault('limit') });
  expect(question.answer).toBe('good');
  expect(question.fault?.code).toBe('limit');
  expect(question.waiting).toBe(false);
  ended = ask();
  expect(question.fault?.code, 'until the answer is there').toBe('limit');
  at(2).answer('better');
  await ended;
  expect(question.fault).toBeNull();
  expect(question.answer).toBe('better');
});

it('says nothing of a fault that was overtaken, nor of a cancel', async () => {
  const [first, second] = [ask(), ask()];
  at(0).fail(fault('limit'));
  expect(await first).toBeNull();
  expect(question.fault).toBeNull();
  at(1).fail(fault('cancelled'));
  expect(await second).toBeNull();
  expect(question.fault).toBeNull();
  expect(question.waiting).toBe(false);
});

it('cancels what is under way and keeps the last answer; clear takes all away', async () => {
  let ended = ask();
  at(0).answer('good');
  await ended;
  ended = ask();
  question.cancel();
  expect(at(1).asking.signal.aborted).toBe(true);
  expect(question.waiting).toBe(false);
  at(1).answer('late');
  expect(await ended).toBeNull();
  expect(question.answer).toBe('good');

  ended = ask();
  at(2).fail(fault('limit'));
  await ended;
  ended = ask();
  question.clear();
  at(3).answer('late');
  await ended;
  expect([question.answer, question.fault]).toEqual([null, null]);
});

it('takes partial answers only while they count', async () => {
  const first = ask();
  at(0).soFar('half');
  expect(question.answer).toBe('half');
  const second = ask();
  at(0).soFar('overtaken');
  expect(question.answer).toBe('half');
  at(1).soFar('half of the second');
  page = 'other model';
  at(1).soFar('of a model that has gone');
  expect(question.answer).toBeNull();
  page = 'model';
  expect(question.answer).toBe('half of the second');
  at(0).answer('');
  at(1).answer('whole');
  await Promise.all([first, second]);
  expect(question.answer).toBe('whole');
});

it('changes the answer of the page, and of nothing else', async () => {
  question.amend((answer) => `${answer}, amended`);
  expect(question.answer).toBeNull();
  question.accept('given');
  question.amend((answer) => `${answer}, amended`);
  expect(question.answer).toBe('given, amended');
  page = 'other model';
  question.amend((answer) => `${answer} once more`);
  page = 'model';
  expect(question.answer).toBe('given, amended');
});

it('asks nothing without a scene, and ends what was under way', async () => {
  const first = ask();
  page = null;
  expect(await ask()).toBeNull();
  expect(held).toHaveLength(1);
  expect(at(0).asking.signal.aborted).toBe(true);
  expect(question.waiting).toBe(false);
  at(0).answer('late');
  await first;
  expect(question.answer).toBeNull();
});

it('throws what is no fault, and can be asked again', async () => {
  const ended = ask();
  at(0).fail(new TypeError('a fault of the page itself'));
  await expect(ended).rejects.toThrow(TypeError);
  expect(question.waiting).toBe(false);
  const again = ask();
  at(1).answer('good');
  await again;
  expect(question.answer).toBe('good');
});

it('reads no state for the effect that it is asked in, and is read by effects', async () => {
  let page = $state('model');
  const shown: (string | null)[] = [];
  let asked = 0;
  const question = new Question<string, string>(() => page);
  const stop = $effect.root(() => {
    $effect(() => {
      asked += 1;
      void question.ask((scene) => Promise.resolve(`${page} as ${scene}`));
    });
    $effect(() => void shown.push(question.answer));
  });
  flushSync();
  await Promise.resolve();
  await Promise.resolve();
  flushSync();
  expect(shown).toEqual([null, 'model as model']);
  page = 'other model';
  flushSync();
  expect(shown).toEqual([null, 'model as model', null]);
  expect(asked).toBe(1);
  stop();
});

it('has one scene for what no model answers', async () => {
  const question = new Question<number>(anywhere);
  await question.ask(() => Promise.resolve(7));
  expect(question.answer).toBe(7);
});

it('ends a turn with the next, and with the last', () => {
  const turns = new Turns();
  const [first, second] = [turns.next(), turns.next()];
  expect([first.aborted, second.aborted]).toEqual([true, false]);
  turns.end();
  expect(second.aborted).toBe(true);
  expect(turns.next().aborted).toBe(false);
});
