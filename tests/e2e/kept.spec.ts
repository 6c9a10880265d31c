/** Nothing gets lost: a reload, a closed tab and two tabs bring back what was on screen; one button forgets it. */
import { lastKept, settled } from './keeping.ts';
import { fresh, linkOf } from './links.ts';
import { choose } from './menus.ts';
import { runDigits } from './running.ts';
import { addressOf, corpus, exact, expect, made, open, shown, test, total } from './site.ts';
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';

const BUILT_IN = '557,056';

/** Every text that the headline had since the document began. */
async function watchHeadline(page: Page) {
  await page.addInitScript(() => {
    const seen = ((globalThis as unknown as { seen: string[] }).seen = []) as string[];
    new MutationObserver(() => {
      const text = document.querySelector('[data-testid=total-relu]')?.textContent;
      if (text && seen.at(-1) !== text) seen.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
}

/** Auto, light, dark: the button goes on to the next. */
async function dark(page: Page) {
  for (const _ of ['light', 'dark']) await page.getByTestId('theme').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
}

const protocol = (page: Page) => page.getByTestId('protocol-menu');

/** ResNet-20 from a file, under SEMI2K, a row filter, in Compare. */
async function work(page: Page) {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  await choose(page, 'protocol', /SEMI2K/);
  await page.getByTestId('layer-filter').fill('layer1');
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  await expect(protocol(page)).toContainText('SEMI2K');
}

test('a reload brings back model, terms, filter and view, and never shows the built-in score @phone', async ({
  page,
  site: _,
}) => {
  await work(page);
  const bytes = page.getByTestId('cost-bytes');
  await settled(page);
  const before = await exact(bytes);
  const seen = await watchHeadline(page);
  await page.reload();
  await expect(total(page, 'relu')).toHaveText('188,416');
  await expect(protocol(page)).toContainText('SEMI2K');
  await expect.poll(() => exact(bytes)).toBe(before);
  await expect(shown(page)).toContainText('resnet20_32');
  expect(new URL(page.url()).hash).toBe('#/compare');
  expect(await seen()).not.toContain(BUILT_IN);
  expect((await seen()).length).toBeGreaterThan(0);
  await expect(page.getByTestId('from-link')).toContainText('From your last visit');
  await page.getByRole('link', { name: 'Score', exact: true }).click();
  await expect(page.getByTestId('layer-filter')).toHaveValue('layer1');
});

test('a closed tab comes back in a new one; an address of a view goes before the view of then', async ({
  page,
  context,
  site,
}) => {
  await work(page);
  await settled(page);
  await page.close();
  const next = await context.newPage();
  await next.goto(site);
  await expect(total(next, 'relu')).toHaveText('188,416');
  await expect(protocol(next)).toContainText('SEMI2K');
  await expect.poll(() => new URL(next.url()).hash).toBe('#/compare');
  const other = await context.newPage();
  await other.goto(`${site}#/what-if`);
  await expect(total(other, 'relu')).toHaveText('188,416');
  await expect(other.getByRole('link', { name: 'Compare', exact: true })).toHaveAttribute('aria-current', 'true');
  expect(new URL(other.url()).hash).toBe('#/what-if');
});

test('a page that was only looked at keeps nothing', async ({ page, site: _ }) => {
  await page.getByRole('heading', { name: 'Reluctant' }).click();
  await page.waitForTimeout(1500);
  expect(await lastKept(page)).toBe(0);
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
});

test('an example is opened again as itself, under its settings and plan', async ({ page, site: _ }) => {
  await page.getByTestId('model-menu').click();
  await page.getByRole('button', { name: 'ResNet-50' }).first().click();
  await expect(shown(page)).toContainText('ResNet-50');
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  const field = page.getByTestId('budget-field');
  await expect(field).toBeEnabled();
  for (const budget of ['50%', '25%']) {
    await field.fill(budget);
    await field.press('Enter');
  }
  const kept = page.getByTestId('plan-kept');
  const total = await exact(page.getByTestId('budget-total'));
  await expect.poll(() => exact(kept)).toBe(total / 4);
  await settled(page);
  const bytes = await exact(page.getByTestId('cost-bytes'));
  await page.reload();
  await expect(shown(page)).toContainText('ResNet-50');
  await expect(page.getByTestId('from-link')).toHaveCount(0);
  await expect.poll(() => exact(kept)).toBe(total / 4);
  await expect.poll(() => exact(page.getByTestId('cost-bytes'))).toBe(bytes);
  // Undo goes on from there.
  await page.getByTestId('undo').click();
  await expect.poll(() => exact(kept)).toBe(total / 2);
  await page.getByTestId('redo').click();
  await expect.poll(() => exact(kept)).toBe(total / 4);
});

test('link, reload and undo: what was changed of a link outlives a reload, and the link is one undo away', async ({
  page,
  browser,
  site: _,
}) => {
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  const field = page.getByTestId('budget-field');
  await expect(field).toBeEnabled();
  await field.fill('50%');
  await field.press('Enter');
  await expect.poll(() => exact(page.getByTestId('plan-kept'))).toBe(278_528);
  const link = await linkOf(page);

  const there = await fresh(browser, link);
  const kept = there.page.getByTestId('plan-kept');
  await expect.poll(() => exact(kept)).toBe(278_528);
  // Of an example, it can be planned for on.
  const budget = there.page.getByTestId('budget-field');
  await expect(budget).toBeEnabled();
  await budget.fill('25%');
  await budget.press('Enter');
  await expect.poll(() => exact(kept)).toBe(139_264);
  await settled(there.page);
  expect(there.page.url()).toBe(link);
  await there.page.reload();
  await expect.poll(() => exact(kept), { message: 'the change, not the link' }).toBe(139_264);
  await there.page.getByTestId('undo').click();
  await expect.poll(() => exact(kept), { message: 'the link' }).toBe(278_528);
  // The link itself is as it was, for whoever opens it anew.
  const other = await there.page.context().newPage();
  await other.goto(link);
  await expect.poll(() => exact(other.getByTestId('plan-kept'))).toBe(278_528);
  expect(there.problems).toEqual([]);
  await there.close();
});

test('the last run comes back; the file only where it was asked for', async ({ page, site: _ }) => {
  await runDigits(page);
  const accuracy = await exact(page.getByTestId('run-accuracy'));
  await settled(page);
  await page.reload();
  await expect(page.getByTestId('run-accuracy')).toBeVisible();
  expect(await exact(page.getByTestId('run-accuracy'))).toBe(accuracy);
  await expect(page.getByTestId('run-none')).toContainText('open it again');

  await page.getByTestId('privacy').locator('summary').click();
  await expect(page.getByTestId('keep-files')).not.toBeChecked();
  await page.getByTestId('keep-files').check();
  await open(page, made('digits_cnn.onnx', readFileSync(corpus('../digits/digits_cnn.onnx'))));
  await expect(page.getByTestId('run-inputs')).toBeVisible();
  await settled(page);
  await page.reload();
  await expect(page.getByTestId('run-inputs')).toBeVisible();
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-accuracy')).toBeVisible({ timeout: 30_000 });
});

test('two tabs keep what is theirs', async ({ page, context, site }) => {
  await work(page);
  await settled(page);
  const other = await context.newPage();
  await other.goto(site);
  await expect(total(other, 'relu')).toHaveText('188,416');
  await other.getByRole('link', { name: 'Score', exact: true }).click();
  await open(other, corpus('tiny_mlp.dynamo.op18.b1.onnx'));
  await expect(shown(other)).toContainText('tiny_mlp');
  await settled(other);
  for (const [tab, name] of [
    [page, 'resnet20_32'],
    [other, 'tiny_mlp'],
  ] as const) {
    await tab.reload();
    await expect(shown(tab)).toContainText(name);
  }
  // The theme is the browser's.
  await dark(other);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('one button forgets all, in every tab', async ({ page, context, site }) => {
  await work(page);
  await settled(page);
  await dark(page);
  const other = await context.newPage();
  await other.goto(site);
  await expect(total(other, 'relu')).toHaveText('188,416');
  await page.getByTestId('privacy').locator('summary').click();
  await expect(page.getByTestId('kept-state')).toContainText('Kept at');
  await page.getByTestId('forget').click();
  await expect(page.getByTestId('kept-state')).toContainText('Forgotten');
  // Neither tab keeps what is done from here on.
  for (const tab of [page, other]) {
    await tab.getByRole('link', { name: 'Score', exact: true }).click();
    await tab.getByTestId('layer-filter').fill('conv');
  }
  await page.waitForTimeout(1500);
  expect(await lastKept(page)).toBe(0);
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);
  await page.reload();
  await expect(total(page, 'relu')).toHaveText(BUILT_IN);
});

test('where storage is refused, the page works and says so', async ({ page, server }) => {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.addInitScript(() => {
    const refuse = (): never => {
      throw new DOMException('no', 'SecurityError');
    };
    for (const name of ['localStorage', 'sessionStorage'] as const)
      Object.defineProperty(globalThis, name, { get: refuse });
    IDBFactory.prototype.open = refuse;
  });
  await page.goto(addressOf(server));
  await expect(total(page, 'relu')).toHaveText(BUILT_IN);
  await work(page);
  await page.getByTestId('privacy').locator('summary').click();
  await expect(page.getByTestId('kept-state')).toContainText('does not let the page keep anything');
  await page.reload();
  await expect(total(page, 'relu')).toHaveText(BUILT_IN);
  expect(problems).toEqual([]);
});

test('what is stored is not trusted: nonsense leaves the page as at a first visit', async ({ page, site: _ }) => {
  await work(page);
  await settled(page);
  for (const nonsense of [
    { at: 9e15, link: '#r1=AAAA', model: null, run: null, past: [], future: [] },
    { at: 'now', link: 7 },
    'text',
    null,
  ]) {
    await page.evaluate(
      (value) =>
        new Promise<void>((done) => {
          const request = indexedDB.open('reluctant');
          request.onsuccess = () => {
            const change = request.result.transaction('sessions', 'readwrite');
            const store = change.objectStore('sessions');
            store.getAllKeys().onsuccess = ({ target }) => {
              for (const key of (target as IDBRequest<IDBValidKey[]>).result) store.put(value, key);
            };
            change.oncomplete = () => (request.result.close(), done());
          };
        }),
      nonsense,
    );
    await page.reload();
    await expect(total(page, 'relu'), JSON.stringify(nonsense)).toHaveText(BUILT_IN);
    await expect(page.getByTestId('fault')).toHaveCount(0);
  }
});
