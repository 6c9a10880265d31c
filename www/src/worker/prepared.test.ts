import { expect, test } from 'vitest';
import type { Bridge } from './bridge';
import { Answering } from './prepared';

function bridge() {
  const asked: string[] = [];
  const call = (verb: string) => {
    asked.push(verb);
    return Promise.resolve(`the core's ${verb}`);
  };
  return { asked, bridge: { call } as unknown as Bridge };
}

const score = { source: { kind: 'example', id: 'a' }, set: {} };

test('what was prepared is answered without the core, whichever copy of the source asks', async () => {
  const { asked, bridge: core } = bridge();
  const answering = new Answering(core, [{ verb: 'score', ask: score, answer: '"prepared"' }]);
  const ask = (key: number, id: string) => answering.call('score', { source: { kind: 'example', key, id }, set: {} });
  expect(await ask(1, 'a')).toBe('prepared');
  expect(await ask(7, 'a')).toBe('prepared');
  expect(asked).toEqual([]);
  expect(await ask(1, 'b')).toBe("the core's score");
  expect(await answering.call('links', null)).toBe("the core's links");
  expect(asked).toEqual(['score', 'links']);
});

test('other settings are the core’s to answer', async () => {
  const { asked, bridge: core } = bridge();
  const answering = new Answering(core, [{ verb: 'score', ask: score, answer: '"prepared"' }]);
  await answering.call('score', { source: { kind: 'example', key: 1, id: 'a' }, set: { batch: '4' } });
  expect(asked).toEqual(['score']);
});

test('the core is started once, by a question or after the first paint', async () => {
  const { asked, bridge: core } = bridge();
  const answering = new Answering(core, []);
  answering.warm();
  answering.warm();
  await answering.call('examples', null);
  answering.warm();
  expect(asked).toEqual(['links', 'examples']);
});

test('numbers that JSON has not come back', async () => {
  const { bridge: core } = bridge();
  const answering = new Answering(core, [{ verb: 'links', ask: null, answer: '{"values":{"float64":[1.5,null,0]}}' }]);
  const { values } = (await answering.call('links', null)) as unknown as { values: Float64Array };
  expect(values).toBeInstanceOf(Float64Array);
  expect([...values]).toEqual([1.5, Number.NaN, 0]);
});

test('an answer is read once, by the first who asks', async () => {
  const { bridge: core } = bridge();
  const answering = new Answering(core, [{ verb: 'links', ask: null, answer: '{"a":1}' }]);
  expect(await answering.call('links', null)).toBe(await answering.call('links', null));
});
