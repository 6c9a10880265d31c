/** The page without a mouse, without colours, on a phone. */
import axe from 'axe-core';
import type { Page } from '@playwright/test';
import { expect, test, total } from './site.ts';

/** What axe finds, one line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing, ${colorScheme} @phone`, async ({ page, site: _ }) => {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page)).toEqual([]);
    await total(page, 'relu').click();
    await expect(page.getByRole('dialog')).toContainText('557,056');
    expect(await violations(page), 'with a card open').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('file-input').setInputFiles({ name: 'empty.onnx', mimeType: '', buffer: Buffer.alloc(0) });
    await expect(page.getByTestId('fault')).toBeVisible();
    expect(await violations(page), 'with an error').toEqual([]);
  });
}

test('nothing is wider than the window @phone', async ({ page, site: _ }) => {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
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
  const at = () => page.evaluate(() => {
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
