/** A person makes a profile of measurements, uses it, sends it, and opens its file again. */
import { readFile } from 'node:fs/promises';
import { exact, expect, made, test, violations } from './site.ts';

/** relu: 7 B an element and 1,000 B a call; seconds 2 us an element and 3 ms a call. */
const sizes = [1000, 8000, 64_000, 512_000];
const TABLE = ['op,elements,bytes,seconds', ...sizes.map((n) => `relu,${n},${7 * n + 1000},${2e-6 * n + 3e-3}`)].join(
  '\n',
);

test('measurements become a profile: fitted exactly, used everywhere, in the link and in a file', async ({
  page,
  site,
  browser,
}) => {
  await page.goto(`${site}#/calibrate`);
  await page.getByTestId('calibrate-text').fill(TABLE);
  await page.getByTestId('calibrate-name').fill('Mine');
  await expect(page.getByTestId('fit')).toHaveCount(2);
  const coefficients = await page
    .getByTestId('coefficient')
    .evaluateAll((all) => all.map((each) => Number(each.getAttribute('data-exact'))).sort((a, b) => b - a));
  for (const [i, wanted] of [1000, 7, 3e-3, 2e-6].entries())
    expect(Math.abs(coefficients[i]! / wanted - 1)).toBeLessThan(1e-6);
  for (const off of await page
    .getByTestId('residual')
    .evaluateAll((all) => all.map((each) => Number(each.getAttribute('data-exact'))))) {
    expect(Math.abs(off)).toBeLessThan(1e-6);
  }
  const bytes = page.getByTestId('cost-bytes');
  const before = await exact(bytes);
  await page.getByTestId('calibrate-use').click();
  await expect(page.getByTestId('calibrate-in-use')).toBeVisible();
  await expect(page.getByTestId('protocol-menu')).toContainText('Mine');
  // 17 ReLUs of 557,056 elements instead of 144 B each; the linear part stays SEMI2K's.
  await expect.poll(() => exact(bytes), { message: 'the figure of before goes' }).not.toBe(before);
  const mine = await exact(bytes);

  await page.goto(`${site}#/compare`);
  const row = page.locator('[data-testid=compare-table] [data-protocol=calibrated]');
  await expect.poll(() => exact(row.getByTestId('compare-bytes'))).toBe(mine);
  const semi2k = await exact(
    page.locator('[data-testid=compare-table] [data-protocol=semi2k]').getByTestId('compare-bytes'),
  );
  expect(semi2k - mine).toBe(557_056 * (144 - 7) - 17 * 1000);

  await page.goto(`${site}#/calibrate`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('calibrate-save').click()]);
  const saved = await readFile(await download.path());
  expect(JSON.parse(saved.toString())).toMatchObject({ schema: 'reluctant.profile/1', name: 'Mine', base: 'semi2k' });
  await page.getByTestId('share-menu').click();
  await expect(page.getByTestId('share-link')).toHaveValue(/#r1=/);
  const link = await page.getByTestId('share-link').inputValue();

  // Elsewhere: by its link (without names), then by its file, dropped on the page.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const there = await context.newPage();
  await there.goto(link);
  await expect.poll(() => exact(there.getByTestId('cost-bytes'))).toBe(mine);
  await expect(there.getByTestId('fit')).toHaveCount(2);
  await there.goto('about:blank');
  await there.goto(site);
  await expect(there.getByTestId('total-relu')).toHaveText('557,056');
  await there.getByTestId('file-input').setInputFiles(made('mine.profile.json', saved));
  await expect(there.getByTestId('calibrate-in-use')).toBeVisible();
  await expect(there.getByTestId('protocol-menu')).toContainText('Mine');
  await expect.poll(() => exact(there.getByTestId('cost-bytes'))).toBe(mine);
  await there.getByRole('button', { name: 'Stop using it' }).click();
  await expect(there.getByTestId('protocol-menu')).toContainText('SEMI2K');
  await context.close();
});

test('what cannot be read says where; the last figures stay', async ({ page, site }) => {
  await page.goto(`${site}#/calibrate`);
  const bytes = await exact(page.getByTestId('cost-bytes'));
  await page.getByTestId('calibrate-text').fill(`${TABLE}\nrelu,many,5,1`);
  await expect(page.getByTestId('calibrate-fault')).toContainText(/Line 6/);
  await page.getByTestId('calibrate-text').fill(`${TABLE}\nrelu,99,-5,1`);
  await expect(page.getByTestId('calibrate-fault')).toContainText(/Line 6/);
  await page.getByTestId('file-input').setInputFiles(made('bad.profile.json', Buffer.from('{"schema":"other/1"}')));
  await expect(page.getByTestId('calibrate-fault')).toContainText(/schema/);
  expect(await exact(page.getByTestId('cost-bytes'))).toBe(bytes);
});

test('axe finds nothing in the calibration @phone', async ({ page, site }) => {
  await page.goto(`${site}#/calibrate`);
  await page.getByTestId('calibrate-example').click();
  await expect(page.getByTestId('fit').first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('calibrate-text').fill('op,size\nrelu,nothing');
  await expect(page.getByTestId('calibrate-fault')).toBeVisible();
  expect(await violations(page), 'with a fault').toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
    0,
  );
});
