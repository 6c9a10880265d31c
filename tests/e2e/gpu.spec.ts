/** A person runs a model on the GPU: Chromium's WebGPU on SwiftShader, a GPU in software. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { nodeTests, numbers } from './node-tests.ts';
import { best, readNpy } from './npy.ts';
import { ints, message, model, node, value } from './onnx.ts';
import { runDigits, runWorker, saved } from './running.ts';
import { corpus, exact, expect, made, open, shown, test, violations } from './site.ts';

const engine = (page: Page) => page.getByTestId('run-engine');

/** Runs what is open on the GPU; resolves when its result is shown. */
async function runOnGpu(page: Page) {
  await page.getByTestId('engine-gpu').click();
  await page.getByTestId('run').click();
  await expect(engine(page)).toContainText('GPU: ', { timeout: 60_000 });
  await expect(page.getByTestId('run-fallback')).toBeHidden();
}

/** Samples to run on. */
async function take(page: Page, samples: number) {
  await page.getByTestId('run-samples').fill(String(samples));
  await page.getByTestId('run-samples').press('Tab');
}

test('digits: all 500 predictions on the GPU are those of PyTorch @phone', async ({ page, site: _ }) => {
  await runDigits(page);
  await runOnGpu(page);
  // Chromium says what it is, and so does the page.
  await expect(engine(page)).toContainText('swiftshader (webgpu, a GPU in software)');
  await expect(page.getByTestId('device-name')).toContainText('swiftshader');
  expect(await violations(page)).toEqual([]);
  const [ours, torch] = [readNpy(await saved(page, 'npy')), readNpy(await readFile(corpus('../digits/logits.npy')))];
  expect(ours.shape).toEqual([500, 10]);
  expect(best(ours)).toEqual(best(torch));
  const off = await exact(page.getByTestId('run-difference'));
  console.log(`largest difference from the CPU: ${off.toExponential(2)}`);
  expect(off).toBeGreaterThan(0);
  expect(off).toBeLessThan(1e-4);
  const { report, stats } = JSON.parse((await saved(page, 'json')).toString('utf8'));
  expect(report.engine.largest_difference).toBe(off);
  expect(stats.activations).toHaveLength(5);
});

test('ResNet-20 on the GPU gives what ONNX Runtime gave, layer times included', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(shown(page)).toContainText('resnet20_32');
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await open(page, corpus('resnet20_32.legacy.op13.b1.in0.npy'));
  await expect(page.getByTestId('role-input')).toContainText('in0');
  await runOnGpu(page);
  const [ours, theirs] = [
    readNpy(await saved(page, 'npy')),
    readNpy(await readFile(corpus('resnet20_32.legacy.op13.b1.out0.npy'))),
  ];
  const scale = Math.max(...theirs.values.map(Math.abs));
  const apart = Math.max(...ours.values.map((value, i) => Math.abs(value - theirs.values[i]!) / scale));
  console.log(`ResNet-20: ${apart.toExponential(2)} of the largest logit`);
  expect(apart).toBeLessThan(1e-4);
  const { report } = JSON.parse((await saved(page, 'json')).toString('utf8'));
  const times = report.layers.filter(
    ({ op, seconds }: { op: string; seconds: number }) => op === 'Conv' && seconds > 0,
  );
  console.log(
    `${report.seconds} s in all; ${times.length} convolutions with a time: ${times.map(({ seconds }: { seconds: number }) => (seconds * 1e3).toFixed(2)).join(' ')} ms`,
  );
});

test('a GPU that is lost in the middle of a run: the CPU finishes it, the next run has a GPU again', async ({
  page,
  site: _,
}) => {
  await runDigits(page);
  const worker = await runWorker(page);
  // The device is reset at its 12th submission: a few load the program, then each of 16 slices has one.
  await worker.evaluate(() => {
    const scope = self as any;
    const { requestDevice } = scope.GPUAdapter.prototype;
    scope.GPUAdapter.prototype.requestDevice = async function (...given: unknown[]) {
      const device = await requestDevice.apply(this, given);
      const { submit } = device.queue;
      let left = scope.spared ? Number.POSITIVE_INFINITY : 12;
      scope.spared = true;
      device.queue.submit = function (...given: unknown[]) {
        if (--left === 0) device.destroy();
        return submit.apply(this, given);
      };
      return device;
    };
  });
  await page.getByTestId('engine-gpu').click();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-fallback')).toContainText('Run on the CPU instead of the GPU: the GPU was lost', {
    timeout: 60_000,
  });
  await expect(engine(page)).toContainText('CPU: ');
  await expect(page.getByTestId('run-accuracy')).toHaveText('99.4\u00a0%');
  const [ours, torch] = [readNpy(await saved(page, 'npy')), readNpy(await readFile(corpus('../digits/logits.npy')))];
  expect(best(ours)).toEqual(best(torch));
  await runOnGpu(page);
  await expect(page.getByTestId('run-accuracy')).toHaveText('99.4\u00a0%');
});

test('an operator that the GPU lacks is named, and the CPU runs the model', async ({ page, site: _ }) => {
  const acosh = model({
    nodes: [node('Abs', 'size', ['x'], ['a']), node('Acosh', 'odd', ['a'], ['y'])],
    inputs: [value('x', ['n', 4])],
    outputs: [value('y', ['n', 4])],
  });
  await open(page, made('acosh.onnx', acosh));
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByTestId('engine-gpu').click();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-fallback')).toHaveText(
    'Run on the CPU instead of the GPU: Acosh: the GPU engine has no kernel for this operator.',
    { timeout: 30_000 },
  );
  await expect(engine(page)).toContainText('CPU: ');
});

test('a run on the GPU is cancelled; the next finds a fresh worker and device', async ({ page, site: _ }) => {
  test.slow();
  await open(page, corpus('resnet20_32.dynamo.op23.dyn.onnx'));
  await expect(shown(page)).toContainText('resnet20_32');
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByTestId('stats-none').click();
  await take(page, 3000);
  await page.getByTestId('engine-gpu').click();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-progress')).toContainText(/ [1-9]\d* of 3,000 samples/, { timeout: 60_000 });
  await page.getByTestId('run-cancel').click();
  await expect(page.getByTestId('run-progress')).toBeHidden();
  await take(page, 3);
  await runOnGpu(page);
  await expect(page.getByTestId('run-outcome')).toContainText('3\u00a0samples');
});

test('the speed of both engines is measured when asked', async ({ page, site: _ }) => {
  test.slow();
  await open(page, corpus('../digits/digits_cnn.onnx'));
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByTestId('engine-gpu').click();
  await expect(page.getByTestId('device')).toContainText('in software: it runs on the CPU');
  await page.getByTestId('device-measure').click();
  const cells = page.getByTestId('device-speeds').locator('td');
  await expect(cells).toHaveCount(4, { timeout: 90_000 });
  const speeds = await Promise.all((await cells.all()).map((cell) => exact(cell)));
  console.log(`GFLOP/s, GPU and CPU: convolution ${speeds[0]} ${speeds[1]}, product ${speeds[2]} ${speeds[3]}`);
  for (const speed of speeds) expect(speed).toBeGreaterThan(0);
});

test('depthwise convolutions, of which ONNX has no node test, agree with the CPU', async ({ page, site: _ }) => {
  const int = (name: string, value: number) => message([1, name], [3, value], [20, 2]);
  const weight = (name: string, dims: number[]) => {
    const values = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * 1.7));
    return message(
      ...dims.map((dim): [number, number] => [1, dim]),
      [2, 1],
      [8, name],
      [9, Buffer.from(values.buffer)],
    );
  };
  const depthwise = model({
    nodes: [
      node('Conv', 'same', ['x', 'v'], ['a'], [int('group', 8), ints('pads', [1, 1, 1, 1])]),
      node('Conv', 'halved', ['a', 'w'], ['y'], [int('group', 8), ints('strides', [2, 2]), ints('dilations', [2, 1])]),
    ],
    initializers: [weight('v', [8, 1, 3, 3]), weight('w', [8, 1, 3, 2])],
    inputs: [value('x', ['n', 8, 11, 13])],
    outputs: [value('y', ['n', 8, 4, 6])],
  });
  await open(page, made('depthwise.onnx', depthwise));
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await runOnGpu(page);
  expect(await exact(page.getByTestId('run-difference'))).toBeLessThan(1e-5);
  const { shape, values } = readNpy(await saved(page, 'npy'));
  expect(shape).toEqual([32, 8, 4, 6]);
  expect(Math.max(...values)).toBeGreaterThan(1);
});

/** A few of ONNX's node tests for each file of kernels; natively all of them run. */
const KERNELS = {
  conv: ['test_conv_with_strides_and_asymmetric_padding', 'test_convtranspose_pads', 'test_convtranspose_group_2'],
  conv3: ['test_basic_conv_with_padding'],
  gemm: ['test_gemm_all_attributes', 'test_gemm_transposeB', 'test_matmul_3d'],
  map: ['test_relu', 'test_hardswish', 'test_gelu_tanh_1', 'test_erf', 'test_clip_example'],
  binary: ['test_add_bcast', 'test_pow_bcast_array', 'test_less_bcast', 'test_prelu_broadcast', 'test_max_example'],
  choose: ['test_where_example'],
  copy: [
    'test_transpose_all_permutations_3',
    'test_concat_3d_axis_1',
    'test_slice_neg_steps',
    'test_depthtospace_example',
    'test_expand_dim_changed',
  ],
  gather: ['test_gather_0', 'test_gather_negative_indices'],
  pad: ['test_constant_pad', 'test_edge_pad', 'test_reflect_pad'],
  pool: ['test_maxpool_2d_pads', 'test_averagepool_2d_pads_count_include_pad', 'test_lppool_2d_default'],
  reduce: ['test_reduce_mean_keepdims_random', 'test_reduce_l2_keep_dims_random', 'test_globalaveragepool'],
  softmax: ['test_softmax_axis_1', 'test_logsoftmax_large_number'],
  norm: ['test_rms_normalization_4d_axis2', 'test_instancenorm_example', 'test_group_normalization_example'],
  interpolate: [
    'test_resize_upsample_scales_nearest',
    'test_resize_upsample_scales_linear',
    'test_resize_upsample_scales_cubic',
  ],
};

test('node tests of every file of kernels: the results that ONNX gives', async ({ page, site }) => {
  const names = Object.values(KERNELS).flat();
  const cases = nodeTests(names);
  expect(cases.map(({ name }) => name)).toEqual([...names].sort());
  const script = readdirSync(resolve(import.meta.dirname, '../../www/dist/assets')).find((name) =>
    /^run-.*\.js$/.test(name),
  )!;
  // The worker that runs models, asked as the page asks it.
  const answers = await page.evaluate(
    async ([address, cases]) => {
      const blob = new Blob([`import ${JSON.stringify(address)};`], { type: 'text/javascript' });
      const worker = new Worker(URL.createObjectURL(blob), { type: 'module' });
      let id = 0;
      const ask = (verb: string, ask: unknown) =>
        new Promise<any>((done, fail) => {
          worker.onmessage = ({ data }) =>
            data.type === 'answer'
              ? done(data.answer)
              : data.type === 'fault'
                ? fail(new Error(JSON.stringify(data.fault)))
                : null;
          worker.onerror = (event) => fail(new Error(event.message));
          worker.postMessage({ id: ++id, verb, ask });
        });
      const bytes = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const answers = [];
      for (const [key, { name, model, input, file }] of cases.entries()) {
        const opened = { key, files: [new File([bytes(model)], `${name}.onnx`)], set: {}, batch: 1, engine: 'gpu' };
        const data = {
          kind: 'arrays',
          key,
          files: [new File([bytes(file)], 'x.npy')],
          roles: { inputs: { [input]: 0 }, labels: null },
        };
        const settings = { stats: 'none', timings: false, top: 0 };
        try {
          await ask('load', opened);
          const { report } = await ask('run', {
            model: opened,
            data,
            take: 1e9,
            prepare: null,
            settings,
            listed: 0,
            run: key,
          });
          const { bytes } = await ask('output', { run: key });
          answers.push({ engine: report.engine, bytes: btoa(String.fromCharCode(...bytes)) });
        } catch (error) {
          answers.push({ engine: { engine: String(error), fallback: null }, bytes: '' });
        }
      }
      worker.terminate();
      return answers;
    },
    [
      `${site}assets/${script}`,
      cases.map(({ name, model, input, output: _, ...rest }) => ({
        ...rest,
        name,
        model: model.toString('base64'),
        input: input.name,
        file: input.file.toString('base64'),
      })),
    ] as const,
  );
  const wrong = cases.flatMap(({ name, relative, absolute, output }, at) => {
    const { engine, bytes } = answers[at]!;
    if (engine.engine !== 'gpu') return [`${name}: ${engine.engine}: ${engine.fallback}`];
    const [got, want] = [numbers(Buffer.from(bytes, 'base64')), numbers(output)];
    if (String(got.shape) !== String(want.shape)) return [`${name}: shape ${got.shape}, not ${want.shape}`];
    const place = want.values.findIndex(
      (value, i) =>
        !(Math.abs(got.values[i]! - value) <= absolute + relative * Math.abs(value)) &&
        !Object.is(got.values[i], value),
    );
    return place < 0 ? [] : [`${name}: element ${place}: ${got.values[place]}, not ${want.values[place]}`];
  });
  expect(wrong).toEqual([]);
});
