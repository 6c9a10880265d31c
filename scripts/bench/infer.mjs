// node infer.mjs MODELS ORT CORE CPU: milliseconds of one image in the CPU engine's wasm, driven by the core's, and in
// onnxruntime-web's (wasm backend, one thread), the two in turn; medians, their ratio, the largest
// difference of the outputs, and what a browser downloads.
import { createRequire } from 'node:module';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const [models, ortFolder, pkg, engine] = process.argv.slice(2).map((path) => resolve(path));
const rounds = Number(process.env.ROUNDS ?? 15);

// The browser's synchronous reading of files, over bytes.
class FileOverBytes {
  constructor(bytes, name) {
    Object.assign(this, { bytes, name, size: bytes.length });
  }
  slice(start, end) {
    return new FileOverBytes(this.bytes.subarray(start, end), this.name);
  }
}

const require = createRequire(join(ortFolder, 'node_modules/x.js'));
const ort = require('onnxruntime-web');
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const NodeFile = globalThis.File;
globalThis.Blob = globalThis.File = FileOverBytes;
globalThis.FileReaderSync = class {
  readAsArrayBuffer({ bytes }) {
    return new Uint8Array(bytes).buffer;
  }
};
const core = await import(pathToFileURL(join(pkg, 'reluctant.js')).href);
core.initSync({ module: readFileSync(join(pkg, 'reluctant_bg.wasm')) });
globalThis.File = NodeFile;
const cpu = await import(pathToFileURL(join(engine, 'reluctant.js')).href);
cpu.initSync({ module: readFileSync(join(engine, 'reluctant_bg.wasm')) });
core.opens_cpu((weightBytes) => new cpu.Library(weightBytes));

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const input = (shape) => {
  const data = new Float32Array(shape.reduce((a, b) => a * b));
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i * 12.9898) * 2;
  return data;
};

console.log('model              ours ms   ort-web ms   ratio   difference');
for (const name of readdirSync(models)
  .filter((file) => file.endsWith('.onnx'))
  .sort()) {
  const bytes = new Uint8Array(readFileSync(join(models, name)));
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  globalThis.File = FileOverBytes;
  const runner = core.Runner.open([new FileOverBytes(bytes, name)], { set: {} }, { engine: 'cpu', batch: 1 }, () => {});
  globalThis.File = NodeFile;
  const [port] = runner.info().inputs;
  const data = input(port.shape);
  const feed = { [port.name]: new ort.Tensor('float32', data, port.shape) };
  const array = { name: port.name, dtype: 'float32', shape: port.shape, bytes: new Uint8Array(data.buffer) };
  const times = { ours: [], theirs: [] };
  let wanted;
  for (let round = -3; round < rounds; round++) {
    let start = performance.now();
    const found = await session.run(feed);
    const theirs = performance.now() - start;
    wanted = found[session.outputNames[0]].data;
    start = performance.now();
    await runner.run({}, { inputs: [array], labels: null }, () => {});
    const ours = performance.now() - start;
    if (round >= 0) {
      times.theirs.push(theirs);
      times.ours.push(ours);
    }
  }
  const npy = runner.output().bytes;
  const found = new Float32Array(npy.slice(npy.length - wanted.length * 4).buffer);
  const scale = Math.max(...wanted.map(Math.abs));
  const off = Math.max(...found.map((v, i) => Math.abs(v - wanted[i]))) / scale;
  const [ours, theirs] = [median(times.ours), median(times.theirs)];
  console.log(
    `${name.replace('.onnx', '').padEnd(16)}${ours.toFixed(2).padStart(10)}${theirs.toFixed(2).padStart(13)}${(ours / theirs).toFixed(2).padStart(8)}   ${off.toExponential(1)}`,
  );
  runner.free();
  await session.release();
}

const gzipped = (path) => gzipSync(readFileSync(path), { level: 9 }).length;
const show = (what, paths) =>
  console.log(
    `${what}: ${paths
      .map(gzipped)
      .reduce((a, b) => a + b)
      .toLocaleString('en')} bytes gzipped`,
  );
const files = (folder) => ['reluctant.js', 'reluctant_bg.wasm'].map((file) => join(folder, file));
show('download, ours', [...files(pkg), ...files(engine)]);
const dist = join(ortFolder, 'node_modules/onnxruntime-web/dist');
const wasm = ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.mjs', 'ort.wasm.min.mjs'].map((file) =>
  join(dist, file),
);
show(
  'download, onnxruntime-web (wasm only)',
  wasm.filter((file) => statSync(file, { throwIfNoEntry: false })),
);
console.log(
  `node ${process.version}, onnxruntime-web ${JSON.parse(readFileSync(join(ortFolder, 'node_modules/onnxruntime-web/package.json'))).version}, ${new Date().toISOString().slice(0, 10)}`,
);
