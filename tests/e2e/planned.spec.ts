/** With a plan in force every view speaks of one network: the planned one. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { choose } from './menus.ts';
import { corpus, exact, expect, open, test, total } from './site.ts';

/** The digits network with a quarter of its 1,568 ReLUs. */
async function quarter(page: Page) {
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  await page.getByTestId('lacking').getByTestId('open-digits').first().click();
  await expect(page.getByTestId('budget-total')).toHaveAttribute('data-exact', '1568', { timeout: 30_000 });
  await page.getByTestId('budget-field').fill('25%');
  await page.getByTestId('budget-field').press('Enter');
  await expect(page.getByTestId('plan-kept')).toHaveAttribute('data-exact', '392', { timeout: 30_000 });
}

async function saved(page: Page, testid: string) {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testid).click()]);
  return readFile(await download.path(), 'utf8');
}

test('digits at a quarter: headline, stages, layers, Pareto and exports say 392 @phone', async ({ page, site }) => {
  await quarter(page);
  await expect(total(page, 'relu')).toHaveAttribute('data-exact', '392');
  await page.goto(`${site}#/score`);
  await expect(page.getByLabel('Headline')).toContainText('of 1,568 ReLUs');

  const stages = page.getByTestId('stages');
  await stages.getByRole('button', { name: 'Table' }).click();
  const cells = stages.getByRole('button', { name: /ReLUs in stage/ });
  const parts = await cells.evaluateAll((all) => all.map((each) => Number(each.getAttribute('data-exact'))));
  expect(
    parts.reduce((sum, part) => sum + part, 0),
    'ReLUs of the stages',
  ).toBe(392);

  await expect(page.getByTestId('own-points')).toContainText('392');
  await expect(page.getByTestId('pareto-dataset'), 'digits are none of the published sets').toHaveValue(
    'none of these',
  );
  await expect(page.getByTestId('pareto-finding')).toContainText('nothing is compared');
  await expect(page.getByTestId('own-points')).not.toContainText('every published point');

  const rows = (await saved(page, 'export-csv')).trim().split('\n');
  const at = rows[0]!.split(',').indexOf('elements');
  const kind = rows[0]!.split(',').indexOf('activation');
  const relus = rows
    .slice(1)
    .map((row) => row.split(','))
    .filter((cell) => cell[kind] === 'ReLU');
  expect(
    relus.reduce((sum, cell) => sum + Number(cell[at]), 0),
    'ReLUs of the CSV',
  ).toBe(392);
  const tex = await saved(page, 'export-latex');
  expect(tex).toMatch(/& 392 &/);
  expect(tex).toContain('392 of 1,568 ReLUs stay, by the plan');

  await total(page, 'relu').click();
  await expect(page.getByRole('dialog')).toContainText('1,568 - 1,176 = 392');
  await page.getByTestId('cite').click();
  await expect(page.getByTestId('cite')).toHaveText(/Citation copied|Not allowed/);
});

test('a link of the plan opens to the same network', async ({ page, site }) => {
  await quarter(page);
  await page.goto(`${site}#/score`);
  await page.getByTestId('share-menu').click();
  await expect(page.getByTestId('share-link')).toHaveValue(/#r/);
  const bytes = await exact(page.getByTestId('cost-bytes'));
  const link = await page.getByTestId('share-link').inputValue();
  const there = await page.context().newPage();
  await there.goto(link);
  await expect(total(there, 'relu')).toHaveAttribute('data-exact', '392');
  await expect(there.getByLabel('Headline')).toContainText('of 1,568 ReLUs');
  await expect(there.getByTestId('cost-bytes')).toHaveAttribute('data-exact', String(bytes));
});

/** What the layer table says under its columns, and the CSV in its rows, against the headline. */
async function expectSums(page: Page, place: string) {
  const csv = (await saved(page, 'export-csv'))
    .trim()
    .split('\n')
    .map((row) => row.split(','));
  const column = (name: string) => csv.slice(1).reduce((sum, row) => sum + Number(row[csv[0]!.indexOf(name)] || 0), 0);
  for (const [figure, name] of [
    ['offline', 'offline_seconds'],
    ['online', 'online_seconds'],
    ['bytes', 'bytes_total'],
  ] as const) {
    const headline = await exact(page.getByTestId(`cost-${figure}`));
    const sum = await exact(page.getByTestId('sums').locator(`[data-sum="cost:${figure}"]`));
    const close = figure === 'bytes' ? 0 : 1e-9 * headline;
    expect(Math.abs(sum - headline), `${place}: the table's ${figure}`).toBeLessThanOrEqual(close);
    expect(Math.abs(column(name) - headline), `${place}: the CSV's ${figure}`).toBeLessThanOrEqual(close);
  }
}

/** Under two protocols without a price for all of it. */
async function expectPartialSums(page: Page) {
  for (const [label, id] of [
    [/Circa/, 'circa:12'],
    [/16 bit|window/i, 'cheetah:window16'],
  ] as const) {
    await choose(page, 'protocol', label);
    await expect(page.getByTestId('protocol-menu'), id).toContainText(label);
    await expect(page.getByTestId('cost-bytes')).toHaveAttribute('data-exact', /\d/);
    await expectSums(page, id);
  }
}

test('rows add up to the headline where some work has no price', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  await expectPartialSums(page);
});

test('rows add up to the headline with a plan in force', async ({ page, site }) => {
  await quarter(page);
  await page.goto(`${site}#/score`);
  await choose(page, 'protocol', /DELPHI.*server/);
  await expectSums(page, 'a plan under DELPHI');
  await expectPartialSums(page);
});

test('no percentage stands on a figure that is a lower bound', async ({ page, site: _ }) => {
  await quarter(page);
  const rows = page.getByTestId('before-after').locator('[data-protocol]');
  await expect.poll(() => rows.count()).toBeGreaterThan(8);
  const cells = await rows.locator('td').evaluateAll((all) =>
    all.map((cell) => ({
      bound: (cell.querySelector('[data-testid$="-amounts"]')?.textContent ?? '').includes('>'),
      percent: cell.querySelector('[data-testid^="change-"]:not([data-testid$="-amounts"])') !== null,
    })),
  );
  expect(
    cells.some(({ bound }) => bound),
    'some protocol has work without a price',
  ).toBe(true);
  for (const { bound, percent } of cells) expect(percent).toBe(!bound);
});
