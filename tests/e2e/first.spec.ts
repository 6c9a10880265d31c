/** What a visit loads, and when: the first score from data, the core after it, an engine with the run that needs it. */
import { readdirSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { runDigits } from './running.ts';
import { addressOf, corpus, exact, expect, open, shown, test, total } from './site.ts';

const dist = resolve(import.meta.dirname, '../../www/dist');

/** Bytes of each package's wasm, which tell them apart. */
const packages = new Map(
  ['pkg', 'pkg-cpu', 'pkg-gpu'].map((name) => {
    const folder = resolve(import.meta.dirname, '../../www/src/worker', name);
    const wasm = readdirSync(folder).find((file) => file.endsWith('_bg.wasm'))!;
    return [statSync(resolve(folder, wasm)).size, name === 'pkg' ? 'core' : name.slice(4)];
  }),
);

/** The packages that the page has loaded, in their order. */
function watchPackages(page: Page): string[] {
  const seen: string[] = [];
  page.on('response', (response) => {
    if (!response.url().endsWith('.wasm')) return;
    // As built: it travels gzipped.
    const bytes = statSync(resolve(dist, 'assets', basename(response.url()))).size;
    seen.push(packages.get(bytes) ?? `a wasm of ${bytes} bytes`);
  });
  return seen;
}

const cost = (page: Page, figure: string) => page.getByTestId(`cost-${figure}`);

/** Everything that the first screen says in figures. */
async function figures(page: Page) {
  const read = (testid: string) => exact(page.getByTestId(testid));
  return Promise.all(
    ['total-relu', 'total-macs', 'total-params', 'cost-offline', 'cost-online', 'cost-bytes', 'cost-rounds'].map(read),
  );
}

test('the first score and its costs are painted without any wasm, and are the core’s @phone', async ({
  page,
  server,
}) => {
  let blocked = 0;
  await page.route('**/*.wasm', (route) => {
    blocked += 1;
    return route.abort();
  });
  await page.goto(addressOf(server));
  await expect(total(page, 'relu')).toHaveText('557,056');
  await expect(cost(page, 'online')).toContainText('5.90');
  const before = await figures(page);
  expect(before.every(Number.isFinite), String(before)).toBe(true);
  await expect(page.getByTestId('protocol-menu')).toContainText('Cheetah, comparisons at full width (paper), v2');
  await expect.poll(() => blocked, { message: 'the core is asked for after the paint' }).toBeGreaterThan(0);
  await page.unroute('**/*.wasm');
  // Another question, and back: now it is the core that answers.
  await page.reload();
  await page.getByTestId('protocol-menu').click();
  const bits = page.getByLabel('Share bits');
  await bits.fill('61');
  await expect
    .poll(async () => (await figures(page))[5], { message: 'traffic of shares of 61 bits' })
    .toBeGreaterThan(1.1 * before[5]!);
  await bits.fill('37');
  await expect.poll(() => figures(page), { message: 'the figures of before' }).toEqual(before);
});

test('a choice made before the core came is answered when it comes', async ({ page, server }) => {
  let release = (): void => {};
  const held = new Promise<void>((done) => (release = done));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(addressOf(server));
  await expect(cost(page, 'online')).toContainText('5.90');
  await page.getByTestId('protocol-menu').click();
  await page.getByRole('radio', { name: /SEMI2K/ }).check();
  release();
  await expect(cost(page, 'bytes')).toContainText('332');
});

test('a core that cannot be fetched is said to be missing, and is asked for again', async ({ page, server }) => {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto(addressOf(server));
  await expect(cost(page, 'online')).toContainText('5.90');
  await page.getByTestId('link-menu').click();
  await page.getByRole('radio', { name: /WAN/ }).check();
  await page.keyboard.press('Escape');
  const strip = page.getByRole('region', { name: 'Headline' });
  await expect(strip.getByRole('alert')).toContainText(
    /No cost: The core could not be fetched .* Check that the page is still being served, then reload it/,
  );
  // The figures on screen are still those of the last answer.
  await expect(cost(page, 'online')).toContainText('5.90');
  // A model needs the core as well, and a run the core in its own worker.
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(page.getByTestId('fault')).toHaveAttribute('data-code', 'io');
  await expect(page.getByTestId('fault')).toContainText('The core could not be fetched');
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByTestId('run-digits').click();
  await expect(page.getByTestId('fault')).toContainText('The core could not be fetched');
  await page.unroute('**/*.wasm');
  await page.getByTestId('link-menu').click();
  await page.getByRole('radio', { name: /LAN/ }).check();
  await page.getByRole('radio', { name: /WAN/ }).check();
  await expect(strip.getByRole('alert')).toHaveCount(0);
  await expect(cost(page, 'online')).not.toContainText('5.90');
  expect(problems, 'exceptions that nobody caught').toEqual([]);
});

test('with a link, the built-in score is never on screen', async ({ page, site, server }) => {
  await page.getByTestId('protocol-menu').click();
  await page.getByRole('radio', { name: /SEMI2K/ }).check();
  await expect(cost(page, 'bytes')).toContainText('332');
  await page.getByTestId('model-menu').click();
  await page.getByRole('button', { name: 'ResNet-50' }).first().click();
  await expect(shown(page)).toContainText('ResNet-50');
  await page.evaluate(() => navigator.clipboard?.writeText('')).catch(() => {});
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByTestId('share-menu').click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByTestId('share-said')).toHaveText('Link copied');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link.startsWith(site)).toBe(true);
  const fresh = await page.context().newPage();
  await fresh.addInitScript(() => {
    const seen = ((globalThis as unknown as { seen: string[] }).seen = []) as string[];
    new MutationObserver(() => {
      const text = document.querySelector('[data-testid=total-relu]')?.textContent;
      if (text && seen.at(-1) !== text) seen.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await fresh.goto(`${addressOf(server)}${link.slice(link.indexOf('#'))}`);
  await expect(shown(fresh)).toContainText('ResNet-50');
  await expect(total(fresh, 'relu')).not.toHaveText('');
  const seen = await fresh.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen).not.toContain('557,056');
});

test('a view that plans loads no engine; a run loads one; a GPU run the other too', async ({ page, server }) => {
  const seen = watchPackages(page);
  await page.goto(addressOf(server));
  await expect.poll(() => seen, { message: 'the core comes after the first paint' }).toEqual(['core']);
  // An example has no weights: it is planned, priced and fitted, and never run.
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  await expect(page.getByTestId('plan-kept')).toBeVisible({ timeout: 30_000 });
  await page.waitForLoadState('networkidle');
  expect(new Set(seen)).toEqual(new Set(['core']));
  await runDigits(page);
  expect(new Set(seen)).toEqual(new Set(['core', 'cpu']));
  await page.getByTestId('engine-gpu').click();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-engine')).toContainText('GPU: ', { timeout: 60_000 });
  expect(new Set(seen)).toEqual(new Set(['core', 'cpu', 'gpu']));
});

test('the weights are the engine’s: the core holds none', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(shown(page)).toContainText('resnet20_32');
  await page.getByRole('link', { name: 'Run', exact: true }).click();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-seconds')).toBeVisible({ timeout: 30_000 });
  expect(await exact(page.getByTestId('run-core-memory'))).toBeLessThan(64e6);
});
