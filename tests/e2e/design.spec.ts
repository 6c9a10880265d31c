/** A person designs a network: equalises, compares, plans a budget on it, takes it away; sweeps a family. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { fresh, linkOf } from './links.ts';
import { exact, expect, test, total, violations } from './site.ts';

async function openDesign(page: Page) {
  await page.getByRole('link', { name: 'Design', exact: true }).click();
  await expect(page.getByTestId('equalise-found')).toContainText('4 networks', { timeout: 30_000 });
}

async function saved(page: Page, testid: string) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testid).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Writes a spec in the field of the chosen network. */
async function write(page: Page, change: (spec: Record<string, unknown>) => Record<string, unknown>) {
  const field = page.getByTestId('design-text');
  if (!(await field.isVisible())) await page.getByTestId('chosen').locator('summary').click();
  const spec = JSON.parse(await field.inputValue()) as Record<string, unknown>;
  await field.fill(JSON.stringify(change(spec)));
  await field.blur();
}

test('equalised networks of a budget: one is compared, planned for 50,000 ReLUs, shared and taken away @phone', async ({
  page,
  browser,
  site: _,
}) => {
  test.slow();
  await openDesign(page);
  await page.getByTestId('equalise-most').fill('343040');
  await page.getByTestId('equalise-most').blur();
  await expect(page.getByTestId('equalise-found')).toContainText('1 network of 4');
  await page.getByTestId('equalise-solutions').getByRole('button', { name: 'HRN-5x5x3x' }).click();
  // ResNet-18, which the page opens with, stands beside it.
  await expect(page.getByTestId('diff-said')).toContainText('Beside ResNet-18, CIFAR-100');
  await expect(page.getByTestId('diff-relus')).toHaveAttribute('data-exact', '343040');
  await expect(page.getByTestId('diff-stages').locator('tr', { hasText: 'S4' })).toContainText('1200');
  expect(await violations(page), 'axe').toEqual([]);

  const text = await saved(page, 'design-pytorch');
  expect(text.name).toBe('HRN-5x5x3x.py');
  expect(text.bytes.toString()).toContain('import torch');
  // Weights of 48.7 M parameters would be 195 MB: a narrow one has the same names.
  await write(page, (spec) => ({ ...spec, classes: 7, stages: (spec['stages'] as unknown[]).slice(0, 2) }));
  await expect(page.getByTestId('diff-stages').locator('tr', { hasText: 'S3' })).toContainText('-');
  const file = await saved(page, 'design-onnx');
  expect(file.name).toBe('HRN-5x5x3x.onnx');
  expect(file.bytes.length).toBeGreaterThan(4 * (await exact(page.getByTestId('diff-params'))));

  await page.getByTestId('equalise-solutions').getByRole('button', { name: 'HRN-5x5x3x' }).click();
  await expect(page.getByTestId('diff-relus')).toHaveAttribute('data-exact', '343040');
  await page.getByTestId('design-replace').click();
  await expect(page.getByTestId('budget-total')).toHaveAttribute('data-exact', '343040', { timeout: 30_000 });
  await page.getByTestId('budget-field').fill('50000');
  await page.getByTestId('budget-field').press('Enter');
  await expect.poll(() => exact(page.getByTestId('plan-kept'))).toBeLessThanOrEqual(50_000);
  await expect.poll(() => exact(total(page, 'relu'))).toBeLessThanOrEqual(50_000);
  const there = await fresh(browser, await linkOf(page));
  await expect(total(there.page, 'relu')).toHaveAttribute('data-exact', String(await exact(total(page, 'relu'))));
  expect(there.problems).toEqual([]);
  await there.close();
});

test('a sweep shows its front, and a network of it opens in Score', async ({ page, site: _ }) => {
  test.slow();
  await openDesign(page);
  await page.getByTestId('preset-filter').fill('drd');
  await expect(page.getByTestId('presets').getByRole('status')).toHaveText(/^\d+ of \d+$/);
  await page.getByTestId('preset-filter').fill('resnet18-cifar100');
  await page.getByTestId('preset-rows').getByRole('button', { name: 'resnet18-cifar100', exact: true }).click();
  await page.getByTestId('sweep-to').fill('3');
  await page.getByTestId('sweep-to').blur();
  await page.getByTestId('sweep-go').click();
  // 3 widths, 3 multipliers for each of 3 later stages.
  await expect(page.getByTestId('sweep-said')).toContainText('81 looked at, 81 within the bounds', { timeout: 30_000 });
  const rows = page.getByTestId('sweep-rows').locator('tbody tr');
  const [first] = await rows.first().locator('td').allInnerTexts();
  await rows.first().getByRole('button').click();
  await expect(page.getByTestId('diff-relus')).toHaveText(first!);
  await page.getByTestId('design-score').click();
  await expect(total(page, 'relu')).toHaveText(first!, { timeout: 30_000 });
  await expect(page.getByTestId('layers')).toBeVisible();
});

test('what is no network is said, and nothing is lost', async ({ page, site: _ }) => {
  await openDesign(page);
  await page.getByTestId('equalise-order').fill('3,2,9,1');
  await page.getByTestId('equalise-order').blur();
  await expect(page.getByTestId('equalise').getByRole('alert')).toBeVisible();
  await page.getByTestId('equalise-order').fill('3,2,4,1');
  await page.getByTestId('equalise-order').blur();
  await expect(page.getByTestId('equalise').getByRole('alert')).toHaveCount(0);
  await page.getByTestId('equalise-solutions').getByRole('button').first().click();
  await expect(page.getByTestId('diff-said')).toBeVisible();
  await write(page, (spec) => ({ ...spec, wings: 2 }));
  await expect(page.getByTestId('chosen').getByRole('alert')).toContainText('wings');
  await expect(page.getByTestId('diff-said')).toBeVisible();
  await expect(page.getByTestId('claim-rows').locator('tbody tr').first()).toContainText('176.1');
});
