/** The page's state over a core that the test plays: what is on screen after which answer, and links there and back. */
import type { LinkView, Opening, Score } from '../contract/core';
import { flushSync } from 'svelte';
import { beforeEach, expect, it, vi } from 'vitest';
import { estimate } from '../lib/testing';
import type { Fault } from '../lib/types';

interface Call {
  verb: string;
  ask: never;
  signal: AbortSignal | undefined;
  answer: (answer: unknown) => void;
  fail: (fault: Fault) => void;
}

const { calls } = vi.hoisted(() => ({ calls: [] as Call[] }));

vi.mock('../worker/client', () => ({
  core: {
    call: (verb: string, ask: never, options: { signal?: AbortSignal } = {}) =>
      new Promise((answer, fail) => void calls.push({ verb, ask, signal: options.signal, answer, fail })),
    warm() {},
  },
}));
vi.mock('../worker/design-client', () => ({ designers: { call: () => new Promise(() => {}) } }));
vi.mock('../worker/run-client', () => ({ runner: { call: () => new Promise(() => {}), stop() {} } }));

const { session } = await import('./session.svelte');
const { costs } = await import('./cost.svelte');
const { compare } = await import('./compare.svelte');
const { pareto } = await import('./pareto.svelte');
const { table } = await import('./table.svelte');
const { route } = await import('./routes.svelte');
const { linkNow, openLink } = await import('./link.svelte');
// What links fetch when they are made.
await Promise.all([import('./replace/link'), import('./design-link')]);
const { wishes } = await import('./replace/wishes.svelte');
const { sweep } = await import('./replace/sweep.svelte');
const { design } = await import('./design.svelte');

const score = (name: string): Score =>
  ({
    model: { name, hash: `hash of ${name}`, inputs: [], outputs: [], weights: { missing_files: [] } },
    totals: { relu: { elements: 8 }, activations: {}, macs: 64 },
    layers: [],
  }) as unknown as Score;

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  await new Promise((done) => setTimeout(done));
  flushSync();
};

/** The newest call of a verb, taken from those that wait. */
function taken(verb: string): Call {
  const at = calls.findLastIndex((call) => call.verb === verb);
  const [call] = at < 0 ? [] : calls.splice(at, 1);
  if (!call) throw new Error(`${verb} was not asked: ${calls.map((each) => each.verb).join()}`);
  return call;
}

const costed = (bytes: number) => ({
  table: {
    report: { estimates: [estimate({}, { bytes_total: bytes })] },
    fields: ['index'],
    values: new Float64Array(),
  },
  kept: null,
});

const opening = (protocol: string): Opening => ({ protocol, why: '' });

async function open(name: string, opensUnder = [opening('delphi:server-garbler')]): Promise<Score> {
  const opened = session.openExample(name);
  const one = score(name);
  taken('score').answer({ score: one, memory: 1, opensUnder, link: null });
  await opened;
  await settle();
  return one;
}

beforeEach(async () => {
  await open('reset');
  Object.assign(costs, { chosenProtocol: null, link: 'lan', chosenTerms: {}, chosenActivations: {} });
  await settle();
  calls.length = 0;
});

it('asks for the cost of a model once it is there, and shows it for that model alone', async () => {
  await open('one');
  taken('cost').answer(costed(10));
  await settle();
  expect(costs.answer?.estimate.bytes_total).toBe(10);
  const opened = session.openExample('two');
  expect(costs.answer?.estimate.bytes_total, 'while the next is opened').toBe(10);
  taken('score').answer({ score: score('two'), memory: 1, opensUnder: [], link: null });
  await opened;
  expect(costs.answer).toBeNull();
  await settle();
  taken('cost').answer(costed(20));
  await settle();
  expect(costs.answer?.estimate.bytes_total).toBe(20);
});

it('prices each model under what the core says, until a person chooses: that holds for the next model', async () => {
  await open('one', [opening('a'), opening('b')]);
  expect(taken('cost').ask).toMatchObject({ settings: { protocols: ['a'] } });
  expect(costs.besides).toEqual([opening('b')]);
  await open('two', [opening('c')]);
  expect(taken('cost').ask).toMatchObject({ settings: { protocols: ['c'] } });
  expect(costs.besides).toEqual([]);
  costs.protocol = 'b';
  await settle();
  expect(taken('cost').ask).toMatchObject({ settings: { protocols: ['b'] } });
  await open('three', [opening('a'), opening('b')]);
  expect(taken('cost').ask).toMatchObject({ settings: { protocols: ['b'] } });
  expect(costs.besides).toEqual([opening('a')]);
});

it('prices a link that names no protocol under what the core says, whatever was chosen before', async () => {
  await open('one');
  costs.protocol = 'semi2k';
  await receive({ example: null, view: 'score', cost: { protocols: [], link: 'lan' }, settings: [], selection: [] });
  expect(taken('cost').ask).toMatchObject({ settings: { protocols: ['cheetah:paper'] } });
});

it('asks again for the same example opened once more', async () => {
  const same = await open('one');
  taken('cost').answer(costed(10));
  await settle();
  const opened = session.openExample('one');
  taken('score').answer({ score: same, memory: 1, opensUnder: [], link: null });
  await opened;
  await settle();
  taken('cost').answer(costed(10));
  await settle();
  expect(costs.answer?.estimate.bytes_total).toBe(10);
});

it('shows the cost of the newest settings, however late an older answer comes', async () => {
  await open('one');
  const older = taken('cost');
  costs.protocol = 'semi2k';
  await settle();
  expect(older.signal?.aborted).toBe(true);
  const newer = taken('cost');
  expect(newer.ask).toMatchObject({ settings: { protocols: ['semi2k'] } });
  newer.answer(costed(2));
  await settle();
  older.answer(costed(1));
  await settle();
  expect(costs.answer?.estimate.bytes_total).toBe(2);
});

it('keeps the last cost beside a fault, and the fault goes with its model', async () => {
  await open('one');
  taken('cost').answer(costed(10));
  await settle();
  costs.protocol = 'semi2k';
  await settle();
  taken('cost').fail({ code: 'io', message: 'gone', place: {}, hint: '' });
  await settle();
  expect(costs.answer?.estimate.bytes_total).toBe(10);
  expect(costs.fault?.code).toBe('io');
  await open('two');
  expect(costs.fault).toBeNull();
});

it('moves the link in the same frame, on what is on screen', async () => {
  await open('one');
  taken('cost').answer(costed(10));
  await settle();
  const before = costs.answer?.estimate.online.link_seconds;
  costs.setRate({ rtt: 1000 });
  expect(costs.answer?.estimate.online.link_seconds).not.toBe(before);
  expect(costs.answer?.estimate.online.link_seconds).toBeGreaterThan(2.9);
  expect(costs.settings).toMatchObject({ rtt: 1000 });
});

it('leaves the score as it is after a fault or a cancel, and after an answer that was overtaken', async () => {
  const one = await open('one');
  const failing = session.openExample('bad');
  taken('score').fail({ code: 'not-onnx', message: 'no', place: {}, hint: '' });
  await failing;
  expect(session.score).toBe(one);
  expect(session.work.problem).toMatchObject({ doing: 'Opening bad', fault: { code: 'not-onnx' } });
  const slow = session.openExample('slow');
  const late = taken('score');
  session.work.cancel();
  late.answer({ score: score('slow'), memory: 1, opensUnder: [], link: null });
  await slow;
  expect(session.score).toBe(one);
});

it('compares over the page\u2019s link and over each preset, each with settings of its own', async () => {
  await open('one');
  costs.setRate({ rtt: 7 });
  compare.ask({ ...costs.settings, protocols: ['a'] });
  expect(taken('costEach').ask).toMatchObject({ each: [{ rtt: 7, protocols: ['a'] }] });
  compare.askPresets({ ...costs.settings, protocols: ['a'] }, ['lan', 'wan']);
  const call = taken('costEach');
  const { each } = call.ask as { each: object[] };
  expect(each).toEqual([
    { link: 'lan', protocols: ['a'] },
    { link: 'wan', protocols: ['a'] },
  ]);
  call.answer([{ estimates: [estimate({}, { bytes_total: 1 })] }, { estimates: [estimate({}, { bytes_total: 2 })] }]);
  await settle();
  expect([...compare.presets].map(([id, over]) => [id, over[0]?.bytes_total])).toEqual([
    ['lan', 1],
    ['wan', 2],
  ]);
});

/** What the page would send of what is on screen. */
async function sent(): Promise<LinkView> {
  const made = linkNow(true);
  await vi.waitFor(() => expect(calls.some(({ verb }) => verb === 'share')).toBe(true));
  const call = taken('share');
  call.answer('#r1=x');
  await made;
  return (call.ask as { view: LinkView }).view;
}

async function receive(view: LinkView): Promise<void> {
  const opened = openLink('#r1=x');
  taken('score').answer({
    score: score('linked'),
    memory: 1,
    opensUnder: [opening('cheetah:paper')],
    link: { view, profiles: [], changed: [], sent: [] },
  });
  await opened;
  await settle();
}

it('calls what a link says of an order the word of the link, once however often it is sent', async () => {
  await open('one');
  design.change({ order: '2,1,3,4', orderFrom: 'ours, a model run as it was', orderOf: 'one.onnx' });
  const said = { orderFrom: 'the link says: ours, a model run as it was', orderOf: 'one.onnx' };
  await receive(await sent());
  expect(design.equalising).toMatchObject(said);
  await receive(await sent());
  expect(design.equalising).toMatchObject(said);
  design.change({ order: '1,2,3,4' });
  expect(design.equalising).toMatchObject({ orderFrom: '', orderOf: '' });
});

it('opens a link to what was on screen, to the last setting', async () => {
  await open('one');
  costs.protocol = 'semi2k';
  costs.chosenTerms = { he_threads: 3, gc_threads: 8, ring_bits: 64 };
  costs.chosenActivations = { activation: 'identity', activation_share: 0.125, granularity: 'layer' };
  costs.setRate({ up: 12, down: 34, rtt: 5 });
  costs.measure = 'bytes';
  table.sort('relu');
  table.show('macs', false);
  table.pick('cheap', [4, 2]);
  Object.assign(pareto, {
    axis: 'macs',
    log: false,
    budget: 15_000,
    hidden: new Set(['A']),
    chosenDataset: 'CIFAR-10',
  });
  pareto.window = { x: [1, 2], y: [3, 4] };
  pareto.keep({ name: 'mine', relus: 5, macs: 6, accuracy: 92.5, dataset: 'CIFAR-10' });
  route.view = 'compare';
  const view = await sent();
  expect(view.cost).toMatchObject({ he_threads: 3, gc_threads: 8, activation_share: 0.125, up: 12, down: 34, rtt: 5 });
  expect(view.selection).toEqual([2, 4]);

  await open('another');
  Object.assign(costs, { protocol: 'x', link: 'wan', chosenTerms: { he_threads: 99 }, chosenActivations: {} });
  costs.measure = null;
  table.reset();
  table.columns = {};
  Object.assign(pareto, { axis: 'relus', log: true, budget: null, hidden: new Set(), window: null, pins: [] });
  route.view = 'score';
  await receive(view);
  const again = await sent();
  expect({ ...again, example: null }).toEqual({ ...view, example: null });
  expect(costs.chosenTerms).toEqual({ he_threads: 3, gc_threads: 8, ring_bits: 64 });
  expect(costs.activations).toEqual({ activation: 'identity', activation_share: 0.125, granularity: 'layer' });
  expect(route.view).toBe('compare');
});

it('carries a plan there and back, and sends none where nothing was wished for', async () => {
  await open('one');
  const planPairs = async () => (await sent()).settings.filter(([key]) => key.includes('plan.'));
  expect(await planPairs()).toEqual([]);
  // A link of the command line has a plan's costs and no wish; it is passed on as it came.
  costs.replace([{ index: 3, kept: 2, scales: 0, products: 1 }]);
  expect(await planPairs()).toEqual([]);
  wishes.begin(session.source, { wish: { ...wishes.wish, budget: '25%', degree: 4 }, file: null });
  costs.replace([{ index: 3, kept: 2, scales: 0, products: 1 }]);
  const view = await sent();
  expect(view.cost).toMatchObject({ replaced: [{ index: 3, kept: 2 }] });
  expect(view.settings.map(([key]) => key)).toContain('plan.wish');

  await open('another');
  expect(costs.replaced, 'a plan is of its model').toBeNull();
  await receive(view);
  expect(wishes.wish).toMatchObject({ budget: '25%', degree: 4 });
  expect(wishes.of).toBe(session.source);
  expect(costs.replaced).toEqual([{ index: 3, kept: 2, scales: 0, products: 1 }]);
  expect(sweep.points).toEqual({});
});

it('keeps an own accuracy inside 0 to 100, and takes pins that fit', async () => {
  await receive({
    example: null,
    view: 'no such view',
    cost: null,
    settings: [
      ['pareto.x', 'no such axis'],
      ['accuracy', '101'],
      ['pin', '1|2|-3|CIFAR-10'],
      ['pin', 'x|2|3|CIFAR-10'],
      ['name.pin', 'a'],
    ],
    selection: [],
  });
  expect(route.view).toBe('score');
  expect(pareto.current?.accuracy).toBeNull();
  expect(pareto.pins).toMatchObject([{ name: 'a', relus: 1, macs: 2, accuracy: null }]);
});
