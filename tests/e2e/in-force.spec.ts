/** While a share or a plan is in force, what is of no network stays as it is, and What if starts from what is in force. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { setting, underSemi2k } from './menus.ts';
import { corpus, exact, expect, open, test, total } from './site.ts';

const published = JSON.parse(await readFile(new URL('../../www/src/lib/published.json', import.meta.url), 'utf8')) as {
  points: { dataset: string }[];
};

const traffic = (page: Page) => page.getByTestId('cost-bytes');

/** ResNet-20 under SEMI2K with every activation: its traffic, exact and as it reads. */
async function asInTheFile(page: Page) {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu'), 'the score of ResNet-20').toHaveText('188,416');
  await underSemi2k(page);
  return { bytes: await exact(traffic(page)), text: await traffic(page).innerText() };
}

async function share(page: Page, all: number) {
  await page.getByTestId('protocol-menu').click();
  await page.getByRole('button', { name: 'drop', exact: true }).click();
  await setting(page, 'Of them kept, %').fill('12.5');
  await expect
    .poll(() => exact(traffic(page)), { message: 'traffic without seven eighths of 188,416 ReLUs at 144 B' })
    .toBe(all - 188_416 * 144 * 0.875);
  await page.keyboard.press('Escape');
}

async function plan(page: Page, all: number) {
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  await expect(page.getByTestId('budget-total'), 'the bench').toHaveAttribute('data-exact', '188416', {
    timeout: 30_000,
  });
  await page.getByTestId('budget-field').fill('12.5%');
  await page.getByTestId('budget-field').press('Enter');
  await expect(page.getByTestId('finding'), 'the price of the plan').toContainText('Against keeping every activation', {
    timeout: 30_000,
  });
  expect(await exact(traffic(page))).toBeLessThan(all);
}

for (const [what, enforce] of [
  ['a share', share],
  ['a plan', plan],
] as const) {
  test(`under ${what}, published points are priced on latency and on traffic`, async ({ page, site }) => {
    await enforce(page, (await asInTheFile(page)).bytes);
    await page.goto(`${site}#/score`);
    const chart = page.getByTestId('pareto');
    // By its sizes ResNet-20 is for CIFAR-10.
    const count = published.points.filter(({ dataset }) => dataset === 'CIFAR-10').length;
    for (const [axis, price] of [
      ['latency', /ReLUs only: [\d.]+ \u00b5s /],
      ['traffic', 'ReLUs only: 144 B each'],
    ] as const) {
      await page.getByTestId(`pareto-x-${axis}`).click();
      await expect(chart, `the price of a ReLU, for ${axis}`).toContainText(price);
      await expect(chart.locator('[data-dot^="p"]'), `the points on ${axis}`).toHaveCount(count);
      await expect(chart.getByRole('alert'), `no fault on ${axis}`).toHaveCount(0);
    }
  });

  test(`under ${what}, the calculator prices its rows as typed`, async ({ page, site }) => {
    await enforce(page, (await asInTheFile(page)).bytes);
    await page.goto(`${site}#/calculator`);
    const bytes = page.getByTestId('typed-row').nth(1).getByTestId('typed-bytes');
    await expect.poll(() => exact(bytes), { message: 'traffic of 65,536 ReLUs at 144 B' }).toBe(65_536 * 144);
    await bytes.click();
    await expect(page.getByRole('dialog'), 'the card of the row').toContainText('144 x 65,536');
    await expect(page.getByTestId('calculator').getByRole('alert'), 'no fault').toHaveCount(0);
  });

  test(`under ${what}, What if is of one network: the part and the whole`, async ({ page, site }) => {
    const file = await asInTheFile(page);
    await enforce(page, file.bytes);
    await page.goto(`${site}#/what-if`);
    const view = page.getByTestId('what-if');
    const effects = page.getByTestId('what-if-layers').getByTestId('what-if-bytes');
    await expect(effects.first(), 'the effects of activations').toBeVisible();
    const count = await effects.count();
    expect(count, 'of 19 activations those that stay').toBeLessThanOrEqual(19);
    const now = { bytes: await exact(traffic(page)), text: await traffic(page).innerText() };
    const sizes = await effects.evaluateAll((all) => all.map((each) => Number(each.getAttribute('data-exact'))));
    // A polynomial at 48 B for a ReLU at 144 B, of the eighth that stays.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe((-188_416 / 8) * (144 - 48));
    for (const size of sizes) expect(now.bytes + size).toBeGreaterThanOrEqual(0);
    // Before is the network's traffic with what is in force: what is on screen.
    await effects.first().click();
    await expect(page.getByRole('dialog'), 'after, less before').toContainText(` \u2212 ${now.text} = `);
    await page.keyboard.press('Escape');
    const labels = await view
      .locator('button[data-figure]')
      .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label') ?? ''));
    const saved = labels
      .flatMap((label) => /\u2212<?([\d.,]+)\u00a0% of the whole/.exec(label)?.[1] ?? [])
      .map((text) => Number(text.replaceAll(',', '')));
    expect(saved.length, 'savings as parts of the whole').toBeGreaterThanOrEqual(count);
    expect(Math.max(...saved), 'nothing saves more than all').toBeLessThanOrEqual(100);
    await expect(view.getByRole('alert'), 'no fault').toHaveCount(0);
  });
}
