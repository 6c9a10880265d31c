/** A person asks what a model costs: changes protocol and link, opens the rules, prices layers by hand. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { answered, choose, underDelphi, underSemi2k } from './menus.ts';
import { corpus, exact, expect, violations, open, test, total } from './site.ts';

const figure = (page: Page, name: string) => page.getByTestId(`cost-${name}`);

/** The cell of a layer under a column, by the titles that a person reads. */
async function cell(page: Page, row: number, title: string) {
  const titles = await page.getByTestId('layers').getByRole('columnheader').allInnerTexts();
  const column = titles.findIndex((text) => text.startsWith(title));
  expect(column, title).toBeGreaterThanOrEqual(0);
  return page.locator(`[data-row="${row}"][data-column="${column}"]`);
}

test('protocol and link change every figure; a card says what the table says', async ({ page, site: _ }) => {
  // A convolutional network opens under Cheetah: 230,176,920 B, and 5.9 s of which ReLUs are a range.
  await expect(figure(page, 'bytes')).toHaveText('230.2\u00a0MB');
  await expect(figure(page, 'online')).toContainText('5.90');
  // DELPHI on the LAN: the rows of the published logs, with the three shortcuts.
  await underDelphi(page);
  await expect(figure(page, 'bytes')).toHaveText('11.7\u00a0GB');
  await expect(figure(page, 'offline')).toContainText('152');
  const delphi = await exact(figure(page, 'bytes'));

  await choose(page, 'protocol', /SEMI2K/);
  await expect.poll(() => exact(figure(page, 'bytes'))).not.toBe(delphi);
  // Its compute has a time: not the link's alone.
  const table = page.getByTestId('breakdown').getByRole('button', { name: 'Table' });
  await table.click();
  await expect(page.getByTestId('breakdown-table')).toContainText(/linear\s*9\.8\d\s+s/);
  await table.click();
  await expect(page.getByTestId('finding-online')).toContainText(
    /^Online [\d.]+\u00a0s: linear layers are \d+\u00a0%\.$/,
  );
  const lan = await exact(figure(page, 'online'));
  await choose(page, 'link', /^WAN/);
  // 332 MB at 44 MB/s in place of 384, and some 170 rounds of 40 ms.
  await expect.poll(() => exact(figure(page, 'online'))).toBeGreaterThan(lan + 10);

  // 65,536 ReLUs at 144 B.
  const traffic = await cell(page, 2, 'Traffic');
  expect(await exact(traffic)).toBe(65_536 * 144);
  await traffic.click();
  const card = page.getByRole('dialog');
  expect(await exact(card.getByTestId('card-value'))).toBe(65_536 * 144);
  await expect(card).toContainText('144 x 65,536');
  await expect(card.getByTestId('constants').first()).toContainText('144 B');
  await expect(card).toContainText('version 2');
  await card.getByRole('button', { name: 'Pin' }).click();
  await expect(page.getByTestId('pins')).toContainText('9.44');
});

test('the rows sum to the headline under every protocol', async ({ page, site: _ }) => {
  for (const [protocol, id] of [
    [/full width/, 'cheetah:paper'],
    [/server garbles/, 'delphi:server-garbler'],
    [/client garbles/, 'delphi:client-garbler'],
    [/SEMI2K/, 'semi2k'],
    [/ABY3/, 'aby3'],
  ] as const) {
    await choose(page, 'protocol', protocol);
    await answered(page, id);
    for (const [name, close] of [
      ['offline', 9],
      ['online', 9],
      ['bytes', 0],
    ] as const) {
      const sum = await exact(page.getByTestId('sums').locator(`[data-sum="cost:${name}"]`));
      const headline = await exact(figure(page, name));
      expect(Math.abs(sum - headline), `${protocol} ${name}`).toBeLessThanOrEqual(close * 1e-10 * headline);
    }
    const shares = await page.getByTestId('certainty').innerText();
    const whole = [...shares.matchAll(/(\d+)\u00a0%/g)].reduce(
      (all, [text, n]) => all + (text && shares.includes(`<${n}`) ? 0 : Number(n)),
      0,
    );
    expect(whole, shares).toBe(100);
  }
});

test('a slider makes the link one of your own @phone', async ({ page, site: _ }) => {
  await underDelphi(page);
  const before = await exact(figure(page, 'offline'));
  await page.getByTestId('link-menu').click();
  const slider = page.getByTestId('link-down');
  await slider.focus();
  for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowLeft');
  await expect(page.getByTestId('link-menu')).toContainText('Custom');
  await expect.poll(() => exact(figure(page, 'offline'))).toBeGreaterThan(before);
  // Server's circuits: 9.5 GB and more, at 10 MB/s.
  await page.getByTestId('link-down-field').fill('10');
  await expect.poll(() => exact(figure(page, 'offline'))).toBeGreaterThan(before + 900);
});

test('what a change of activations costs is shown with its sign', async ({ page, site: _ }) => {
  await choose(page, 'protocol', /ABY3/);
  await page.getByTestId('protocol-menu').click();
  await page.getByRole('button', { name: 'drop', exact: true }).click();
  await expect(page.getByTestId('finding')).toContainText(/online \u2212\d+.*traffic \u2212\d+/);
  await page.getByRole('button', { name: 'keep', exact: true }).click();
  await expect(page.getByTestId('finding')).not.toContainText('Against keeping');
});

test('what has no price is named, never 0, and the total is partial', async ({ page, site: _ }) => {
  await underDelphi(page);
  await page.getByTestId('model-menu').click();
  await page.getByRole('button', { name: 'ResNet-50' }).first().click();
  // Its first convolution has 224 x 224 pixels: more than a ciphertext of DELPHI holds.
  await expect(page.getByTestId('cost-partial')).toContainText('1\u00a0piece of work without a price');
  await expect(page.getByTestId('cost')).toContainText('traffic, partial');
  const offline = await cell(page, 0, 'Offline');
  await expect(offline).toHaveText('no price');
  await expect(offline).toHaveAttribute('title', /8,192 pixels/);
  await page.getByTestId('cost-partial').click();
  await expect(page.getByRole('dialog')).toContainText('/conv1/Conv: the input has more than 8,192 pixels');
});

test('dropping the activations takes away what they cost, to the byte', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu'), 'the score of ResNet-20').toHaveText('188,416');
  // An answer under the protocol of before is above 0, too: only SEMI2K's will do.
  await underSemi2k(page);
  const keep = await exact(figure(page, 'bytes'));
  await page.getByTestId('protocol-menu').click();
  await page.getByRole('button', { name: 'drop', exact: true }).click();
  await expect
    .poll(async () => keep - (await exact(figure(page, 'bytes'))), {
      message: '188,416 ReLUs at 144 B less; the linear part stays',
    })
    .toBe(188_416 * 144);
});

test('layers are priced without a model @phone', async ({ page, site }) => {
  await page.goto(`${site}#/calculator`);
  const row = page.getByTestId('typed-row').nth(1);
  await expect(row.getByTestId('typed-bytes')).toBeVisible();
  await choose(page, 'protocol', /SEMI2K/);
  await expect.poll(() => exact(row.getByTestId('typed-bytes'))).toBe(65_536 * 144);
  // 3x3, 64 to 64 at 32x32: 16 x (1,024 x 576 + 576 x 64) + 8 x 65,536.
  await expect.poll(() => exact(page.getByTestId('typed-bytes').first())).toBe(10_551_296);
  await row.getByRole('spinbutton', { name: 'Elements' }).fill('1000');
  await expect.poll(() => exact(row.getByTestId('typed-bytes'))).toBe(144_000);
  await row.getByTestId('typed-bytes').click();
  await expect(page.getByRole('dialog')).toContainText('144 x 1,000');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Add max-pool' }).click();
  await expect(page.getByTestId('typed-row')).toHaveCount(3);
  await expect.poll(() => exact(page.getByTestId('typed-total-bytes'))).toBe(10_551_296 + 144_000 + 16_384 * 3 * 144);
  await row.getByRole('button', { name: /^Remove/ }).click();
  await expect.poll(() => exact(page.getByTestId('typed-total-bytes'))).toBe(10_551_296 + 16_384 * 3 * 144);
});

test('exports say under what they were made', async ({ page, site: _ }) => {
  const save = async (kind: string) => {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`export-${kind}`).click()]);
    return readFile(await download.path(), 'utf8');
  };
  await expect(figure(page, 'bytes')).toBeVisible();
  const { estimates, layers } = JSON.parse(await save('json'));
  expect(estimates).toHaveLength(1);
  expect(estimates[0]).toMatchObject({ protocol: 'cheetah:paper', profile_version: 2, link: 'lan' });
  expect(estimates[0].bytes_total).toBe(await exact(figure(page, 'bytes')));
  const [header, ...lines] = (await save('csv')).trim().split('\r\n');
  expect(lines).toHaveLength(layers.length);
  const at = (name: string) => header!.split(',').indexOf(name);
  for (const line of lines) {
    expect(line).toContain('cheetah:paper');
  }
  expect(at('link_rtt_ms')).toBeGreaterThan(0);
  expect(at('profile_version')).toBeGreaterThan(0);
});

test('axe finds nothing in the cost panels @phone', async ({ page, site }) => {
  await expect(figure(page, 'bytes')).toBeVisible();
  for (const menu of ['protocol-menu', 'link-menu']) {
    await page.getByTestId(menu).click();
    expect(await violations(page), menu).toEqual([]);
    await page.keyboard.press('Escape');
  }
  await page.getByRole('button', { name: 'Table', exact: true }).last().click();
  await figure(page, 'offline').click();
  await expect(page.getByRole('dialog')).toContainText('sum over the rows');
  expect(await violations(page), 'card').toEqual([]);
  await page.keyboard.press('Escape');
  await page.goto(`${site}#/calculator`);
  await expect(page.getByTestId('typed-row').first()).toBeVisible();
  expect(await violations(page), 'calculator').toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});
