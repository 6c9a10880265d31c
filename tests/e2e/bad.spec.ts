/** Files that are no model: each gets its code, its place and what to do; the last score stays. */
import { badFiles, overflowing } from './models.ts';
import { corpus, exact, expect, made, open, shown, test, total } from './site.ts';

for (const { name, bytes, code, says } of badFiles) {
  test(`${name}: ${code}`, async ({ page, site: _ }) => {
    await open(page, made(name, bytes));
    const fault = page.getByTestId('fault');
    await expect(fault).toHaveAttribute('data-code', code);
    await expect(fault).toContainText(says);
    await expect(fault).toContainText('Where:');
    await expect(fault).toContainText('What to do:');
    await expect(total(page, 'relu')).toHaveText('557,056');
    await expect(shown(page)).toContainText('ResNet-18');
  });
}

test('sizes past 63 bits give no wrong number', async ({ page, site: _ }) => {
  await open(page, made('overflow.onnx', overflowing));
  await expect(page.getByTestId('fault').or(shown(page).filter({ hasText: 'overflow.onnx' }))).toBeVisible();
  if (await page.getByTestId('fault').isVisible()) {
    await expect(page.getByTestId('fault')).toHaveAttribute('data-code', /overflow|limit-exceeded/);
    await expect(total(page, 'relu')).toHaveText('557,056');
  } else {
    // Scored: the row is unknown, and counts nothing.
    expect(await exact(total(page, 'relu'))).toBe(0);
    await expect(total(page, 'coverage')).not.toHaveText('100 %');
  }
});

test('a setting that the model cannot take leaves its score', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.dynamo.op23.dyn.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  const batch = page.getByTestId('symbol-value').first();
  await batch.fill('many');
  await batch.press('Enter');
  await expect(page.getByTestId('fault')).toHaveAttribute('data-code', 'invalid-setting');
  await expect(total(page, 'relu')).toHaveText('188,416');
});
