/** The page without a mouse, without colours, on a phone. */
import type { Page } from '@playwright/test';
import { expect, violations, test, total } from './site.ts';

test('axe finds nothing @phone', async ({ page, site: _ }) => {
  expect(await violations(page)).toEqual([]);
  await total(page, 'relu').click();
  await expect(page.getByRole('dialog')).toContainText('557,056');
  expect(await violations(page), 'with a card open').toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByTestId('file-input').setInputFiles({ name: 'empty.onnx', mimeType: '', buffer: Buffer.alloc(0) });
  await expect(page.getByTestId('fault')).toBeVisible();
  expect(await violations(page), 'with an error').toEqual([]);
});

test('axe finds nothing in chart, table, sheet and a link @phone', async ({ page, site: _ }) => {
  test.slow();
  await page.getByTestId('own-accuracy').fill('75.1');
  await page.getByTestId('own-accuracy').press('Enter');
  await page.getByTestId('pin-model').click();
  await page.locator('[data-dot][tabindex="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('pareto-chosen')).toContainText('Source');
  expect(await violations(page), 'with a point chosen').toEqual([]);
  await page.getByTestId('pareto-x-latency').click();
  await page.getByTestId('pareto-table').click();
  await expect(page.getByTestId('pareto-points')).toBeVisible();
  expect(await violations(page), 'with the table').toEqual([]);
  await page.getByTestId('share-menu').click();
  await expect(page.getByTestId('share-link')).toHaveValue(/#r1=/);
  expect(await violations(page), 'with the sheet').toEqual([]);
  const link = await page.getByTestId('share-link').inputValue();
  await page.keyboard.press('Escape');
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByTestId('from-link')).toBeVisible();
  await expect(page.getByTestId('pareto-points')).toBeVisible();
  expect(await violations(page), 'of a link').toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, 'wider than the window').toBe(0);
});

test('axe finds nothing where models run @phone', async ({ page, site: _ }) => {
  test.slow();
  const narrow = async (where: string) => {
    expect(await violations(page), where).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${where}: wider than the window`).toBe(0);
  };
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await expect(page.getByTestId('run-digits')).toBeVisible();
  await narrow('with nothing to run');
  await page.getByTestId('run-digits').click();
  await expect(page.getByTestId('run-accuracy')).toBeVisible({ timeout: 30_000 });
  await page.getByTestId('run-fixed').check();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-fixed-accuracy')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('run-layers').locator('[data-op="Relu"]').first().click();
  await expect(page.getByTestId('run-channels').getByRole('img')).toHaveCount(8);
  await page.getByTestId('run-precision-try').click();
  await expect(page.getByTestId('run-precision').getByRole('img')).toHaveAttribute('aria-label', /24: /, {
    timeout: 90_000,
  });
  await narrow('with a result');
  await page.getByTestId('histogram-table').click();
  await page.getByTestId('channels-table').click();
  await page.getByTestId('samples-as-table').click();
  await narrow('with tables');
  await page.getByTestId('run-samples').fill('3');
  await page.getByTestId('from-files').focus();
  await page.getByTestId('data-input').setInputFiles({ name: 'empty.npy', mimeType: '', buffer: Buffer.alloc(0) });
  await expect(page.getByTestId('run-fault')).toBeVisible();
  await narrow('with an error');
});

test('nothing is wider than the window @phone', async ({ page, site: _ }) => {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});

/** Presses Tab until `wanted` says the focus is there. */
async function tabTo(page: Page, wanted: (element: Element) => boolean, most = 80) {
  for (let step = 0; step < most; step++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluateHandle(() => document.activeElement ?? document.body);
    if (await focused.evaluate(wanted)) return;
  }
  throw new Error(`not reached by ${most} presses of Tab`);
}

test('the keyboard reaches a total, opens its card and comes back', async ({ page, site: _ }) => {
  await tabTo(page, (element) => element.getAttribute('data-testid') === 'total-relu');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('557,056');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(total(page, 'relu')).toBeFocused();
});

test('the keyboard walks the layer table and opens a number in it', async ({ page, site: _ }) => {
  await tabTo(page, (element) => element.closest('[role=grid]') !== null);
  const at = () =>
    page.evaluate(() => {
      const { row, column } = (document.activeElement as HTMLElement).dataset;
      return [Number(row), Number(column)];
    });
  const [row, column] = await at();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  expect(await at()).toEqual([row! + 1, column! + 1]);
  await page.keyboard.press('Control+End');
  const [last] = await at();
  expect(last).toBeGreaterThan(20);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
});
