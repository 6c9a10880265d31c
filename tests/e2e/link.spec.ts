/** A person sends what is on screen as a link, and another opens it without the file. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { costsOf, fresh, linkOf } from './links.ts';
import { choose, setting, underDelphi, underSemi2k } from './menus.ts';
import { markedModel } from './models.ts';
import { chartFile, corpus, exact, expect, made, open, shown, test, total } from './site.ts';

const MARK = 'xq7marker';

/** Every number of the headline and the table's part in sight, as the core gave them. */
const figures = (page: Page) =>
  page
    .locator('.sticky [data-exact], [data-testid=layers] [data-exact]')
    .evaluateAll((all) => all.map((number) => number.getAttribute('data-exact')));

test('drop, choose, pin, type, export, send; it opens the same elsewhere', async ({ page, browser, site: _ }) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  await page.getByTestId('protocol-menu').click();
  await page.getByRole('radio', { name: /SEMI2K/ }).check();
  await page.keyboard.press('Escape');
  await page.getByTestId('pareto-dataset').selectOption('CIFAR-10');
  await page.getByTestId('own-accuracy').fill('91.2');
  await page.getByTestId('own-accuracy').press('Enter');
  await page.getByTestId('pin-model').click();
  await page.getByTestId('pareto-x-traffic').click();
  expect((await chartFile(page, 'svg')).toString()).toMatch(/under SEMI2K: [^<]*, version 2/);
  expect((await chartFile(page, 'csv')).toString()).toContain('91.2');
  await total(page, 'relu').click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Show \d+/ })
    .click();
  await expect(page.getByTestId('row-count')).toContainText('of');
  const rows = await page.getByTestId('row-count').innerText();
  const link = await linkOf(page);
  expect(link.length).toBeLessThan(2000);

  const there = await fresh(browser, link);
  await expect(there.page.getByTestId('from-link')).toBeVisible();
  await expect(there.page.getByTestId('row-count')).toHaveText(rows);
  await expect(there.page.getByTestId('pareto-x-traffic')).toHaveAttribute('aria-pressed', 'true');
  await expect(there.page.getByTestId('pareto-dataset')).toHaveValue('CIFAR-10');
  await expect(there.page.getByTestId('own-accuracy')).toHaveValue('91.2');
  await expect(there.page.getByTestId('own-points').locator('tbody tr')).toHaveCount(2);
  const sent = await figures(page);
  expect(sent.length).toBeGreaterThan(50);
  await expect.poll(() => figures(there.page)).toEqual(sent);
  // Its numbers open, and it can be sent on.
  await total(there.page, 'macs').click();
  await expect(there.page.getByRole('dialog')).toContainText('sum over the layers');
  await there.page.keyboard.press('Escape');
  const again = await linkOf(there.page);
  expect(again.replace(/^[^#]*/, '').length).toBeGreaterThan(500);
  expect(there.problems).toEqual([]);
  await there.close();
});

for (const [model, most] of [
  ['ResNet-50', 2000],
  ['ViT-B/16', 4000],
] as const) {
  test(`the link of ${model} is under ${most} characters and opens to its figures`, async ({
    page,
    browser,
    site: _,
  }) => {
    await shown(page).click();
    await page
      .getByRole('button', { name: new RegExp(`^${model}`) })
      .first()
      .click();
    await expect(shown(page)).toContainText(model);
    const link = await linkOf(page);
    expect(link.length).toBeLessThan(most);
    const there = await fresh(browser, link);
    await expect(there.page.getByTestId('from-link')).toBeVisible();
    for (const column of ['macs', 'params']) {
      expect(await exact(total(there.page, column))).toBe(await exact(total(page, column)));
    }
    await expect.poll(() => figures(there.page)).toEqual(await figures(page));
    expect(there.problems).toEqual([]);
    await there.close();
  });
}

test('a share of the activations keeps its decimals in a link', async ({ page, browser, site: _ }) => {
  const bytes = page.getByTestId('cost-bytes');
  await underSemi2k(page);
  const all = await exact(bytes);
  await page.getByTestId('protocol-menu').click();
  await page.getByRole('button', { name: 'drop', exact: true }).click();
  await setting(page, 'Of them kept, %').fill('12.5');
  await expect
    .poll(() => exact(bytes), { message: 'traffic without seven eighths of 557,056 ReLUs at 144 B' })
    .toBe(all - 557_056 * 144 * 0.875);
  await page.keyboard.press('Escape');
  const sent = await costsOf(page);

  const there = await fresh(browser, await linkOf(page));
  await expect.poll(() => costsOf(there.page), { message: 'the figures of the sender' }).toEqual(sent);
  await there.page.getByTestId('protocol-menu').click();
  await expect(setting(there.page, 'Of them kept, %'), 'the share of the sender').toHaveValue('12.5');
  await there.page.keyboard.press('Escape');
  await there.page.getByTestId('cost-bytes').click();
  await expect(there.page.getByRole('dialog'), 'under what it was made').toContainText('12.5 % kept by pixel');
  expect(there.problems).toEqual([]);
  await there.close();
});

test('a second link in the same tab keeps nothing of the first', async ({ page, browser, site: _ }) => {
  await underDelphi(page);
  const plain = { link: await linkOf(page), costs: await costsOf(page) };
  await choose(page, 'protocol', /client garbles/);
  await expect
    .poll(() => exact(page.getByTestId('cost-bytes')), { message: 'the answer under DELPHI, client garbles' })
    .not.toBe(plain.costs[2]);
  const fourThreads = await exact(page.getByTestId('cost-offline'));
  await page.getByTestId('protocol-menu').click();
  await setting(page, 'HE threads').fill('8');
  await expect
    .poll(() => exact(page.getByTestId('cost-offline')), { message: 'offline time on 8 HE threads' })
    .toBeLessThan(fourThreads);
  const eightThreads = await costsOf(page);
  await setting(page, 'Circuit threads').fill('16');
  await expect.poll(() => costsOf(page), { message: 'time on 16 circuit threads' }).not.toEqual(eightThreads);
  await page.keyboard.press('Escape');
  const chosen = { link: await linkOf(page), costs: await costsOf(page) };

  const there = await fresh(browser, chosen.link);
  for (const [{ link, costs }, title, he, gc] of [
    [chosen, 'client garbles', '8', '16'],
    [plain, 'server garbles', '4', '4'],
  ] as const) {
    // Only the fragment differs: the page stays, and hears of another link.
    if (link !== chosen.link) await there.page.goto(link);
    await expect(there.page.getByTestId('protocol-menu'), `the protocol of ${title}`).toContainText(title);
    await expect.poll(() => costsOf(there.page), { message: `the figures of the sender, ${title}` }).toEqual(costs);
    await there.page.getByTestId('protocol-menu').click();
    await expect(setting(there.page, 'HE threads'), `HE threads, ${title}`).toHaveValue(he);
    await expect(setting(there.page, 'Circuit threads'), `circuit threads, ${title}`).toHaveValue(gc);
    await there.page.keyboard.press('Escape');
  }
  expect(there.problems).toEqual([]);
  await there.close();
});

test('names are in a link only when they are asked for', async ({ page, browser, site: _ }) => {
  await open(page, made(`${MARK}.onnx`, markedModel(MARK)));
  await expect(shown(page)).toContainText(MARK);
  await page.getByTestId('layer-filter').fill(`${MARK}_relu`);
  await page.getByTestId('pin-model').click();
  for (const names of [false, true]) {
    const there = await fresh(browser, await linkOf(page, names));
    await expect(there.page.getByTestId('from-link')).toBeVisible();
    await expect(there.page.getByTestId('own-points').locator('tbody tr')).toHaveCount(2);
    const text = `${await there.page.content()} ${await there.page.getByTestId('layer-filter').inputValue()}`;
    expect(text.includes(MARK), names ? 'names were asked for' : 'names were not asked for').toBe(names);
    await there.close();
  }
});

test('Share copies the link; a saved one can be dropped', async ({ page, context, site: _ }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByTestId('share-menu').click();
  await page.getByTestId('share-copy').click();
  await expect(page.getByTestId('share-said')).toHaveText('Link copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/#r1=/);
  await expect(page.getByTestId('share-link')).toHaveValue(/#r1=/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('share-save').click()]);
  expect(download.suggestedFilename()).toBe('shared.reluctant');
  const saved = await readFile(await download.path());
  await page.keyboard.press('Escape');
  await open(page, corpus('tiny_mlp.dynamo.op18.b1.onnx'));
  await expect(shown(page)).toContainText('tiny_mlp');
  await open(page, made('shared.reluctant', saved));
  await expect(page.getByTestId('from-link')).toBeVisible();
  await expect(total(page, 'relu')).toHaveText('557,056');
  // Another model takes its place, and the address no longer says otherwise.
  await open(page, corpus('tiny_mlp.dynamo.op18.b1.onnx'));
  await expect(page.getByTestId('from-link')).toBeHidden();
  expect(page.url()).not.toContain('#r1=');
});

test('a mangled link says so and shows the default page', async ({ page, browser, site }) => {
  test.slow();
  const link = await linkOf(page);
  const at = link.indexOf('#r1=') + 4;
  const bad: string[] = [`${site}#r1=`, `${site}#r1=AAAA`, `${site}#r9=${link.slice(at)}`, link.slice(0, -5)];
  for (let i = 0; i < 20; i += 1) {
    const place = at + 7 + Math.floor(((link.length - at - 8) * i) / 20);
    bad.push(`${link.slice(0, place)}${link[place] === 'A' ? 'B' : 'A'}${link.slice(place + 1)}`);
  }
  const there = await fresh(browser, bad[0] ?? site);
  for (const address of bad) {
    await there.page.goto('about:blank');
    await there.page.goto(address);
    await expect(there.page.getByTestId('fault'), address).toHaveAttribute('data-code', /invalid_?-?link|limit/i);
    await expect(total(there.page, 'relu')).toHaveText('557,056');
  }
  expect(there.problems).toEqual([]);
  await there.close();
});

test('the frozen link of version 1 opens', async ({ browser, site }) => {
  const frozen = (await readFile(new URL('../golden/link-r1.txt', import.meta.url), 'utf8')).trim();
  const there = await fresh(browser, `${site}${frozen.slice(frozen.indexOf('#'))}`);
  await expect(there.page.getByTestId('from-link')).toBeVisible();
  expect(there.problems).toEqual([]);
  await there.close();
});
