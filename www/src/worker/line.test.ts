import { expect, test } from 'vitest';
import { AT_ONCE } from '../lib/live';
import { Line } from './line';

const message = (from: 'client' | 'server', bytes: number, online = true) => ({
  from,
  online,
  bytes: new Uint8Array(bytes),
});
const froms = (all: readonly { from: string }[]) => all.map(({ from }) => from);

test('a round takes a round trip and the bytes of both, one after the other', () => {
  const line = new Line();
  line.pace = { up: 1000, down: 500, roundTrip: 0.04 };
  line.put(message('client', 100), 1);
  line.put(message('server', 100), 1);
  // 0.04 + 100 / 1000, then 100 / 500.
  const early = line.take(1.139);
  expect(early.arrived).toEqual([]);
  expect(early.next).toBeCloseTo(1.14, 12);
  const { arrived, next } = line.take(1.15);
  expect(froms(arrived)).toEqual(['client']);
  expect(next).toBeCloseTo(1.34, 12);
  // Asked late, it arrived in time: the next round is counted from then.
  expect(froms(line.take(2).arrived)).toEqual(['server']);
  line.put(message('client', 0), 1.4);
  expect(froms(line.take(1.45).arrived)).toEqual(['client']);
});

test('without a link everything arrives at once, in order', () => {
  const line = new Line();
  line.put(message('server', 5), 0);
  line.put(message('client', 5), 0);
  line.put(message('server', 5, false), 0);
  expect(froms(line.take(0).arrived)).toEqual(['server', 'client', 'server']);
  expect(line.rounds).toBe(1);
});

test('no message overtakes another: what takes no time waits for what does', () => {
  const line = new Line();
  line.pace = { ...AT_ONCE, roundTrip: 1 };
  line.put(message('client', 1), 0);
  line.put(message('server', 1), 0);
  line.put(message('server', 8, false), 0);
  expect(line.take(0.5).arrived).toEqual([]);
  expect(line.take(1).arrived).toHaveLength(3);
});

test('stopped, it lets sharing pass and no round; stepped, one round', () => {
  const line = new Line();
  line.allow(0, 0);
  line.put(message('client', 8, false), 0);
  line.put(message('client', 1), 0);
  line.put(message('server', 1), 0);
  expect(froms(line.take(0).arrived)).toEqual(['client']);
  expect([line.held, line.waiting]).toEqual([true, 2]);
  line.allow(1, 5);
  line.pace = { ...AT_ONCE, roundTrip: 1 };
  // The round begins when it is let go.
  expect(line.take(5)).toEqual({ arrived: [], next: 6 });
  expect(froms(line.take(6).arrived)).toEqual(['client', 'server']);
  line.put(message('client', 1), 6);
  expect([line.take(9).arrived, line.held]).toEqual([[], true]);
});
