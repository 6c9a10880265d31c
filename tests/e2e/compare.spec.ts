/** A person compares one model under every protocol and over every link, and takes the table away. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { answered } from './menus.ts';
import { exact, expect, violations, test } from './site.ts';

const row = (page: Page, protocol: string) => page.locator(`[data-testid=compare-table] [data-protocol="${protocol}"]`);
const cell = (page: Page, protocol: string, column: string) => row(page, protocol).getByTestId(`compare-${column}`);

async function compare(page: Page, site: string) {
  await page.goto(`${site}#/compare`);
  await expect(cell(page, 'aby3', 'bytes')).toBeVisible();
}

async function saved(page: Page, kind: string): Promise<string> {
  await page.getByTestId('compare-export').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`compare-${kind}`).click()]);
  return readFile(await download.path(), 'utf8');
}

test('a row says what the headline says once it is chosen, under every protocol @phone', async ({ page, site }) => {
  await compare(page, site);
  await row(page, 'delphi:server-garbler').getByRole('radio').check();
  await expect(page.getByTestId('bottleneck')).toContainText(
    /Under DELPHI, server garbles: Offline \d+\u00a0s: linear layers are \d+\u00a0%, on 4\u00a0threads\. Online [\d.]+\u00a0s: ReLUs are [\d.]+\u00a0%\./,
  );
  const protocols = await page
    .locator('[data-testid=compare-table] [data-protocol]')
    .evaluateAll((rows) => rows.map((each) => each.getAttribute('data-protocol') ?? ''));
  expect(protocols.length).toBeGreaterThanOrEqual(4);
  for (const protocol of protocols) {
    await row(page, protocol).getByRole('radio').check();
    await expect.poll(() => exact(page.getByTestId('cost-bytes'))).toBe(await exact(cell(page, protocol, 'bytes')));
    for (const figure of ['offline', 'online', 'rounds']) {
      const said = await exact(cell(page, protocol, figure));
      await expect.poll(() => exact(page.getByTestId(`cost-${figure}`)), `${protocol} ${figure}`).toBe(said);
    }
  }
});

test('every number opens its card', async ({ page, site }) => {
  await compare(page, site);
  const card = page.getByRole('dialog');
  for (const column of ['offline', 'online', 'up', 'down', 'bytes', 'rounds', 'storage', 'setup']) {
    const number = cell(page, 'delphi:client-garbler', column);
    await number.click();
    await expect(card).toContainText('DELPHI, client garbles');
    await expect.poll(() => exact(card.getByTestId('card-value'))).toBe(await exact(number));
    await page.keyboard.press('Escape');
    await expect(number).toBeFocused();
  }
  // What is not known opens too, and says so.
  await cell(page, 'aby3', 'storage').click();
  await expect(card).toContainText('not known');
  await page.keyboard.press('Escape');
  // Over another link: 10 GB of circuits at 135 Mbps.
  const far = page.getByTestId('compare-links').locator('tbody tr').first().getByTestId('compare-over-mbit100');
  await far.click();
  await expect(card).toContainText('link mbit100');
  expect(await exact(card.getByTestId('card-value'))).toBe(await exact(far));
});

test('columns order the rows; link time alone stays behind whole times', async ({ page, site }) => {
  await compare(page, site);
  const order = () =>
    page
      .locator('[data-testid=compare-table] [data-protocol]')
      .evaluateAll((rows) => rows.map((each) => each.getAttribute('data-protocol') ?? ''));
  const listed = await order();
  await page.getByTestId('compare-sort-bytes').click();
  const bytes = await page
    .getByTestId('compare-table')
    .getByTestId('compare-bytes')
    .evaluateAll((all) => all.map((number) => Number(number.getAttribute('data-exact'))));
  expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
  await page.getByTestId('compare-sort-bytes').click();
  await expect(page.getByRole('columnheader', { name: 'Traffic' }).first()).toHaveAttribute('aria-sort', 'descending');
  expect((await order())[0]).toBe(listed[(await exactAll(page, listed)).indexOf(Math.max(...bytes))]);
  await page.getByTestId('compare-sort-bytes').click();
  expect(await order()).toEqual(listed);
  await page.getByTestId('compare-sort-online').click();
  const places = await order();
  const timed = places.indexOf('delphi:client-garbler');
  // 0.7 s of link time is less than 16 s, and still no answer to the same question.
  expect(places.indexOf('crypten')).toBeGreaterThan(timed);
});

async function exactAll(page: Page, protocols: readonly string[]): Promise<number[]> {
  return Promise.all(protocols.map((protocol) => exact(cell(page, protocol, 'bytes'))));
}

test('bars and their table say the same; a preset becomes the link', async ({ page, site }) => {
  await compare(page, site);
  const goes = page.getByTestId('compare-goes');
  await expect(goes).toContainText('link time alone; compute is not known');
  await page.getByTestId('compare-goes-table').click();
  await expect(goes.getByRole('row', { name: /CrypTen/ })).toContainText('not known');
  await expect(goes.getByRole('row', { name: /server garbles/ })).toContainText('11.7\u00a0GB');
  const before = await exact(cell(page, 'crypten', 'online'));
  await page.getByTestId('compare-links').getByRole('button', { name: /^WAN/ }).click();
  await expect.poll(() => exact(cell(page, 'crypten', 'online'))).toBeGreaterThan(5 * before);
  await expect(page.getByTestId('link-menu')).toContainText('WAN');
});

test('the comparison is taken away as files', async ({ page, site }) => {
  await compare(page, site);
  await expect(page.getByTestId('compare-over-wan').first()).toBeVisible();
  const { schema, estimates } = JSON.parse(await saved(page, 'json'));
  expect(schema).toBe('reluctant.cost/1');
  const listed = estimates.filter(({ link }: { link: string }) => link === 'lan');
  expect(new Set(estimates.map(({ link }: { link: string }) => link)).size).toBeGreaterThanOrEqual(6);
  expect(estimates.length % listed.length).toBe(0);
  const aby3 = listed.find(({ protocol }: { protocol: string }) => protocol === 'aby3');
  expect(aby3.bytes_total).toBe(await exact(cell(page, 'aby3', 'bytes')));
  const [header, ...lines] = (await saved(page, 'csv')).trim().split('\r\n');
  expect(lines).toHaveLength(estimates.length);
  expect(header).toContain('profile_version');
  const tex = await saved(page, 'latex');
  expect(tex.match(/\\\\$/gm)).toHaveLength(1 + listed.length);
  expect(tex).toContain('(link)');
});

test('axe finds nothing in the comparison @phone', async ({ page, site }) => {
  await compare(page, site);
  await expect(page.getByTestId('compare-over-wan').first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('compare-goes-table').click();
  await cell(page, 'aby3', 'up').click();
  await expect(page.getByRole('dialog')).toContainText('what the client sends');
  expect(await violations(page), 'table and card').toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});

test('the keyboard chooses a protocol, orders and opens', async ({ page, site }) => {
  await compare(page, site);
  await row(page, 'delphi:server-garbler').getByRole('radio').focus();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'delphi:client-garbler').getByRole('radio')).toBeChecked();
  await expect(page.getByTestId('protocol-menu')).toContainText('client garbles');
  await page.keyboard.press('Tab');
  await expect(row(page, 'delphi:client-garbler').getByTestId('compare-trusts').locator('summary')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(cell(page, 'delphi:client-garbler', 'offline')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('sum over the rows');
});

test('protocols stand by whom they trust, and what does not fit is left out', async ({ page, site }) => {
  await compare(page, site);
  const table = page.getByTestId('compare-table');
  await expect(table.getByRole('rowheader', { name: /^two parties and a dealer$/i })).toBeVisible();
  const rows = table.locator('[data-protocol]');
  const all = await rows.count();
  await page.getByTestId('trust-three-honest-majority').click();
  await expect(rows).toHaveCount(2);
  await page.getByTestId('without-preprocessing').click();
  await expect(rows).toHaveCount(1);
  await expect(row(page, 'aby3').getByTestId('compare-trusts')).toContainText('semi-honest, at most 1 of 3');
  await page.getByTestId('without-preprocessing').click();
  await page.getByTestId('trust-three-honest-majority').click();
  await expect(rows).toHaveCount(all);
  await page.getByTestId('trust-malicious').click();
  await expect(rows).toHaveCount(1);
  await expect(row(page, 'quad')).toBeVisible();
});

test('a protocol offers the settings that it heeds, and they are in the link', async ({ page, site: _ }) => {
  await page.getByTestId('protocol-menu').click();
  const menu = page.getByRole('group', { name: 'Protocol' }).first();
  await expect(menu.getByRole('group', { name: 'OT', exact: true })).toBeHidden();
  await page.getByRole('radio', { name: /Cheetah in SPU, weights private/ }).check();
  const bytes = page.getByTestId('cost-bytes');
  await answered(page, 'cheetah:spu');
  const ferret = await exact(bytes);
  await menu.getByRole('button', { name: 'Softspoken' }).click();
  await expect.poll(() => exact(bytes)).toBeGreaterThan(2 * ferret);
  const softspoken = await exact(bytes);
  await page.keyboard.press('Escape');
  await page.getByTestId('share-menu').click();
  await expect(page.getByTestId('share-link')).toHaveValue(/#r1=/);
  const link = await page.getByTestId('share-link').inputValue();
  await page.goto('about:blank');
  await page.goto(link);
  await expect.poll(() => exact(bytes)).toBe(softspoken);
  // Of a family, any member: fewer bits dropped, more gates sent.
  await page.getByTestId('protocol-menu').click();
  await page.getByRole('radio', { name: /Circa/ }).check();
  await expect(page.getByTestId('cost')).toContainText('a sign errs with probability 0.5 where |x| < 4,096');
  const twelve = await exact(bytes);
  await menu.getByRole('spinbutton', { name: 'bits dropped' }).fill('4');
  await expect.poll(() => exact(bytes)).toBeGreaterThan(twelve);
  await expect(page.getByTestId('protocol-menu')).toContainText('Circa');
});

test('a share of the activations stays, by pixel or by layer', async ({ page, site: _ }) => {
  await page.getByTestId('protocol-menu').click();
  const menu = page.getByRole('group', { name: 'Protocol' }).first();
  await page.getByRole('radio', { name: /SEMI2K/ }).check();
  const [bytes, rounds] = ['bytes', 'rounds'].map((name) => page.getByTestId(`cost-${name}`)) as [Locator, Locator];
  await answered(page, 'semi2k');
  const all = await exact(bytes);
  const turns = await exact(rounds);
  await menu.getByRole('button', { name: 'drop', exact: true }).click();
  await expect.poll(() => exact(bytes)).toBe(all - 557_056 * 144);
  await menu.getByRole('spinbutton', { name: 'Of them kept, %' }).fill('50');
  // Half of each layer's ReLUs, and every call with its rounds.
  await expect.poll(() => exact(bytes)).toBe(all - (557_056 * 144) / 2);
  await expect.poll(() => exact(rounds)).toBe(turns);
  await menu.getByRole('button', { name: 'layer', exact: true }).click();
  await expect.poll(() => exact(rounds)).toBeLessThan(turns);
  await expect(page.getByTestId('finding')).toContainText('Against keeping every activation');
});
