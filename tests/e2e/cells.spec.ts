/** Cells that are searched for at a ReLU budget, and binary networks as they are exported. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { underSemi2k } from './menus.ts';
import { exact, expect, open, test, total, violations } from './site.ts';

const BLOCK = resolve(import.meta.dirname, '../corpus/react/block.onnx');

test('cells are searched for beside random ones of equal ReLUs; one opens in Score @phone', async ({ page, site }) => {
  test.slow();
  await underSemi2k(page);
  await page.goto(`${site}#/lab`);
  const cells = page.getByTestId('cells');
  const fill = async (name: string, value: number) => {
    await cells.getByTestId(`cells-${name}`).fill(String(value));
    await cells.getByTestId(`cells-${name}`).blur();
  };
  for (const [name, value] of [
    ['relus', 1500],
    ['width', 4],
    ['nodes', 3],
    ['evaluations', 2],
    ['epochs', 1],
  ] as const)
    await fill(name, value);
  // What is held already is shown again.
  await fill('nodes', 9);
  await fill('nodes', 7);
  await expect(cells.getByTestId('cells-nodes')).toHaveValue('6');
  await fill('nodes', 3);
  await expect(cells.getByTestId('cells-left')).toContainText('4 networks');
  await cells.getByTestId('cells-start').click();
  await cells.getByTestId('cells-all').check({ timeout: 60_000 });
  const rows = cells.getByTestId('cells-rows').locator('tbody tr');
  await expect(rows).toHaveCount(4, { timeout: 120_000 });
  await expect(cells.getByTestId('cells-start')).toBeEnabled({ timeout: 30_000 });
  // A stem of 256, and 256 + 128 + 64 for each of two layers.
  await expect(cells.getByTestId('cells-said')).toContainText('1,152 ReLUs in every network');
  for (const row of await rows.all()) expect(await exact(row.locator('td').nth(4))).toBeGreaterThan(144 * 1152);
  await expect(cells).toContainText('operations, frame, search and scores are ours');
  expect(await violations(page), 'axe').toEqual([]);
  const bytes = await exact(rows.nth(0).locator('td').nth(4));
  await cells.getByTestId('cells-open-0').click();
  await expect(page).toHaveURL(/#\/score$/);
  await expect(total(page, 'relu')).toHaveText('1,152', { timeout: 30_000 });
  await underSemi2k(page);
  await expect.poll(() => exact(page.getByTestId('cost-bytes'))).toBe(bytes);

  // A budget that no cell keeps is said.
  await page.goto(`${site}#/lab`);
  await fill('relus', 700);
  await cells.getByTestId('cells-start').click();
  await expect(cells.getByRole('alert').first()).toContainText('704 ReLUs at least');
});

test('a search of cells is cancelled; what was trained stays', async ({ page, site }) => {
  test.slow();
  await page.goto(`${site}#/lab`);
  const cells = page.getByTestId('cells');
  await cells.getByTestId('cells-epochs').fill('1');
  await cells.getByTestId('cells-epochs').blur();
  await cells.getByTestId('cells-start').click();
  await expect(cells.getByTestId('cells-rows').locator('tbody tr').first()).toBeVisible({ timeout: 60_000 });
  await cells.getByRole('button', { name: 'Cancel' }).click();
  await expect(cells.getByTestId('cells-start')).toBeEnabled();
  await expect(cells.getByTestId('cells-rows').locator('tbody tr').first()).toBeVisible();
});

test('an export of ReActNet is cleaned, taken away and scored anew @phone', async ({ page, site }) => {
  await open(page, BLOCK);
  await expect(page.getByTestId('model-menu')).toContainText('block', { timeout: 30_000 });
  await underSemi2k(page);
  await page.goto(`${site}#/lab`);
  const clean = page.getByTestId('react').getByTestId('clean');
  await expect(clean.getByTestId('clean-Sign')).toContainText('256 elements', { timeout: 30_000 });
  expect(await exact(clean.getByTestId('clean-before'))).toBe(264_448);
  expect(await exact(clean.getByTestId('clean-after'))).toBe(116_992);
  await expect(clean.getByTestId('clean-said')).toContainText('25 nodes of 32');
  await expect(page.getByTestId('react')).toContainText('the rewrite and the prices are ours');
  expect(await violations(page), 'axe').toEqual([]);

  // In Replace too, where it is taken away.
  await page.goto(`${site}#/replace`);
  const own = page.getByTestId('clean');
  const [download] = await Promise.all([page.waitForEvent('download'), own.getByTestId('clean-save').click()]);
  expect(download.suggestedFilename()).toBe('block-clean.onnx');
  const bytes = await readFile(await download.path());
  expect(bytes.includes('Less')).toBe(false);
  expect(await violations(page), 'axe').toEqual([]);
  await own.getByTestId('clean-open').click();
  await expect(page.getByTestId('model-menu')).toContainText('block-clean', { timeout: 30_000 });
  await underSemi2k(page);
  await expect.poll(() => exact(page.getByTestId('cost-bytes'))).toBe(116_992);
  await expect(own.getByTestId('clean-said')).toContainText('nothing of its training', { timeout: 30_000 });
});
