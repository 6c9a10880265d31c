/** Input that is no model, or a broken one: each gets its code, its place and what to do; the last score stays. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { cycle, missing, overflowing } from './models.ts';
import { corpus, exact, expect, made, open, shown, test, total } from './site.ts';

/** The first score is still there. */
async function expectFirstScore(page: Page) {
  await expect(total(page, 'relu')).toHaveText('557,056');
  await expect(shown(page)).toContainText('ResNet-18');
}

/** Rows of corpus/bad/expected.csv: the core's own test holds the offsets and hints to the letter. */
const rows = readFileSync(corpus('../bad/expected.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [file, code, offset, ...hint] = line.split(',');
    const kebab = code!.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();
    return { file: file!, code: kebab, offset: offset!, hint: hint.join(',') };
  })
  // The page takes these for data to run a model on.
  .filter(({ file }) => !/\.(npy|npz|png)$/.test(file));

test('every bad file of the corpus, one after the other', async ({ page, site: _ }) => {
  expect(rows.length).toBeGreaterThan(40);
  const fault = page.getByTestId('fault');
  for (const { file, code, offset, hint } of rows) {
    await test.step(file, async () => {
      await open(page, corpus(`../bad/${file}`));
      await expect(fault).toContainText(`file ${file}`);
      expect.soft(await fault.getAttribute('data-code'), file).toBe(code);
      const text = await fault.innerText();
      expect.soft(text, file).toContain('What to do: ');
      expect.soft(text, file).toContain(hint);
      if (/^\d+$/.test(offset)) expect.soft(text, file).toMatch(new RegExp(`byte ${offset}\\b`));
      await expectFirstScore(page);
    });
  }
});

const graphs = { cycle, missing };
for (const [name, bytes] of Object.entries(graphs)) {
  test(`a graph with a fault: ${name}`, async ({ page, site: _ }) => {
    await open(page, made(`${name}.onnx`, bytes));
    const fault = page.getByTestId('fault');
    await expect(fault).toHaveAttribute('data-code', 'invalid-graph');
    await expect(fault).toContainText(name === 'missing' ? /nowhere/ : /relu_[ab]/);
    await expect(fault).toContainText('What to do:');
    await expectFirstScore(page);
  });
}

test('sizes past 63 bits give no wrong number', async ({ page, site: _ }) => {
  await open(page, made('overflow.onnx', overflowing));
  const fault = page.getByTestId('fault');
  await expect(fault.or(shown(page).filter({ hasText: 'overflow.onnx' }))).toBeVisible();
  if (await fault.isVisible()) {
    await expect(fault).toHaveAttribute('data-code', /overflow|limit-exceeded/);
    await expectFirstScore(page);
  } else {
    // Scored: the row is unknown, and counts nothing.
    expect(await exact(total(page, 'relu'))).toBe(0);
    await expect(total(page, 'coverage')).not.toHaveText('100 %');
  }
});

test('a setting that the model cannot take leaves its score', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.dynamo.op23.dyn.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  await page.getByTestId('facts').locator('summary').click();
  const batch = page.getByTestId('symbol-value').first();
  await batch.fill('many');
  await batch.press('Enter');
  await expect(page.getByTestId('fault')).toHaveAttribute('data-code', 'invalid-setting');
  await expect(total(page, 'relu')).toHaveText('188,416');
});

test('broken arrays and pictures are refused where models run', async ({ page, site: _ }) => {
  await open(page, corpus('../digits/digits_cnn.onnx'));
  await expect(total(page, 'relu')).toHaveText('1,568');
  const fault = page.getByTestId('run-fault');
  for (const file of ['array.npy', 'weights.npz']) {
    await open(page, corpus(`../bad/${file}`));
    await expect(fault, file).toContainText(`file ${file}`);
    await expect(fault, file).toContainText('What to do:');
  }
  await open(page, corpus('../bad/photo.png'));
  await expect(page.getByTestId('run-inputs')).toContainText('1\u00a0image');
  await page.getByTestId('run').click();
  await expect(fault).toContainText('file photo.png');
  await expect(total(page, 'relu')).toHaveText('1,568');
});
