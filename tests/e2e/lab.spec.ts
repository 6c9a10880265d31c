/** The lab: exits of the model on the page, gated ReLUs with draggable points, climbing with another slope. */
import type { Page } from '@playwright/test';
import { settled } from './keeping.ts';
import { underSemi2k } from './menus.ts';
import { corpus, exact, expect, open, shown, test, violations } from './site.ts';

async function openLab(page: Page, site: string) {
  await page.goto(`${site}#/lab`);
  await expect(page.getByTestId('ntk-objective')).toBeVisible({ timeout: 30_000 });
}

/** The cells of a row of a table, by what its head begins with. */
const cells = (page: Page, table: string, head: string) =>
  page
    .getByTestId(table)
    .locator('tbody tr')
    .filter({ has: page.locator('th', { hasText: head }) })
    .first()
    .locator('td');

test('exits are priced in each way: figures of resnet18-cifar100 under SEMI2K @phone', async ({ page, site }) => {
  test.slow();
  await underSemi2k(page);
  await openLab(page, site);
  // After stages 1 to 3, 40, 30 and 20 % stop: the bytes of the formulas, worked out by hand.
  for (const [way, bytes, rounds] of [
    ['No exits', 332_062_496, '173'],
    ['Fixed at exit 1', 90_490_144, '53'],
    ['Fixed at exit 2', 135_944_992, '93'],
    ['Fixed at exit 3', 188_188_448, '133'],
    ['Secure test', 148_017_922, '217.6'],
  ] as const) {
    await expect(cells(page, 'exit-rows', way).nth(0)).toHaveAttribute('data-exact', String(bytes));
    await expect(cells(page, 'exit-rows', way).nth(2)).toHaveText(rounds);
  }
  await expect(page.getByTestId('exits-said')).toContainText('1.85 bits');
  expect(await exact(cells(page, 'exit-rows', 'Run all').nth(0))).toBeGreaterThan(332_062_496);
  expect(await violations(page), 'axe').toEqual([]);

  // Another share; then more than there is.
  await page.getByTestId('exit-share-0').fill('50');
  await page.getByTestId('exit-share-0').blur();
  await expect(page.getByTestId('exit-left')).toContainText('0');
  await expect.poll(() => exact(cells(page, 'exit-rows', 'Secure test').nth(0))).toBeLessThan(148_017_922);
  await page.getByTestId('exit-share-0').fill('90');
  await page.getByTestId('exit-share-0').blur();
  await expect(page.getByTestId('exits').locator('p[role=alert]')).toBeVisible();
  await page.getByTestId('exit-share-0').fill('40');
  await page.getByTestId('exit-share-0').blur();
  await expect(page.getByTestId('exits').locator('p[role=alert]')).toHaveCount(0);
  await page.getByTestId('exit-at-0').fill('nowhere');
  await page.getByTestId('exit-at-0').blur();
  await expect(page.getByTestId('exits').locator('p[role=alert]')).toContainText(
    /no layer makes a value of this name/i,
  );
});

test('gated ReLUs: the toy has its known optimum, and points are dragged and walked @phone', async ({ page, site }) => {
  await openLab(page, site);
  // 16/33, and what the kernel's weights give.
  expect(await exact(page.getByTestId('ntk-objective'))).toBeCloseTo(16 / 33, 9);
  expect(await exact(page.getByTestId('ntk-first'))).toBeCloseTo(0.9031738655, 9);
  await expect(page.getByTestId('ntk-said')).toContainText('1: 0.596590, 2: 0.527971, 5: 0.486836');
  await expect(page.getByTestId('ntk-certificate')).toContainText('6 of 10 masks used');
  await expect(page.getByTestId('ntk-certificate')).toContainText('7.346189');
  await expect(page.getByTestId('ntk-masks').locator('tbody tr')).toHaveCount(10);

  const point = page.getByTestId('ntk-point-4');
  await point.focus();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByTestId('ntk-y')).toHaveValue('1, -1, 1, 1, -0.9');
  await expect.poll(() => exact(page.getByTestId('ntk-objective'))).not.toBeCloseTo(16 / 33, 6);
  const box = (await point.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y - 40, { steps: 5 });
  await page.mouse.up();
  await expect(page.getByTestId('ntk-y')).not.toHaveValue('1, -1, 1, 1, -0.9');
  await page.getByTestId('ntk-y').fill('1, -1, 1, 1, -1');
  await page.getByTestId('ntk-y').blur();
  await page.getByTestId('ntk-x').fill('-2, -1, 0, 1, 2');
  await page.getByTestId('ntk-x').blur();
  await expect.poll(() => exact(page.getByTestId('ntk-objective'))).toBeCloseTo(16 / 33, 9);

  // Points that go leave the keyboard at those that stay.
  await point.focus();
  await page.keyboard.press('Delete');
  await expect(page.getByTestId('ntk-x')).toHaveValue('-2, -1, 0, 1');
  await expect(page.getByTestId('ntk-point-3')).toBeFocused();
  await page.getByTestId('ntk-point-0').focus();
  await page.keyboard.press('Delete');
  await expect(page.getByTestId('ntk-x')).toHaveValue('-1, 0, 1');
  await expect(page.getByTestId('ntk-point-0')).toBeFocused();
});

test('climbing: the copy turns round at slope 1/3 @phone', async ({ page, site }) => {
  await openLab(page, site);
  const row = (slope: string) =>
    page
      .getByTestId('ascent-rows')
      .locator('tbody tr')
      .filter({ has: page.locator('th', { hasText: new RegExp(`^${slope}`) }) });
  // From 0.1, -0.1, -0.5 and 0.5.
  await expect(row('0(\\.0+)?$').locator('td')).toHaveText([/^1(\.0+)?$/, /^0(\.0+)?$/, /^2(\.0+)?$/, /^1(\.0+)?$/]);
  await expect(row('0\\.10+$').locator('td')).toHaveText([/^1/, /^2/, /^2/, /^1/]);
  await expect(row('0\\.50+$').locator('td')).toHaveText([/^2/, /^2/, /^2/, /^2/]);
  await expect(page.getByTestId('ascent-said')).toContainText('climbs to the left');
  await page.getByTestId('ascent-third').click();
  await expect(page.getByTestId('ascent-said')).toContainText('stands still');
  await page.getByTestId('ascent-slope').focus();
  await page.keyboard.press('Home');
  await expect(page.getByTestId('ascent-said')).toContainText('climbs to the right');
  await expect(page.getByTestId('ascent')).toContainText('The idea is the paper');
  expect(await violations(page), 'axe').toEqual([]);
});

test('a segmentation net is left by a linear layer at each position @phone', async ({ page, site }) => {
  await underSemi2k(page);
  await open(page, corpus('unet_convt_64.legacy.op13.b1.onnx'));
  await expect(shown(page)).toContainText('unet_convt_64', { timeout: 30_000 });
  await openLab(page, site);
  await expect(page.getByTestId('exit-classes')).toHaveValue('2');
  await expect(page.getByTestId('exit-rows')).toContainText('a linear layer at each position', { timeout: 30_000 });
  expect(await violations(page), 'axe').toEqual([]);
});

test('a reload in the lab keeps the page whole, though what is kept has no names of values', async ({ page, site }) => {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  await open(page, corpus('unet_convt_64.legacy.op13.b1.onnx'));
  await expect(shown(page)).toContainText('unet_convt_64', { timeout: 30_000 });
  await openLab(page, site);
  const bytes = page.getByTestId('cost-bytes');
  const before = await exact(bytes);
  await settled(page);
  await page.reload();
  await expect(page.getByTestId('from-link')).toContainText('From your last visit');
  await expect.poll(() => exact(bytes)).toBe(before);
  await expect(page.getByTestId('ntk-objective')).toBeVisible();
  expect(faults).toEqual([]);
});
