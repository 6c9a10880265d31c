/** Networks that are looked at: what one would miss of each layer, and the inputs that maximise its classes. */
import { exact, expect, test, violations } from './site.ts';

test('a trained network tells what it would miss, and what a step would move @phone', async ({ page, site }) => {
  test.slow();
  await page.goto(`${site}#/train`);
  await page.getByTestId('train-budgets').fill('0');
  await page.getByTestId('train').locator('summary').first().click();
  for (const [place, count] of [2, 1, 1].entries()) await page.getByTestId(`train-epochs-${place}`).fill(String(count));
  await page.getByTestId('train-epochs-2').blur();
  await expect(page.getByTestId('train-plan')).toContainText(/2\sruns/, { timeout: 30_000 });
  await page.getByTestId('train-go').click();
  const run = (id: string) => page.locator(`[data-testid=train-run][data-run="${id}"]`);
  for (const id of ['base-0', 'autorep-0-0'])
    await expect(run(id)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await run('base-0').getByRole('button', { name: 'all ReLUs, seed 0', exact: true }).click();
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
  await missed.getByTestId('missed-step').click();
  await expect(page).toHaveURL(/#\/replace/);
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
  await expect.poll(() => exact(inputs.getByTestId('inputs-value-0'))).not.toBe(first);
  await expect(page.getByTestId('lab-commands')).toContainText('116,992 B');
  expect(await violations(page), 'axe').toEqual([]);
});
