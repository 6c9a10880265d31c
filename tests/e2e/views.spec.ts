/** Every view: its name in the title, the focus that follows, what prints, what forced colours and a phone leave. */
import type { Page } from '@playwright/test';
import { markedModel } from './models.ts';
import { expect, made, open, shown, test, violations } from './site.ts';

const VIEWS = {
  score: 'Score',
  replace: 'Replace',
  design: 'Design',
  lab: 'Lab',
  run: 'Run',
  calculator: 'Calculator',
  compare: 'Compare',
  'what-if': 'What if',
  validation: 'Validation',
  calibrate: 'Calibrate',
};

async function visit(page: Page, site: string, view: string) {
  await page.goto(`${site}#/${view}`);
  await expect(page).toHaveTitle(new RegExp(`^${VIEWS[view as keyof typeof VIEWS]} - `));
  await page.waitForLoadState('networkidle');
  await expect(page.getByRole('main')).not.toBeEmpty();
}

test('axe finds nothing in any view: light, dark, forced colours', async ({ page, site }) => {
  test.slow();
  for (const view of Object.keys(VIEWS)) {
    await visit(page, site, view);
    expect(await violations(page, ['light', 'dark', 'forced']), view).toEqual([]);
  }
});

test('the title names the view, and a model of a person only where links may', async ({ page, site: _ }) => {
  await expect(page).toHaveTitle('Score - ResNet-18, CIFAR-100 - Reluctant');
  await open(page, made('xq7marker.onnx', markedModel('xq7marker')));
  await expect(shown(page)).toContainText('xq7marker');
  await expect(page).toHaveTitle('Score - Reluctant');
  await page.getByTestId('share-menu').click();
  await page.getByTestId('share-names').check();
  await expect(page).toHaveTitle('Score - xq7marker.onnx - Reluctant');
  await page.getByTestId('share-names').uncheck();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await expect(page).toHaveTitle('Run - Reluctant');
});

test('one key skips to the view, and the focus follows into a view that is opened', async ({ page, site: _ }) => {
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('skip')).toBeFocused();
  await expect(page.getByTestId('skip')).toHaveCSS('opacity', '1');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.closest('main') !== null), 'inside the view').toBe(true);
  await page.getByRole('link', { name: 'Compare', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main', { name: 'Compare' })).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('main', { name: 'Score' })).toBeFocused();
});

/** Elements with a fill that says something. */
const FILLS = '.bar, .bar span, .swatch, [data-kind], [data-status], .track span';

test('fills and the chart are there in print and in forced colours', async ({ page, site }) => {
  await expect(page.getByTestId('pareto').locator('[data-dot]').nth(5)).toBeVisible();
  for (const view of ['score', 'compare', 'replace', 'what-if']) {
    await visit(page, site, view);
    const before = await page.locator(FILLS).evaluateAll((all) => all.map((one) => getComputedStyle(one).background));
    expect(before.length, view).toBeGreaterThan(5);
    await page.emulateMedia({ media: 'print' });
    const adjust = await page
      .locator(FILLS)
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).printColorAdjust));
    expect(new Set(adjust), `${view}, print`).toEqual(new Set(['exact']));
    await page.emulateMedia({ media: 'screen', forcedColors: 'active' });
    const forced = await page
      .locator(FILLS)
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).forcedColorAdjust));
    expect(new Set(forced), `${view}, forced colours`).toEqual(new Set(['none']));
    await page.emulateMedia({ media: null, forcedColors: null });
  }
});

test('on a phone, hover boxes stay on screen and labels of axes apart @phone', async ({ page, site }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const dots = page.getByTestId('pareto').locator('[data-dot]');
  await expect(dots.nth(5)).toBeVisible();
  const count = await dots.count();
  for (let i = 0; i < count; i += 7) {
    await dots.nth(i).focus();
    const box = await page.getByTestId('chart-tip').boundingBox();
    expect(box, `dot ${i}`).not.toBeNull();
    expect(box!.x, `dot ${i}`).toBeGreaterThanOrEqual(0);
    expect(box!.x + box!.width, `dot ${i}`).toBeLessThanOrEqual(390);
  }
  await visit(page, site, 'validation');
  for (const quantity of ['bytes', 'seconds', 'counts']) {
    await page.getByTestId(`validation-${quantity}`).click();
    const labels = page.getByTestId('validation').locator('.axes text[text-anchor=middle]');
    await expect(labels.first()).toBeVisible();
    const boxes = await labels.evaluateAll((all) => all.map((one) => one.getBoundingClientRect()));
    expect(boxes.length, quantity).toBeGreaterThan(1);
    for (const [i, box] of boxes.slice(1).entries())
      expect(box.left, `${quantity}, label ${i + 1}`).toBeGreaterThan(boxes[i]!.right);
  }
});
