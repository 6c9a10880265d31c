/**
 * The worker that runs models: opens one with its weights, reads and prepares its inputs, runs it.
 * Keeps the last model, the last arrays and the last run as a cache; a run that it no longer holds is
 * asked for again by the page. The core prepares what runs and drives the engines; their packages are loaded by
 * the first run that needs them.
 */
import type { NumberArray } from '../contract/core-package';
import type { EngineKind as EngineId, ProbeId, RunPort } from '../contract/core';
import type { RunData, Runner } from 'reluctant-wasm';
import * as core from 'reluctant-wasm';
import type { Layout, Thumbnail } from '../lib/arrays';
import { fromPixels, normalise, sizesOf, thumbnail, transposed } from '../lib/arrays';
import type { ArrayHead, Speed } from '../lib/run';
import type { Fault } from '../lib/types';
import { cpuMemory, needCpu } from './cpu';
import { fetched, once } from './fetched';
import { openGpu } from './gpu';
import { replacing } from './replace';
import type { Opened, Ran, RunCall, RunVerb, RunVerbs } from './run-protocol';
import type { Prepare, Samples } from './samples';
import type { Tell } from './serve';
import { serve } from './serve';

/** A 32-bit memory ends at 4 GB; a trap past this is put down to it. */
const MUCH = 2 ** 31;

let started = false;
let open: { what: string; runner: Runner } | null = null;
let read: { key: number; arrays: NumberArray[] } | null = null;
let last: number | null = null;

const fault = (code: string, message: string, hint: string, place: Fault['place'] = {}): Fault => ({
  code,
  message,
  place,
  hint,
});

/** The model of a request; one that is already open stays. The old one goes first: two may not fit. */
async function model({ key, files, set, batch, engine }: Opened, tell: Tell): Promise<Runner> {
  const what = JSON.stringify([key, set, batch, engine]);
  if (open?.what !== what) {
    await needCpu();
    open?.runner.free();
    open = last = null;
    open = { what, runner: core.Runner.open([...files], { set }, { engine, batch }, tell) };
  }
  return open.runner;
}

async function arraysOf({ key, files }: { key: number; files: readonly File[] }): Promise<NumberArray[]> {
  if (read?.key !== key) {
    read = null;
    const arrays: NumberArray[] = [];
    for (const file of files) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      arrays.push(...core.read_arrays(file.name, bytes));
    }
    read = { key, arrays };
  }
  return read.arrays;
}

/** The first samples of an array. */
function first(array: NumberArray, take: number): NumberArray {
  const [samples = 1, ...rest] = array.shape;
  if (array.shape.length === 0 || samples <= take) return array;
  const size = array.bytes.length / samples;
  return { ...array, shape: [take, ...rest], bytes: array.bytes.subarray(0, take * size) };
}

/** One sample of all arrays. */
function only({ inputs, labels }: Extract<RunData, { inputs: unknown }>, sample: number): RunData {
  const one = (array: NumberArray): NumberArray => {
    const [samples = 1, ...rest] = array.shape;
    if (array.shape.length === 0) return array;
    const size = array.bytes.length / samples;
    return { ...array, shape: [1, ...rest], bytes: array.bytes.subarray(sample * size, (sample + 1) * size) };
  };
  return { inputs: inputs.map(one), labels: labels && one(labels) };
}

function prepared(array: NumberArray, { from, to, normal }: Prepare): NumberArray {
  if (array.shape.length !== 4 || (from === to && normal === null)) return array;
  // A copy: the array is used again with other settings.
  const plain = core.floats(array);
  const { values, shape } = transposed(plain, array.shape, from, to);
  if (normal) normalise(values, shape, to, normal);
  return floats(array.name, shape, values);
}

const floats = (name: string, shape: number[], values: Float32Array<ArrayBuffer>): NumberArray => ({
  name,
  dtype: 'float32',
  shape,
  bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
});

/** Pictures at the model's size: the shorter side scaled to `margin` of it, the middle cut out; with 1 stretched. */
async function pictures(
  files: readonly File[],
  shape: number[],
  layout: Layout,
  margin: number,
  tell: Tell,
): Promise<Float32Array<ArrayBuffer>> {
  const { channels, height, width } = sizesOf(shape, layout);
  const out = new Float32Array(files.length * channels * height * width);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw fault('not-supported', 'this browser draws nothing outside the page', 'Give the images as .npy.');
  for (const [i, file] of files.entries()) {
    const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' }).catch(() => null);
    if (!bitmap)
      throw fault('malformed', 'the browser cannot read this image', 'Save it as PNG or JPEG again.', {
        file: file.name,
      });
    const scale = margin === 1 ? null : Math.max((margin * width) / bitmap.width, (margin * height) / bitmap.height);
    const [w, h] = scale === null ? [width, height] : [bitmap.width * scale, bitmap.height * scale];
    context.imageSmoothingQuality = 'high';
    // What is see-through stands on white.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
    bitmap.close();
    fromPixels(context.getImageData(0, 0, width, height).data, channels, layout, out, i * channels * height * width);
    tell(i + 1, files.length);
  }
  return out;
}

/** The inputs of a request as the core takes them; random ones it makes itself. */
async function given(ports: readonly RunPort[], { data, take, prepare }: Samples, tell: Tell): Promise<RunData> {
  switch (data.kind) {
    case 'random':
      return { samples: take, seed: data.seed };
    case 'images': {
      const [port] = ports;
      if (port?.shape?.length !== 4 || ports.length > 1 || !prepare) {
        throw fault(
          'invalid-setting',
          'images fit a model with one input of four axes',
          'Give this model arrays: .npy or .npz.',
          port ? { value: port.name } : {},
        );
      }
      const files = data.files.slice(0, take);
      const values = await pictures(files, port.shape, prepare.to, data.margin, tell);
      const shape = [files.length, ...port.shape.slice(1)];
      if (prepare.normal) normalise(values, shape, prepare.to, prepare.normal);
      const labels = data.labels && (await arraysOf({ key: data.key, files: data.labels.files }))[data.labels.place];
      return { inputs: [floats(port.name, shape, values)], labels: labels ? first(labels, take) : null };
    }
    case 'arrays': {
      const arrays = await arraysOf(data);
      const at = (place: number | null | undefined): NumberArray | null => {
        const array = place == null ? undefined : arrays[place];
        return array ? first(array, take) : null;
      };
      const inputs = ports.flatMap((port: RunPort): NumberArray[] => {
        const array = at(data.roles.inputs[port.name]);
        return array ? [{ ...(prepare ? prepared(array, prepare) : array), name: port.name }] : [];
      });
      return { inputs, labels: at(data.roles.labels) };
    }
  }
}

function thumbnails(input: NumberArray | undefined, layout: Layout, count: number): Thumbnail[] {
  if (input?.shape.length !== 4) return [];
  const values = core.floats(first(input, count));
  const all = Array.from({ length: Math.min(count, input.shape[0] ?? 0) }, (_, i) =>
    thumbnail(values, input.shape, layout, i),
  );
  return all.filter((one) => one !== null);
}

/** Scores: samples x classes, axes of size 1 behind. */
const isTable = (output: RunPort | undefined): boolean =>
  output?.shape != null && output.shape.length > 1 && output.shape.slice(2).every((extent) => extent === 1);

function held(run: number): Runner {
  if (open && last === run) return open.runner;
  throw fault('gone', 'the run is no longer in memory', 'Run again.');
}

/** The fastest of a few runs of a chain that is made longer until it takes long enough to be measured. */
async function speed(kind: ProbeId, engine: EngineId): Promise<Speed> {
  for (let layers = 4; ; layers *= 4) {
    const { bytes, macs } = core.probe(kind, layers);
    await needCpu();
    const runner = core.Runner.open([new File([bytes], `${kind}.onnx`)], { set: {} }, { engine, batch: 1 }, () => {});
    let seconds = Number.POSITIVE_INFINITY;
    try {
      for (let run = 0; run < 4; run++) {
        const { report } = await runner.run(
          { stats: 'none', timings: false, top: 0 },
          { samples: 1, seed: 1 },
          () => {},
        );
        if (report.engine.fallback)
          throw fault('gpu', `the GPU could not be measured: ${report.engine.fallback}`, 'Runs take the CPU instead.');
        seconds = Math.min(seconds, report.seconds);
      }
    } finally {
      runner.free();
    }
    if (seconds > 0.05 || layers >= 64) return { kind, engine, layers, macs, seconds };
  }
}

type Answers = {
  [V in RunVerb]: (ask: RunVerbs[V]['ask'], tell: Tell) => RunVerbs[V]['answer'] | Promise<RunVerbs[V]['answer']>;
};

const answers: Answers = {
  ...replacing(given),
  load: async (ask, tell) => (await model(ask, tell)).info(),
  async arrays(ask) {
    return (await arraysOf(ask)).map(({ name, dtype, shape }): ArrayHead => ({ name, dtype, shape }));
  },
  async run(ask, tell): Promise<Ran> {
    const runner = await model(ask.model, () => {});
    last = null;
    const info = runner.info();
    const data = await given(info.inputs, ask, tell);
    const { listed, prepare } = ask;
    const [images, labels] = 'inputs' in data ? [data.inputs[0], data.labels] : [undefined, null];
    const pictures = thumbnails(images, prepare?.to ?? 'nchw', listed);
    const settings = { ...ask.settings, top: isTable(info.outputs[0]) ? (ask.settings.top ?? 0) : 0 };
    const outcome = await runner.run(settings, data, tell);
    last = ask.run;
    return {
      ...outcome,
      memory: cpuMemory(),
      coreMemory: core.memory_bytes(),
      thumbnails: pictures,
      labels: labels && [...core.floats(first(labels, listed))],
    };
  },
  async fixed({ of, settings }, tell) {
    const runner = await model(of.model, () => {});
    return runner.fixed(settings, await given(runner.info().inputs, of, () => {}), tell);
  },
  async live({ model: asked, samples, sample, settings, argmax }, tell) {
    const runner = await model(asked, tell);
    const { inputs: ports } = runner.info();
    const all = await given(ports, { ...samples, take: sample + 1 }, () => {});
    // Random numbers are drawn anew: the first sample of another seed.
    const random = !('inputs' in all);
    const one = random ? { samples: 1, seed: all.seed + sample } : only(all, sample);
    const parts = runner.live(settings, one, argmax);
    const images = 'inputs' in one ? thumbnails(one.inputs[0], samples.prepare?.to ?? 'nchw', 1) : [];
    const labels = 'inputs' in one && one.labels ? core.floats(one.labels) : [];
    return { ...parts, picture: images[0] ?? null, label: labels[0] ?? null };
  },
  async heads({ model: asked, samples, at, wish, settings }, tell) {
    const runner = await model(asked, () => {});
    const data = await given(runner.info().inputs, samples, () => {});
    const heads = await runner.heads(at, data, tell);
    const scored = core.Model.open([...asked.files], () => {});
    try {
      scored.score({ set: asked.set });
      const sweep = scored.exit_sweep(at, heads, new Float64Array(), settings);
      return { sweep, search: wish && scored.exit_search({ ...wish, at }, heads, settings, tell) };
    } finally {
      scored.free();
      heads.free();
    }
  },
  device: async () => (await openGpu()).opened(),
  async speeds(_, tell) {
    const speeds: Speed[] = [];
    for (const kind of ['conv', 'gemm'] as const) {
      for (const engine of ['gpu', 'cpu'] as const) {
        tell(speeds.length, 4);
        speeds.push(await speed(kind, engine));
      }
    }
    return speeds;
  },
  channels: ({ run, value }) => held(run).channels(value),
  output: ({ run }) => held(run).output(),
};

/** A trap leaves the engine in no state to go on; the page starts a fresh worker. */
function trap(detail: string): Fault {
  // An allocation that fails stops the core as any other trap does; how much it held tells them apart.
  const held = Math.max(cpuMemory(), started ? core.memory_bytes() : 0);
  return /memory|allocation/i.test(detail) || held > MUCH
    ? fault(
        'limit-exceeded',
        `the run needs more memory than a tab gives; it stopped at ${Math.round(held / 2 ** 20)} MB`,
        'Run fewer samples at once, or use the command line.',
      )
    : fault(
        'internal',
        `The engine stopped unexpectedly (${detail}).`,
        'This is a fault of Reluctant; the page has started a fresh engine and goes on. Please report it with the structure of the model.',
      );
}

const ready = once(async () => {
  await fetched('The core', () => core.default());
  core.opens_gpu(openGpu);
  started = true;
});

async function answer<V extends RunVerb>({ verb, ask }: RunCall<V>, tell: Tell): Promise<RunVerbs[V]['answer']> {
  await ready();
  return answers[verb](ask, tell);
}

serve<RunCall>(answer, trap);
