/** A person runs a model on the GPU: Chromium's WebGPU on SwiftShader, a GPU in software. */
import { readFile } from 'node:fs/promises';
import { best, readNpy } from './npy.ts';
import { runDigits, saved } from './running.ts';
import { corpus, exact, expect, open, shown, test } from './site.ts';

test('digits: all 500 predictions on the GPU are those of PyTorch', async ({ page, site: _ }) => {
  await runDigits(page);
  await page.getByTestId('engine-gpu').click();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-engine')).toContainText('GPU: ', { timeout: 60_000 });
  console.log(await page.getByTestId('run-engine').innerText());
  await expect(page.getByTestId('run-fallback')).toBeHidden();
  const [ours, torch] = [readNpy(await saved(page, 'npy')), readNpy(await readFile(corpus('../digits/logits.npy')))];
  expect(ours.shape).toEqual([500, 10]);
  expect(best(ours)).toEqual(best(torch));
  const off = await exact(page.getByTestId('run-difference'));
  console.log(`largest difference from the CPU: ${off.toExponential(2)}`);
  expect(off).toBeGreaterThan(0);
  expect(off).toBeLessThan(1e-4);
});
