// The protocol's engine as the page loads it, on what the page's core makes of the digits network: the bytes and rounds that
// the native one sends and the profile says, the same class as the native one, and what is no network refused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileOverBytes } from './files.mjs';

const root = join(import.meta.dirname, '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');

const load = async (folder) => {
  const at = join(root, 'www/src/worker', folder);
  const wasm = await import(join(at, 'reluctant.js'));
  wasm.initSync({ module: readFileSync(join(at, 'reluctant_bg.wasm')) });
  return wasm;
};
const core = await load('pkg');
const cpu = await load('pkg-cpu');
const { Dealer, Party, memory_bytes } = await load('pkg-mpc');
core.opens_cpu((weightBytes) => new cpu.Library(weightBytes));

/** A model and its first sample in a ring of 64 bits with 18 after the point. */
function lowered(path, arrays, argmax = false) {
  const file = new FileOverBytes(readFileSync(join(root, 'tests/corpus', path)), path);
  const runner = core.Runner.open([file], { set: {} }, { engine: 'cpu', batch: 1 }, () => {});
  const [array] = core.read_arrays(arrays, readFileSync(join(root, 'tests/corpus', arrays)));
  const [samples, ...rest] = array.shape;
  const bytes = array.bytes.slice(0, array.bytes.length / samples);
  const [{ name }] = runner.info().inputs;
  const settings = { ring_bits: 64, fraction_bits: 18, truncation: 'probabilistic', seed: 0 };
  return runner.live(settings, { inputs: [{ ...array, name, shape: [1, ...rest], bytes }], labels: null }, argmax);
}

const seed = (of) => new Uint8Array(32).fill(of);

/** An inference in one thread; what was sent, and the result. */
function infer({ network, weights, input }, seeds = [1, 2, 3]) {
  const [a, b, c] = seeds.map(seed);
  const parties = { client: Party.client(network, input, a), server: Party.server(network, weights, b) };
  const dealer = new Dealer(network, c);
  const sent = [];
  for (let done = 0; done < 2;) {
    done = 0;
    for (const party of Object.values(parties)) {
      const state = party.work();
      if (state === 'done') done += 1;
      const out = [];
      for (let message = party.leave(); message; message = party.leave()) out.push(message);
      if (state === 'dealer') out.push(dealer.deal());
      for (const message of out) {
        sent.push(message);
        parties[message.to].arrive(message);
      }
    }
  }
  return { sent, result: [...parties.client.result()] };
}

const sum = (sent, of) => sent.filter(of).reduce((all, { bytes }) => all + bytes.length, 0);
const digits = lowered('digits/digits_cnn.onnx', 'digits/digits.npz');
const ran = infer(digits);

test('the digits network sends what it is priced at, layer by layer', () => {
  const { view } = digits;
  for (const { name, at, predicted_bytes } of view.layers) {
    assert.equal(
      sum(ran.sent, ({ online, layer }) => online && at.includes(layer)),
      predicted_bytes,
      name,
    );
  }
  // 483,280 B in 54 messages of each, as SPU 0.9.5 counted.
  for (const [place, from] of ['client', 'server'].entries()) {
    const own = ran.sent.filter((message) => message.online && message.from === from);
    assert.equal(own.length, 54);
    assert.equal(
      sum(own, () => true),
      241_640,
    );
    assert.equal(view.predicted_bytes[place], 241_640);
  }
  assert.deepEqual(view.input, [1, 1, 8, 8]);
  assert.deepEqual(
    view.layers.filter(({ op }) => op === 'Relu').map(({ measured, shape }) => [...measured, shape.join()]),
    view.layers
      .filter(({ op }) => op === 'Relu')
      .map(({ shape }) => ['relu', String(shape.reduce((a, b) => a * b)), shape.join()]),
  );
});

test('native and wasm say the same', () => {
  const path = join(root, 'tests/corpus/digits/digits.npz');
  const args = ['mpc', join(root, 'tests/corpus/digits/digits_cnn.onnx'), '--input', path, '--json'];
  const native = spawnSync(join(target, 'debug/reluctant'), args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  assert.equal(native.status, 0, native.stderr);
  const report = JSON.parse(native.stdout);
  assert.equal(
    report.bytes_total,
    sum(ran.sent, ({ online }) => online),
  );
  assert.equal(report.rounds, 54);
  // Truncation is off by one unit, 2^-18, here and there, and a few hundred weights carry it on.
  for (const [at, score] of ran.result.entries()) assert.ok(Math.abs(score - report.output[0][at]) < 1e-3, `${score}`);
});

test('the best class alone is one number', () => {
  const { result } = infer(lowered('digits/digits_cnn.onnx', 'digits/digits.npz', true));
  assert.equal(result.length, 1);
  const wanted = ran.result.indexOf(Math.max(...ran.result));
  // As a fraction of 18 bits.
  assert.equal(result[0] * 2 ** 18, wanted);
});

test('resnet-20 sends what the public engine sent', () => {
  const model = 'models/resnet20_32.legacy.op13.b1';
  const start = performance.now();
  const { sent, result } = infer(lowered(`${model}.onnx`, `${model}.in0.npy`));
  assert.equal(
    sum(sent, ({ online }) => online),
    57_502_032,
  );
  const [wanted] = core.read_arrays('out.npy', readFileSync(join(root, `tests/corpus/${model}.out0.npy`)));
  for (const [at, score] of core.floats(wanted).entries()) assert.ok(Math.abs(score - result[at]) < 1e-2, `${at}`);
  console.log(
    `${((performance.now() - start) / 1000).toFixed(2)} s, ${(memory_bytes() / 2 ** 20).toFixed(0)} MB for all three`,
  );
});

test('what is no network, no weights, no message is refused', () => {
  const { network, weights, input } = digits;
  const refused = (work) =>
    assert.throws(work, ({ code, message }) => code === 'invalid-setting' && message.length > 10);
  for (const end of [0, 4, 10, network.length - 1]) refused(() => new Dealer(network.slice(0, end), seed(1)));
  refused(() => new Dealer(Uint8Array.of(...network, 0), seed(1)));
  refused(() => new Dealer(weights, seed(1)));
  refused(() => Party.server(network, weights.slice(0, -1), seed(1)));
  refused(() => Party.server(network, network, seed(1)));
  refused(() => Party.client(network, input.slice(1), seed(1)));
  refused(() => Party.client(network, input, new Uint8Array(31)));
  const party = Party.client(network, input, seed(1));
  const message = { from: 'dealer', to: 'client', layer: 0, kind: 'seed', online: false, bytes: seed(1) };
  for (const other of [{ kind: 'gold' }, { from: 'nobody' }, { to: 'server' }, { bytes: [] }, { layer: 'x' }])
    refused(() => party.arrive({ ...message, ...other }));
  party.arrive({ ...message, bytes: seed(1).slice(1) });
  refused(() => party.work());
});
