// The wasm that the page loads and the native command line give the same report, to the unit, for
// every model of the corpus. Stands in for the browser's synchronous file reading; nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { FileOverBytes } from './files.mjs';

const root = join(import.meta.dirname, '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const pkg = join(root, 'www/src/worker/pkg');

const { examples, initSync, Model } = await import(join(pkg, 'reluctant.js'));
initSync({ module: readFileSync(join(pkg, 'reluctant_bg.wasm')) });

const plain = (value) =>
  JSON.parse(JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? Number(item) : item)));

/** The report of the command line, of a path or `--example ID`. */
const native = (...asked) =>
  JSON.parse(
    execFileSync(join(target, 'debug/reluctant'), ['score', '--json', ...asked], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: 'pipe',
    }),
  );

function scored(model, set) {
  try {
    return plain(model.score({ set }));
  } finally {
    model.free();
  }
}

const inWasm = (path, set = {}) =>
  scored(
    Model.open([new FileOverBytes(readFileSync(path), basename(path))], () => {}),
    set,
  );

const corpus = join(root, 'tests/corpus/models');
for (const name of readdirSync(corpus).filter((name) => name.endsWith('.onnx'))) {
  test(name, () => {
    const path = join(corpus, name);
    const report = native(path);
    assert.ok(report.layers.length > 0);
    assert.deepEqual(inWasm(path), report);
  });
}

for (const { id } of examples()) {
  test(`example ${id}`, () => {
    assert.deepEqual(scored(Model.example(id), {}), native('--example', id));
  });
}

test('a setting reaches both alike', () => {
  const path = join(corpus, 'resnet20_32.dynamo.op23.dyn.onnx');
  const [symbol] = native(path).model.symbols;
  const four = native(path, '--set', `${symbol.name}=4`);
  assert.equal(four.totals.macs, 4 * native(path).totals.macs);
  assert.deepEqual(inWasm(path, { [symbol.name]: '4' }), four);
});

test('a fault has the same code, message and place', () => {
  const path = join(corpus, 'reference.csv');
  let fault;
  try {
    inWasm(path);
  } catch (error) {
    fault = error;
  }
  assert.equal(fault.code, 'not-onnx');
  assert.ok(fault.hint);
  assert.throws(
    () => native(path),
    (error) => error.status !== 0 && error.stderr.includes(fault.message),
  );
});

test('both make the same link, and open it to the same', async () => {
  const linked = await import(join(root, 'www/src/worker/pkg/reluctant.js'));
  linked.initSync({ module: readFileSync(join(root, 'www/src/worker/pkg/reluctant_bg.wasm')) });
  const asked = ['--protocol', 'delphi:server-garbler', '--up', '12.5', '--down', '100', '--rtt', '7.25'];
  const run = (...args) =>
    execFileSync(join(target, 'debug/reluctant'), args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' });
  for (const names of [false, true]) {
    const link = run('link', '--example', 'resnet20-cifar10', ...asked, ...(names ? ['--names'] : [])).trim();
    const model = linked.Model.example('resnet20-cifar10');
    model.score({ set: {} });
    const cost = { protocols: ['delphi:server-garbler'], up: 12.5, down: 100, rtt: 7.25 };
    const view = { example: 'resnet20-cifar10', view: 'score', cost, settings: [], selection: [] };
    assert.equal(model.link(view, names), link);
    const { score, view: seen, sent } = JSON.parse(run('open', link, '--json'));
    const { estimates, ...counted } = score;
    const opened = linked.Model.from_link(link);
    assert.deepEqual(plain(opened.score({ set: {} })), counted);
    assert.deepEqual(plain(opened.cost(cost, false)).estimates, estimates);
    assert.deepEqual(plain(opened.link_state()), { ...plain(opened.link_state()), view: seen, sent });
    opened.free();
    model.free();
  }
});
