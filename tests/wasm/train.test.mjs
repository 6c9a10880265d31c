// The training engine as the page loads it, against the native one: the same losses and accuracies within what another order
// of additions makes of them; interrupted runs bit for bit as others; what is no checkpoint is refused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileOverBytes } from './files.mjs';

const NONE = new Uint8Array();
const root = join(import.meta.dirname, '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');

const load = async (folder) => {
  const at = join(root, 'www/src/worker', folder);
  const wasm = await import(join(at, 'reluctant.js'));
  wasm.initSync({ module: readFileSync(join(at, 'reluctant_bg.wasm')) });
  return wasm;
};
const core = await load('pkg');
const {
  Adjusted,
  Images,
  Training,
  mcnemar,
  missed,
  numbers,
  relus: relusMoved,
  thinned,
  widths,
} = await load('pkg-train');

const [train, tests] = ['digits_train.npz', 'digits.npz'].map((name) =>
  core.training_arrays(readFileSync(join(root, 'tests/corpus/digits', name)), NONE),
);
const images = Images.arrays(Uint32Array.from(train.shape), train.x, train.y, tests.x, tests.y);
const about = JSON.parse(images.about());
const EPOCHS = 2;
const ask = {
  shape: about.shape,
  classes: about.classes,
  figures: false,
  net: { kind: 'digits-cnn' },
  epochs: [EPOCHS, EPOCHS, EPOCHS],
  chosen_on: 'validation',
  degree: 2,
  channels: false,
};
const { view, net } = core.training_start(ask, NONE, '');

/** To the end; the epochs that ended. `between` may put another run in the place of this one. */
function finish(training, ms = 1e9, between = (run) => run) {
  const epochs = [];
  for (let run = training, slice = 1; ; slice += 1) {
    const progress = JSON.parse(run.advance(images, ms));
    if (progress.ended) epochs.push(progress.ended);
    if (progress.done) return { run, epochs };
    run = between(run, slice);
  }
}

const base = finish(Training.base(images, net, view.options, 0));
const reduced = () => Training.reduce(images, base.run.network(), view.options, 'autorep', 78, 0);
const whole = finish(reduced());

test('the core says what is trained', () => {
  assert.deepEqual(about, {
    shape: [1, 8, 8],
    classes: 10,
    images: [1167, 130, 500],
  });
  assert.equal(view.relus, 1568);
  assert.deepEqual(view.epochs, [EPOCHS, EPOCHS, EPOCHS]);
});

test('native and wasm train alike', () => {
  const args = 'train --data digits --method autorep --budget 78 --seed 0 --json --epochs'.split(' ');
  const native = spawnSync(join(target, 'debug/reluctant'), [...args, String(EPOCHS)], { encoding: 'utf8' });
  assert.equal(native.status, 0, native.stderr);
  const { bases, results } = JSON.parse(native.stdout);
  const said = [...native.stderr.matchAll(/^(\w+).* epoch (\d+) of \d+: loss ([\d.]+)/gm)];
  const here = { base: base.epochs, autorep: whole.epochs };
  for (const what of ['base', 'autorep']) {
    const told = said.filter(([, name]) => name === what).map(([, , epoch, loss]) => [Number(epoch), Number(loss)]);
    const found = here[what].map(({ epoch, loss }) => [epoch, loss]);
    assert.deepEqual(
      told.map(([epoch]) => epoch),
      found.map(([epoch]) => epoch),
    );
    assert.ok(told.length > 0);
    // Four digits are printed.
    for (const [at, [epoch, loss]] of told.entries())
      assert.ok(Math.abs(found[at][1] - loss) < 2e-3 * loss + 1e-4, `${what} ${epoch}: ${found[at][1]} and ${loss}`);
  }
  // Of 500 images five may fall on the other side.
  const near = (a, b, what) => assert.ok(Math.abs(a - b) <= 0.0101, `${what}: ${a} and ${b}`);
  near(JSON.parse(base.run.outcome(images)).test_accuracy, bases[0].test_accuracy, 'all ReLUs');
  const outcome = JSON.parse(whole.run.outcome(images));
  near(outcome.test_accuracy, results[0].test_accuracy, 'autorep');
  near(outcome.accuracy_before_finetune, results[0].accuracy_before_finetune, 'before fine-tuning');
  assert.equal(outcome.relus, 78);
  assert.equal(results[0].relus, 78);
});

test('paused and killed runs end bit for bit as others', () => {
  let killed = 0;
  const { run } = finish(reduced(), 0, (run, slice) => {
    if (slice % 17 !== 0) return run;
    killed += 1;
    const bytes = run.checkpoint();
    run.free();
    return Training.resume(images, bytes);
  });
  assert.ok(killed > 3, `${killed}`);
  assert.deepEqual(run.network(), whole.run.network());
  assert.deepEqual(JSON.parse(run.outcome(images)), JSON.parse(whole.run.outcome(images)));
});

test('what is no checkpoint, or of other images, is refused', () => {
  const bytes = base.run.checkpoint();
  const refused = (bytes, of = images) => {
    assert.throws(
      () => Training.resume(of, bytes),
      ({ code, message, hint }) => code === 'invalid-setting' && message.length > 10 && hint.length > 0,
    );
  };
  refused(new Uint8Array());
  refused(new TextEncoder().encode('nonsense'));
  for (const end of [10, 100, bytes.length - 1]) refused(bytes.slice(0, end));
  refused(bytes, Images.figures(40, 10));
  assert.throws(
    () => Training.reduce(images, net, view.options, 'autorep', 1569, 0),
    ({ message }) => /1568/.test(message),
  );
  assert.throws(() => Training.base(images, net.slice(1), view.options, 0), {
    code: 'invalid-setting',
  });
});

test('masks, polynomials and histograms are of every channel', () => {
  const [site] = JSON.parse(whole.run.sites());
  const [c, h, w] = site.shape;
  const masks = JSON.parse(whole.run.sites()).map((_, at) => [...whole.run.mask(at)]);
  assert.equal(masks[0].length, c * h * w);
  assert.equal(masks.flat().filter((value) => value === 255).length, 78);
  assert.equal(whole.run.polynomials(0).length, 3 * c);
  const inputs = JSON.parse(whole.run.inputs(images, 0, 16));
  assert.equal(inputs.length, c);
  // 64 images.
  assert.ok(inputs.every(({ counts }) => counts.reduce((sum, one) => sum + one, 0) === 64 * h * w));
});

test('a trained network becomes a file that the core reads, with its mask in it', () => {
  const file = core.training_file(ask, NONE, numbers(whole.run.network()), false);
  const model = core.Model.open([new FileOverBytes(file, 'trained.onnx')], () => {});
  assert.equal(model.score({ set: {} }).totals.relu.elements, 78);
  model.free();
  assert.throws(
    () => core.training_file({ ...ask, classes: 11 }, NONE, numbers(whole.run.network()), false),
    ({ message }) => /another one/.test(message),
  );
});

test('places that go in training take their outputs along, in the file and in the plan', () => {
  const net = base.run.network();
  const { run } = finish(Training.reduce(images, net, view.options, 'nested', 1100, 0));
  const { relus, test_accuracy } = JSON.parse(run.outcome(images));
  assert.ok(relus <= 1100 && relus > 1100 - 32, `${relus}`);
  assert.ok(test_accuracy > 0.5, `${test_accuracy}`);
  const macs = (drops) => {
    const file = core.training_file(ask, NONE, numbers(run.network()), drops);
    const model = core.Model.open([new FileOverBytes(file, 'trained.onnx')], () => {});
    const { totals } = model.score({ set: {} });
    model.free();
    assert.equal(totals.relu.elements, relus);
    return totals.macs;
  };
  assert.ok(macs(true) < macs(false));
  const { file, plan } = core.training_plan(ask, NONE, numbers(run.network()), true, [['policy', 'nested']]);
  assert.equal(JSON.parse(plan).layers.filter(({ drops }) => drops?.length > 0).length, 4);
  const start = core.training_start({ ...ask, net: { kind: 'given' } }, file, plan);
  assert.deepEqual([start.view.held.kept, start.view.held.drops], [relus, true]);
  const again = Training.hold(images, start.net, start.view.options, start.view.held.masks, 0);
  again.advance(images, 0);
  assert.equal(JSON.parse(again.outcome(images)).accuracy_before_finetune, test_accuracy);
});

test('a loop of adjusting keeps its ReLUs, and a step of widths its multiplications', () => {
  const net = base.run.network();
  const loop = Adjusted.begin(images, net, view.options, 'relu', 392, 2, 1, 0);
  let so = { done: false, share: 0, rounds: [] };
  while (!so.done) {
    const next = JSON.parse(loop.advance(images, 50));
    assert.ok(next.share >= so.share && next.rounds.length >= so.rounds.length);
    so = next;
  }
  assert.equal(so.share, 1);
  assert.deepEqual(new Set(so.rounds.map(({ work }) => work)), new Set([392]));
  assert.equal(so.rounds[0].still, null);
  const kept = Training.given(images, loop.network());
  const { relus, test_accuracy } = JSON.parse(kept.outcome(images));
  assert.deepEqual([relus, test_accuracy], [392, so.rounds[so.best].test]);
  assert.throws(
    () => Adjusted.begin(images, net, view.options, 'relu', 1568, 2, 1, 0),
    ({ message }) => /budget between/.test(message),
  );

  const { layers, moves } = JSON.parse(missed(images, net, 'flops', 0.05, 2, 0));
  const wide = JSON.parse(widths(net, JSON.stringify(moves)));
  assert.deepEqual(wide.flatMap(({ names }) => names).sort(), layers.map(({ name }) => name).sort());
  assert.ok(wide.some(({ from, to }) => from !== to));
  const fewer = JSON.parse(missed(images, net, 'relu', 0.05, 2, 0)).moves;
  const moved = Training.given(images, relusMoved(net, JSON.stringify(fewer), 0));
  const shrunk = fewer.reduce((sum, { from, to }) => sum + Math.min(0, to - from), 0);
  assert.equal(JSON.parse(moved.outcome(images)).relus, 1568 + shrunk);
  const thin = Training.given(images, thinned(net, '', 0.2, 0));
  assert.equal(JSON.parse(thin.outcome(images)).relus, 314);
});

test('what was trained is a plan for the network with all its ReLUs, and is fine-tuned as one', () => {
  const own = numbers(whole.run.network());
  const { file, plan } = core.training_plan(ask, NONE, own, false, [['policy', 'autorep']]);
  assert.equal(JSON.parse(plan).kept, 78);
  const given = { ...ask, net: { kind: 'given' } };
  const start = core.training_start(given, file, plan);
  assert.equal(start.view.held.kept, 78);
  // As it is, it is at its end at once, with all its ReLUs.
  const all = Training.given(images, start.net);
  assert.equal(JSON.parse(all.advance(images, 0)).done, true);
  assert.equal(JSON.parse(all.outcome(images)).relus, 1568);
  // Under the plan it gets before fine-tuning what the run got at its end, and its masks stay.
  const { run } = finish(Training.hold(images, start.net, start.view.options, start.view.held.masks, 0));
  const [before, after] = [whole.run, run].map((one) => JSON.parse(one.outcome(images)));
  assert.equal(after.accuracy_before_finetune, before.test_accuracy);
  assert.equal(after.relus, 78);
  assert.deepEqual(run.mask(0), whole.run.mask(0));
  assert.throws(() => Training.hold(images, start.net, start.view.options, '[]', 0), { code: 'invalid-setting' });
});

test('two networks are compared image by image', () => {
  const [first, second, p] = mcnemar(Uint8Array.of(1, 1, 0), Uint8Array.of(1, 0, 0));
  assert.deepEqual([first, second, p], [1, 0, 1]);
});
