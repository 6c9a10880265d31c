/** Every view: its name in the title, the focus that follows, what prints, what forced colours and a phone leave. */
import type { Page } from '@playwright/test';
import { underDelphi } from './menus.ts';
import { markedModel } from './models.ts';
import { expect, made, open, shown, test, violations } from './site.ts';

const VIEWS = {
  score: 'Score',
  replace: 'Replace',
  design: 'Design',
  lab: 'Lab',
  train: 'Train',
  run: 'Run',
  live: 'Live',
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

test('on paper the layer table has all rows, and no column beyond the edge', async ({ page, site: _ }) => {
  const grid = page.getByRole('grid', { name: 'Layers' });
  await expect(grid).toHaveAttribute('aria-rowcount', '69');
  const wide = () => grid.evaluate((one) => one.scrollWidth - one.clientWidth);
  await page.setViewportSize({ width: 1000, height: 800 });
  await expect.poll(wide, { message: 'on a screen it scrolls sideways' }).toBeGreaterThan(0);
  await page.emulateMedia({ media: 'print' });
  await expect(grid.getByRole('row')).toHaveCount(69);
  expect(await wide()).toBe(0);
  const [row, sums] = await Promise.all([
    grid.getByRole('row').nth(67).boundingBox(),
    page.getByTestId('sums').boundingBox(),
  ]);
  expect(sums!.y, 'the sums stand under the last row').toBeGreaterThanOrEqual(row!.y + row!.height - 1);
});

test('a place that the page does not have is said, and the address speaks of what is shown', async ({ page, site }) => {
  const problem = page.getByTestId('fault');
  await page.goto('about:blank');
  await page.goto(`${site}#/nosuchview`);
  await expect(page.getByRole('main', { name: 'Score' })).toBeVisible();
  await expect(problem).toContainText('\u201c/nosuchview\u201d: the page has no such view');
  expect(new URL(page.url()).hash).toBe('#/score');
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  await page.evaluate(() => (location.hash = '#/\u202egnorw'));
  await expect(problem).toContainText('/%E2%80%AEgnorw');
  await expect(page.getByRole('main', { name: 'Compare' })).toBeVisible();
});

test('the word ReLU says what one takes here', async ({ page, site: _ }) => {
  await underDelphi(page);
  const headline = page.getByRole('region', { name: 'Headline' });
  await headline.locator('[data-figure]').first().getByRole('button', { name: 'ReLUs', exact: true }).click();
  const card = page.getByRole('dialog');
  await expect(card).toContainText(
    /Here one takes 20\.3\skB and 0\.1\d\d\sms on average, .* under DELPHI, .* over LAN/,
  );
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

test('on a phone, what was tapped begins on the first screen @phone', async ({ page, site }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const bar = (await page.getByRole('navigation', { name: 'Views' }).boundingBox())!;
  expect(bar.y + bar.height, 'the bar is at the bottom').toBeCloseTo(844, 0);
  for (const view of Object.keys(VIEWS).filter((name) => name !== 'score')) {
    await visit(page, site, view);
    const heading = page.getByRole('main').locator('h2, h3, p, label').first();
    await expect(heading, view).toBeInViewport();
    const box = (await heading.boundingBox())!;
    expect(box.y, `${view}: what it begins with`).toBeLessThan(422);
  }
});

test('words open cards: a protocol with its garbling, the front, how activations are chosen and replaced', async ({
  page,
  site,
}) => {
  const card = page.getByRole('dialog');
  const means = async (word: string, text: RegExp | string) => {
    await page.getByRole('button', { name: word, exact: true }).click();
    await expect(card).toContainText(text);
    await page.keyboard.press('Escape');
  };
  await means('Pareto', 'no other beats in both');
  await means('over', 'The line between the parties');
  await underDelphi(page);
  await means('under', /client: its input.*encrypts the circuit of a comparison/);
  await visit(page, site, 'replace');
  await means('Expected error', 'squared difference');
  await means('DaPa', 'Distribution-aware polynomial approximation');
  await visit(page, site, 'validation');
  await means('not fitted to', 'Agreement proves something');
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
