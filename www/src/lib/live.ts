/** What is known of an inference under a protocol while it runs: its traffic by layer, beside what it is priced at. */
import type { FixedSettings, LiveLayer, LiveView } from '../contract/core';

type Ring = Pick<FixedSettings, 'fraction_bits'>;

/** How fast a link is: bytes a second each way, null for no limit; seconds of a round trip. */
export interface Pace {
  up: number | null;
  down: number | null;
  roundTrip: number;
}

export const AT_ONCE: Pace = { up: null, down: null, roundTrip: 0 };

/** Seconds of so many bytes each way and rounds, as links are priced: one after the other. */
export function secondsOn(pace: Pace, [up, down]: readonly [number, number], rounds: number): number {
  const time = (bytes: number, rate: number | null): number => (rate === null ? 0 : bytes / rate);
  return time(up, pace.up) + time(down, pace.down) + rounds * pace.roundTrip;
}

/** A message that arrived, as the page is told of it: all but what it says. */
export interface Told {
  from: 'client' | 'server' | 'dealer';
  to: 'client' | 'server' | 'dealer';
  /** Of the engine's layers. */
  layer: number;
  kind: string;
  /** Part of an inference as it is priced: between the parties, neither sharing nor opening. */
  online: boolean;
  bytes: number;
  /** Seconds from the first message to its arrival, without those in which the line was held. */
  at: number;
}

export interface Traffic {
  /** Of both parties. */
  bytes: number;
  /** Of both parties. */
  messages: number;
  /** Both send and wait for one another. */
  rounds: number;
}

const NONE: Traffic = { bytes: 0, messages: 0, rounds: 0 };

function sum(told: readonly Told[]): Traffic {
  const all = { ...NONE };
  for (const { online, bytes, from } of told) {
    if (!online) continue;
    all.bytes += bytes;
    all.messages += 1;
    if (from === 'client') all.rounds += 1;
  }
  return all;
}

export interface Row {
  layer: LiveLayer;
  traffic: Traffic;
}

/** What each layer sent. */
export function rowsOf(layers: readonly LiveLayer[], told: readonly Told[]): Row[] {
  const of = new Map<number, Told[]>();
  for (const one of told) {
    const list = of.get(one.layer);
    if (list) list.push(one);
    else of.set(one.layer, [one]);
  }
  return layers.map((layer) => ({ layer, traffic: sum(layer.at.flatMap((at) => of.get(at) ?? [])) }));
}

export interface Totals extends Traffic {
  /** Bytes of both parties, the client's first. */
  byParty: [number, number];
  /** Bytes that the price leaves out. */
  apart: { sharing: number; opening: number; dealer: number };
  /** When the last message arrived. */
  seconds: number;
}

export function totalsOf(told: readonly Told[]): Totals {
  const bytes = (of: (one: Told) => boolean): number => told.reduce((all, one) => (of(one) ? all + one.bytes : all), 0);
  return {
    ...sum(told),
    byParty: [
      bytes(({ online, from }) => online && from === 'client'),
      bytes(({ online, from }) => online && from === 'server'),
    ],
    apart: {
      sharing: bytes(({ kind }) => kind === 'input' || kind === 'weights'),
      opening: bytes(({ kind }) => kind === 'output'),
      dealer: bytes(({ from }) => from === 'dealer'),
    },
    seconds: told.at(-1)?.at ?? 0,
  };
}

/** Seconds that the link is priced at; null where a layer has no price. */
export const pricedOn = (pace: Pace, view: LiveView): number | null =>
  view.predicted_bytes && view.predicted_rounds !== null
    ? secondsOn(pace, view.predicted_bytes, view.predicted_rounds)
    : null;

/** Where the class is: the largest score. */
export const best = (scores: ArrayLike<number>): number => {
  let place = 0;
  for (let at = 1; at < scores.length; at += 1) if ((scores[at] ?? 0) > (scores[place] ?? 0)) place = at;
  return place;
};

/** The class that the client learnt: opened alone, it is a whole number that is read as a fraction of the ring. */
export const classOf = (result: ArrayLike<number>, { argmax, ring }: { argmax: boolean; ring: Ring }): number =>
  argmax ? Math.round((result[0] ?? 0) * 2 ** ring.fraction_bits) : best(result);

/** Measurements of an engine, a line an operation, as Calibrate reads them. `seconds`: of each of the engine's layers. */
export function measurements(rows: readonly Row[], seconds: ReadonlyMap<number, number>): string {
  const lines = rows.flatMap(({ layer: { measured, at }, traffic: { bytes, rounds } }) => {
    const took = at.reduce((all, one) => all + (seconds.get(one) ?? 0), 0);
    return measured && took > 0 ? [[...measured, bytes, rounds, took].join('\t')] : [];
  });
  return lines.length > 0 ? ['op\tsize\tbytes\trounds\tseconds', ...lines].join('\n') : '';
}
