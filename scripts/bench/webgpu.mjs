// The GPU engine beside onnxruntime-web's webgpu backend: one Chromium, one worker, the same model and
// input, the two in turns; SwiftShader where the machine has no GPU that Chromium uses. Ours is timed as
// the page runs it: with the repeat on the CPU that checks it.
//
//   ./scripts/bench/webgpu [--runs N]     writes its section of docs/bench.md
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { availableParallelism, cpus } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { writeSection } from './section.mjs';

const root = resolve(import.meta.dirname, '../..');
const { chromium } = createRequire(`${root}/tests/e2e/`)('@playwright/test');
const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 9;
const ort = `${root}/.cache/bench/node/node_modules/onnxruntime-web`;
const folders = {
  ort: `${ort}/dist`,
  core: `${root}/www/src/worker/pkg`,
  cpu: `${root}/www/src/worker/pkg-cpu`,
  gpu: `${root}/www/src/worker/pkg-gpu`,
  models: `${root}/tests/corpus/models`,
};
const model = 'resnet20_32.dynamo.op23.dyn.onnx';
const title = '# The GPU engine in the browser';

/** Runs in a worker: medians of both for one batch, and the largest difference. */
async function race({ model, batch, runs }) {
  const ort = await import('/ort/ort.webgpu.min.mjs');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = '/ort/';
  const [core, cpu, gpu] = await Promise.all(['core', 'cpu', 'gpu'].map((part) => import(`/${part}/reluctant.js`)));
  await Promise.all([core.default(), cpu.default(), gpu.default()]);
  core.opens_cpu((weightBytes) => new cpu.Library(weightBytes));
  core.opens_gpu(() => gpu.Gpu.open('unnamed'));
  const bytes = new Uint8Array(await (await fetch(`/models/${model}`)).arrayBuffer());
  const theirs = await ort.InferenceSession.create(bytes, { executionProviders: ['webgpu'] });
  const ours = core.Runner.open([new File([bytes], model)], { set: {} }, { engine: 'gpu', batch }, () => {});
  const [port] = ours.info().inputs;
  const shape = [batch, ...port.shape.slice(1)];
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * 12.9898) * 2);
  const given = {
    inputs: [{ name: port.name, dtype: 'float32', shape, bytes: new Uint8Array(data.buffer) }],
    labels: null,
  };
  const times = { ours: [], theirs: [] };
  let wanted;
  let report;
  // The first rounds compile.
  for (let round = -2; round < runs; round++) {
    let start = performance.now();
    const found = await theirs.run({ [port.name]: new ort.Tensor('float32', data, shape) });
    wanted = await found[theirs.outputNames[0]].getData();
    const between = performance.now();
    ({ report } = await ours.run({}, given, () => {}));
    if (round >= 0) {
      times.theirs.push(between - start);
      times.ours.push(performance.now() - between);
    }
  }
  if (report.engine.engine !== 'gpu') throw new Error(`ran on the CPU: ${JSON.stringify(report.engine)}`);
  const npy = ours.output().bytes;
  const found = new Float32Array(npy.slice(npy.length - wanted.length * 4).buffer);
  const largest = (values) => values.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  return {
    batch,
    ours: median(times.ours),
    theirs: median(times.theirs),
    off: largest(found.map((v, i) => v - wanted[i])) / largest(wanted),
  };
}

const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const worker = `${race}\nself.onmessage = ({ data }) => race(data).then((found) => self.postMessage({ found }), (e) => self.postMessage({ error: String(e?.message ?? e) }));`;
const server = createServer(async ({ url }, response) => {
  const [, folder, file] = url.split('/');
  const own = {
    '': ['text/html', '<!doctype html><link rel="icon" href="data:,">'],
    'worker.js': ['text/javascript', worker],
  }[folder];
  const body = own?.[1] ?? (await readFile(join(folders[folder] ?? '', file ?? '')).catch(() => null));
  response
    .writeHead(body === null ? 404 : 200, {
      'Content-Type': own?.[0] ?? types[extname(url)] ?? 'application/octet-stream',
    })
    .end(body);
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--enable-unsafe-webgpu',
    '--no-sandbox',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const rows = [];
  for (const batch of [1, 16]) {
    const { found, error } = await page.evaluate(
      (ask) =>
        new Promise((done) => {
          const worker = new Worker('/worker.js', { type: 'module' });
          worker.onmessage = ({ data }) => done(data);
          worker.onerror = (e) => done({ error: e.message });
          worker.postMessage(ask);
        }),
      { model, batch, runs },
    );
    if (error) throw new Error(error);
    rows.push(
      `| ${batch} | ${found.ours.toFixed(0)} ms | ${found.theirs.toFixed(0)} ms | ${(found.theirs / found.ours).toFixed(1)} | ${found.off.toExponential(1)} |`,
    );
  }
  const device = await page.evaluate(async () => {
    const { vendor, architecture, description } = (await navigator.gpu.requestAdapter()).info;
    return description || `${vendor} ${architecture}`;
  });
  const { version } = JSON.parse(await readFile(`${ort}/package.json`, 'utf8'));
  const text = [
    title,
    '',
    `Made by \`scripts/bench/webgpu\`; not edited by hand. ResNet-20, 32x32, in one worker of Chromium ${browser.version()}: the GPU engine`,
    `and onnxruntime-web ${version} (webgpu backend) in turns, medians of ${runs} after two that compile. From the input in memory to`,
    'the output in memory; ours with the repeat on the CPU that checks it. Ratio: their time by ours.',
    '',
    `GPU: ${device}. ${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? process.arch}, ${process.platform}. ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '| batch | ours | onnxruntime-web | ratio | largest relative difference |',
    '|---:|---:|---:|---:|---:|',
    ...rows,
    '',
  ].join('\n');
  await writeSection(text);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
