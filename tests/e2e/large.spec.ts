/** A model larger than any memory that a tab is given: only its graph is read. */
import { statSync } from 'node:fs';
import { exact, expect, open, shown, test, total } from './site.ts';
import { writeSparseModel } from './onnx.ts';

const [rows, columns] = [16_384, 34_000];

test('a 2.2 GB model is scored from under 1 MB of it', async ({ page, site: _ }, info) => {
  const path = info.outputPath('large.onnx');
  const bytes = writeSparseModel(path, rows, columns);
  expect(bytes).toBeGreaterThan(2.2e9);
  expect(statSync(path).size).toBe(bytes);
  const start = performance.now();
  await open(page, path);
  await expect(shown(page)).toContainText('large.onnx');
  const milliseconds = performance.now() - start;
  expect(await exact(total(page, 'macs'))).toBe(rows * columns);
  expect(await exact(total(page, 'relu'))).toBe(columns);
  const read = await exact(page.getByTestId('bytes-read'));
  const memory = await exact(page.getByTestId('wasm-memory'));
  const text = (value: number) => Math.round(value).toLocaleString('en');
  console.log(`${text(bytes)} bytes: ${text(read)} read, ${text(memory)} of wasm memory, ${text(milliseconds)} ms`);
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(1e6);
  expect(memory).toBeGreaterThan(0);
  expect(memory).toBeLessThan(64e6);
});

test('a 500 MB model runs in the tab, or is refused with the memory that it needs', async ({ page, site: _ }, info) => {
  test.slow();
  const path = info.outputPath('heavy.onnx');
  const bytes = writeSparseModel(path, 16_384, 8_000);
  expect(bytes).toBeGreaterThan(500e6);
  await open(page, path);
  await expect(shown(page)).toContainText('heavy.onnx');
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByTestId('run-samples').fill('1');
  await page.getByTestId('run-samples').press('Tab');
  await page.getByTestId('run').click();
  const [ran, fault] = [page.getByTestId('run-seconds'), page.getByTestId('run-fault')];
  await expect(ran.or(fault)).toBeVisible({ timeout: 120_000 });
  if (await fault.isVisible()) {
    await expect(fault).toHaveAttribute('data-code', 'limit-exceeded');
    await expect(fault).toContainText(/\d MB/);
  } else {
    const memory = await exact(page.getByTestId('run-memory'));
    console.log(`${Math.round(bytes / 1e6)} MB of weights ran in ${Math.round(memory / 1e6)} MB`);
    expect(memory).toBeGreaterThan(bytes);
    expect(memory, 'the weights are held once').toBeLessThan(1.2 * bytes);
    const core = await exact(page.getByTestId('run-core-memory'));
    console.log(`${(core / 1e6).toFixed(1)} MB of the core's memory`);
    expect(core, 'and not by the core').toBeLessThan(64e6);
  }
});
