/** Networks that are looked at: what one would miss of each layer, and the inputs that maximise its classes. */
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { fresh, linkOf } from './links.ts';
import { exact, expect, test, total, violations } from './site.ts';

/** A network with all its ReLUs, and its run. */
async function trained(page: Page, site: string, net: string, epochs: readonly number[]) {
  await page.goto(`${site}#/train`);
  if (net !== 'digits-cnn') await page.getByTestId('train-data').selectOption('shapes');
  await page.getByTestId('train-net').selectOption(net);
  await page.getByTestId('train-budgets').fill('0');
  await page.getByTestId('train').locator('summary').first().click();
  for (const [place, count] of epochs.entries()) await page.getByTestId(`train-epochs-${place}`).fill(String(count));
  await page.getByTestId('train-epochs-2').blur();
  await expect(page.getByTestId('train-plan')).toContainText(/2\sruns/, {
    timeout: 30_000,
  });
  await page.getByTestId('train-go').click();
  const run = page.locator('[data-testid=train-run][data-run="base-0"]');
  await expect(run).toHaveAttribute('data-status', 'done', { timeout: 90_000 });
  await run.getByRole('button', { name: 'all ReLUs, seed 0', exact: true }).click();
}

test('a trained network tells what it would miss, and a step opens as a plan that a link keeps @phone', async ({
  page,
  browser,
  site,
}) => {
  test.slow();
  await trained(page, site, 'digits-cnn', [2, 1, 1]);
  const missed = page.getByTestId('train-missed');
  await missed.getByTestId('missed-measure').click();
  const rows = missed.getByTestId('missed-rows').locator('tbody tr');
  await expect(rows).toHaveCount(5, { timeout: 30_000 });
  // 8 x 8 x 8 twice, 16 x 4 x 4 twice, 32: every layer loses 5 % of the mean.
  const works = [512, 512, 256, 256, 32];
  for (const [at, work] of works.entries()) {
    expect(await exact(rows.nth(at).locator('td').nth(0))).toBe(work);
    expect(await exact(rows.nth(at).locator('td').nth(1))).toBeCloseTo((0.05 * 1568) / 5 / work, 12);
  }
  await expect(missed.getByTestId('missed-said')).toContainText(/is missed most/);
  await expect(missed.getByTestId('missed-moves').locator('li').first()).toBeVisible();
  expect(await violations(page), 'axe').toEqual([]);

  // The same of multiplications: four convolutions and a dense layer.
  await missed.getByTestId('missed-of').selectOption('flops');
  await missed.getByTestId('missed-measure').click();
  await expect(missed.getByTestId('missed-rows').locator('thead')).toContainText('multiplications');
  await expect(rows).toHaveCount(5);
  // Nobody wrote this network down as a spec.
  await missed.getByTestId('missed-step').click();
  await expect(missed.getByTestId('missed-fault')).toContainText('in no spec', { timeout: 30_000 });

  await missed.getByTestId('missed-of').selectOption('relu');
  await missed.getByTestId('missed-measure').click();
  await expect(missed.getByTestId('missed-rows').locator('thead')).toContainText('ReLUs');
  await expect(missed.getByTestId('missed-step')).toContainText('Replace');
  await missed.getByTestId('missed-step').click();
  await expect(page).toHaveURL(/#\/replace/, { timeout: 30_000 });
  // Of a network with all its ReLUs the two layers that are missed least lose 15 and 14 %.
  await expect(page.getByTestId('plan')).toContainText('digits-base-0.plan.json', { timeout: 30_000 });
  const kept = await exact(page.getByTestId('plan-kept'));
  expect(kept).toBeGreaterThan(1400);
  expect(kept).toBeLessThan(1568);
  const there = await fresh(browser, await linkOf(page));
  await expect(there.page.getByTestId('plan-kept')).toHaveAttribute('data-exact', String(kept), { timeout: 30_000 });
  await there.close();
});

test('a step of widths opens in Design, at no more multiplications, and a link keeps it @phone', async ({
  page,
  browser,
  site,
}) => {
  test.slow();
  await trained(page, site, 'resnet-1-1-1-1', [1, 1, 1]);
  const run = page.locator('[data-testid=train-run][data-run="base-0"]');
  const before = await exact(total(page, 'macs'));
  await run.getByRole('button', { name: /in Score$/ }).click();
  await expect.poll(() => exact(total(page, 'macs')), { timeout: 30_000 }).not.toBe(before);
  const most = await exact(total(page, 'macs'));
  await page.goto(`${site}#/train`);
  const missed = page.getByTestId('train-missed');
  await missed.getByTestId('missed-of').selectOption('flops');
  await missed.getByTestId('missed-measure').click();
  await expect(missed.getByTestId('missed-step')).toContainText('Design', {
    timeout: 60_000,
  });
  await missed.getByTestId('missed-step').click();
  await expect(page).toHaveURL(/#\/design/, { timeout: 30_000 });
  await expect(page.getByTestId('design-train')).toBeVisible({
    timeout: 30_000,
  });
  const there = await fresh(browser, await linkOf(page));
  await expect(there.page.getByTestId('design-train')).toBeVisible({
    timeout: 30_000,
  });
  await there.close();
  await page.getByTestId('design-score').click();
  await expect.poll(() => exact(total(page, 'macs')), { timeout: 30_000 }).not.toBe(most);
  const macs = await exact(total(page, 'macs'));
  expect(macs).toBeLessThanOrEqual(most);
  expect(macs).toBeGreaterThan(most / 2);
  // It comes back to be trained, and measured again.
  await page.goto(`${site}#/design`);
  await page.getByTestId('design-train').click();
  await expect(page.getByTestId('train-net')).toContainText('one-step', {
    timeout: 30_000,
  });
});

test('rounds of adjusting stand beside the same training without their moves; a cancel keeps the best @phone', async ({
  page,
  site,
}) => {
  test.slow();
  // Rounds long enough that one is running when a cancel is pressed: a third of the last phase each.
  await trained(page, site, 'digits-cnn', [2, 1, 60]);
  const adjust = page.getByTestId('train-adjust');
  // The second time what is taken is what was there: the field shows it all the same.
  for (let time = 0; time < 2; time++) {
    await adjust.getByTestId('adjust-rounds').fill('500');
    await adjust.getByTestId('adjust-rounds').blur();
    await expect(adjust.getByTestId('adjust-rounds')).toHaveValue('50');
  }
  await adjust.getByTestId('adjust-rounds').fill('1');
  await adjust.getByTestId('adjust-go').click();
  const rows = adjust.getByTestId('adjust-rows').locator('tbody tr');
  await expect(adjust.getByTestId('adjust-said')).toContainText(/of 1\smove gained/, { timeout: 60_000 });
  await expect(rows).toHaveCount(2);
  for (const at of [0, 1]) expect(await exact(rows.nth(at).locator('td').first())).toBe(392);
  await expect(rows.nth(1)).toContainText(/the move|it lost/);
  expect(await violations(page), 'axe').toEqual([]);
  await adjust.getByTestId('adjust-open').click();
  await expect(page.getByTestId('plan-kept')).toHaveAttribute('data-exact', '392', { timeout: 30_000 });

  await page.goto(`${site}#/train`);
  await adjust.getByTestId('adjust-of').selectOption('flops');
  await adjust.getByTestId('adjust-rounds').fill('50');
  await adjust.getByTestId('adjust-go').click();
  await expect(adjust.getByTestId('adjust-rows').locator('thead')).toContainText('multiplications', {
    timeout: 60_000,
  });
  await adjust.getByTestId('adjust-cancel').click();
  await expect(adjust.getByTestId('adjust-said')).toContainText(/^Cancelled\. Kept: round \d/, { timeout: 60_000 });
});

test('places of all layers go together in training, and the file is priced with their outputs dropped @phone', async ({
  page,
  site,
}) => {
  test.slow();
  await page.goto(`${site}#/train`);
  await page.getByTestId('train-budgets').fill('70%');
  await page.getByTestId('train-method-nested').check();
  await page.getByTestId('train-method-autorep').uncheck();
  await expect(page.getByTestId('paper').filter({ hasText: '2309.06626' })).toBeVisible();
  await page.getByTestId('train').locator('summary').first().click();
  for (const place of [0, 2]) await page.getByTestId(`train-epochs-${place}`).fill('2');
  await page.getByTestId('train-epochs-2').blur();
  await expect(page.getByTestId('train-plan')).toContainText(/2\sruns/, {
    timeout: 30_000,
  });
  await page.getByTestId('train-go').click();
  const run = page.locator('[data-testid=train-run]').nth(1);
  await expect(run).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  expect(await violations(page), 'axe').toEqual([]);
  await run.getByRole('button', { name: /in Replace, as a plan$/ }).click();
  await expect(page.getByTestId('plan')).toContainText('nested', {
    timeout: 30_000,
  });
  const kept = await exact(page.getByTestId('plan-kept'));
  expect(kept).toBeGreaterThan(1065);
  expect(kept).toBeLessThanOrEqual(1098);
  // Back to its run, and as a file: 99,136 multiplications, of convolutions about as large a part gone.
  await page.goto(`${site}#/train`);
  await run.getByRole('button', { name: /in Score$/ }).click();
  await expect.poll(() => exact(total(page, 'macs')), { timeout: 30_000 }).toBeLessThan(80_000);
  await expect(total(page, 'relu')).toHaveAttribute('data-exact', String(kept));
});

test('inputs that maximise a class, of three networks side by side @phone', async ({ page, site }) => {
  test.slow();
  await page.goto(`${site}#/lab`);
  const inputs = page.getByTestId('inputs');
  await inputs.getByTestId('inputs-train').click();
  const pictures = inputs.getByTestId('inputs-pictures').locator('li');
  await expect(pictures).toHaveCount(3, { timeout: 90_000 });
  for (const [at, text] of ['1,568', '314', '78'].entries())
    await expect(pictures.nth(at)).toContainText(`${text} ReLUs`);
  await expect(inputs.getByTestId('inputs-rows').locator('tbody tr')).toHaveCount(10);
  const first = await exact(inputs.getByTestId('inputs-value-0'));
  expect(Number.isFinite(first)).toBe(true);
  await inputs.getByTestId('inputs-class').selectOption('3');
  const value = inputs.getByTestId('inputs-value-0');
  await expect.poll(() => exact(value)).not.toBe(first);
  const third = await exact(value);
  await expect(page.getByTestId('react')).toContainText('116,992 B');

  // The example on the page has no weights; the digits' network has.
  await inputs.getByTestId('inputs-screen').click();
  await expect(inputs.getByTestId('inputs-fault')).toContainText('no weights', { timeout: 30_000 });
  await page.getByTestId('file-input').setInputFiles(resolve(import.meta.dirname, '../corpus/digits/digits_cnn.onnx'));
  await inputs.getByTestId('inputs-screen').click();
  await expect(inputs.getByTestId('inputs-of')).toContainText('digits_cnn', {
    timeout: 60_000,
  });
  // The name and its own numbers come together: nothing of the networks before stands under it.
  expect(await exact(value)).not.toBe(third);
  for (const [at, text] of ['1,568', '314', '78'].entries())
    await expect(pictures.nth(at)).toContainText(`${text} ReLUs, not judged`);
  expect(await violations(page), 'axe').toEqual([]);
});
