/** A person asks what replacing one layer would do, and how far to believe the figures. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { exact, expect, test, violations } from './site.ts';

const file = JSON.parse(await readFile(new URL('../../www/src/lib/validation.json', import.meta.url), 'utf8')) as {
  columns: string[];
  rows: (string | number | null)[][];
};

const across = (page: Page, protocol: string) =>
  page.locator(`[data-testid=what-if-across] [data-protocol="${protocol}"]`);

async function whatIf(page: Page, site: string) {
  await page.goto(`${site}#/what-if`);
  await expect(page.getByTestId('what-if-layers').locator('[data-layer]')).toHaveCount(17);
  await expect(across(page, 'cheetah:spu')).toBeVisible();
}

test('a polynomial saves here and costs more there: bytes, time and rounds apart', async ({ page, site }) => {
  await whatIf(page, site);
  await across(page, 'delphi:server-garbler').getByRole('radio').check();
  await expect(page.getByTestId('what-if-verdict')).toContainText(
    'Under DELPHI, server garbles, of 17\u00a0changes of activation to degree 2, each by itself: all 17 send less',
  );
  const cell = (protocol: string, measure: string) => across(page, protocol).getByTestId(`what-if-${measure}`);
  // Under SPU's Cheetah, 65,536 squares send more than as many ReLUs, in fewer rounds.
  expect(await exact(cell('cheetah:spu', 'bytes'))).toBeGreaterThan(1e6);
  expect(await exact(cell('cheetah:spu', 'rounds'))).toBeLessThan(0);
  expect(await exact(cell('semi2k', 'bytes'))).toBeLessThan(0);
  // What has no figure says why.
  await expect(across(page, 'cheetah:paper')).toContainText('no polynomial activation');

  // The layer's own price, before and after: 144 B a ReLU, 48 B of two products.
  const semi = cell('semi2k', 'bytes');
  const saved = await exact(semi);
  await semi.click();
  const card = page.getByRole('dialog');
  expect(await exact(card.getByTestId('card-value'))).toBe(saved);
  await expect(card).toContainText('This one change alone');
  await page.keyboard.press('Escape');
  await expect(semi).toBeFocused();

  // More bytes and less time: each has its own sign, and whose seconds they are is said.
  expect(await exact(cell('cheetah:spu', 'seconds'))).toBeLessThan(0);
  await across(page, 'cheetah:spu').getByRole('radio').check();
  await expect(page.getByTestId('what-if-leaves-out')).toContainText('this is not your machine');

  // A protocol chosen here is the page's, and every layer is under it.
  await across(page, 'semi2k').getByRole('radio').check();
  await expect(page.getByTestId('protocol-menu')).toContainText('SEMI2K');
  const layers = page.getByTestId('what-if-layers').locator('[data-layer]');
  expect(await exact(layers.first().getByTestId('what-if-bytes'))).toBe(saved);
  await layers.last().getByRole('radio').check();
  await expect.poll(() => exact(semi)).toBe(saved / 8);

  await page.getByTestId('what-if-export').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('what-if-csv').click()]);
  const [header, ...lines] = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
  expect(header).toContain('link_seconds');
  expect(lines.length % 17).toBe(0);
  expect(lines.length).toBeGreaterThanOrEqual(14 * 17);
});

test('what to do is ranked, signed, and told beside what stands in the way', async ({ page, site }) => {
  await page.goto(`${site}#/what-if`);
  const rows = page.getByTestId('advice').locator('[data-change]');
  await expect(rows).toHaveCount(12);
  // The sentences at the top of the page are those of the list.
  await expect(page.getByTestId('advice-findings')).toContainText(await page.getByTestId('finding-online').innerText());
  const online = await rows
    .getByTestId('advice-online_seconds')
    .evaluateAll((all) => all.map((each) => Number(each.getAttribute('data-exact'))));
  expect(online).toEqual(online.toSorted((a, b) => a - b));
  await page.getByTestId('advice-all').click();
  const of = (id: string, field: string) => page.locator(`[data-change="${id}"]`).getByTestId(`advice-${field}`);
  expect(await exact(of('half-side', 'bytes'))).toBeLessThan(0);
  // Cheetah's authors give no polynomial: not known, with the reason.
  await expect(of('poly2:all', 'bytes')).toHaveText('not known');
  await expect(page.locator('[data-change="poly2:all"]')).toContainText('no price');
});

test('max-pool to average is offered where there is one', async ({ page, site }) => {
  await page.getByTestId('model-menu').click();
  await page.getByRole('button', { name: 'ResNet-50' }).first().click();
  await expect(page.getByTestId('total-relu')).not.toHaveText('557,056');
  await page.goto(`${site}#/what-if`);
  await page.getByTestId('what-if-average-pool').click();
  await expect(page.getByTestId('what-if-layers').locator('[data-layer]')).toHaveCount(1);
  await expect.poll(() => exact(across(page, 'aby3').getByTestId('what-if-bytes'))).toBeLessThan(0);
});

test('every row that was measured is in the table; the chart has those with a prediction', async ({ page, site }) => {
  await page.goto(`${site}#/validation`);
  const at = (name: string) => file.columns.indexOf(name);
  const view = page.getByTestId('validation');
  let rows = 0;
  let dots = 0;
  for (const kind of ['bytes', 'seconds', 'counts']) {
    await page.getByTestId(`validation-${kind}`).click();
    await expect(page.getByTestId('validation-rows')).toHaveAttribute('aria-busy', 'false');
    rows += await page.getByTestId('validation-rows').locator('tbody tr').count();
    dots += await view.locator('[data-dot]').count();
  }
  expect(rows).toBe(file.rows.length);
  const positive = file.rows.filter((row) => Number(row[at('predicted')] ?? 0) > 0 && Number(row[at('measured')]) > 0);
  expect(dots).toBe(positive.length);
  await page.getByTestId('validation-bytes').click();
  await expect(page.getByTestId('validation-said')).toContainText(/Of the \d+\u00a0rows that nothing was fitted to/);
  await page.getByTestId('validation-protocol').selectOption('crypten');
  const crypten = file.rows.filter(
    (row) => String(row[at('protocol')]).startsWith('crypten@') && row[at('quantity')] === 'bytes',
  );
  await expect(page.getByTestId('validation-rows').locator('tbody tr')).toHaveCount(crypten.length);
  // By keyboard: a dot says what it is.
  await view.locator('[data-dot][tabindex="0"]').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('validation-chosen')).toContainText('measured');
});

test('axe finds nothing in effects and validation @phone', async ({ page, site }) => {
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await whatIf(page, site);
  expect(await violations(page)).toEqual([]);
  expect(await fits()).toBe(0);
  await page.goto(`${site}#/validation`);
  await expect(page.getByTestId('validation-rows')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(await fits()).toBe(0);
});
