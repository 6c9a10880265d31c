/** What a person types or drops wrong is said where it stands, and is gone when the next is fine. */
import { readFileSync } from 'node:fs';
import { choose } from './menus.ts';
import { writeNpy } from './npy.ts';
import { runDigits } from './running.ts';
import { corpus, exact, expect, made, open, shown, test, total } from './site.ts';

test('a budget that is none stays in its field and is said to be none', async ({ page, site: _ }) => {
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  const field = page.getByTestId('budget-field');
  await expect(field).toBeEnabled();
  await field.fill('25%');
  await field.press('Enter');
  await expect.poll(() => exact(page.getByTestId('plan-kept'))).toBe(139_264);
  for (const wrong of ['abc', '250%', '-3']) {
    await field.fill(wrong);
    await field.press('Enter');
    await expect(field).toHaveValue(wrong);
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByTestId('budget-wrong')).toContainText(wrong);
    expect(await exact(page.getByTestId('plan-kept'))).toBe(139_264);
  }
  await field.fill('50%');
  await field.press('Enter');
  await expect(field).toHaveAttribute('aria-invalid', 'false');
  await expect(page.getByTestId('budget-wrong')).toHaveText('');
  await expect.poll(() => exact(page.getByTestId('plan-kept'))).toBe(278_528);
});

test('a rate that is none is said beside its field, and the slider takes it back', async ({ page, site: _ }) => {
  await page.getByTestId('link-menu').click();
  const field = page.getByTestId('link-down-field');
  const wrong = page.getByTestId('link-down-wrong');
  for (const value of ['-5', '0']) {
    await field.fill(value);
    await expect(wrong).toContainText('positive number');
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(wrong).toContainText('384 MB/s');
  }
  await page.getByTestId('link-down').press('ArrowLeft');
  await expect(wrong).toHaveText('');
  await expect(field).toHaveAttribute('aria-invalid', 'false');
  expect(Number(await field.inputValue())).toBeGreaterThan(300);
  // Nothing is a round trip.
  await page.getByTestId('link-rtt-field').fill('0');
  await expect(page.getByTestId('link-rtt-wrong')).toHaveText('');
});

/** int64 numbers as NumPy writes them. */
function wholeNpy(values: number[]): Buffer {
  const file = writeNpy({
    shape: [values.length],
    values: new Float32Array(BigInt64Array.from(values, BigInt).buffer),
  });
  return Buffer.from(file.toString('latin1').replace('<f4', '<i8'), 'latin1');
}

test('labels that come after the samples are their labels; another model takes back what does not fit', async ({
  page,
  site: _,
}) => {
  await open(page, made('digits_cnn.onnx', readFileSync(corpus('../digits/digits_cnn.onnx'))));
  await expect(shown(page)).toContainText('digits_cnn');
  await open(page, made('x.npy', writeNpy({ shape: [4, 1, 8, 8], values: new Float32Array(256).fill(0.5) })));
  await expect(page.getByTestId('role-input')).toContainText('x');
  await open(page, made('mine.npy', wholeNpy([1, 2, 3, 4])));
  await expect(page.getByTestId('role-labels')).toContainText('mine');
  await expect(page.getByTestId('role-labels')).not.toHaveValue('-1');
  await expect(page.getByTestId('run-inputs')).toContainText('x.npy');
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-accuracy')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId('run-outcome')).toContainText('of 4 right');
  // Pictures take them too.
  const picture = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  await page
    .getByTestId('data-input')
    .setInputFiles(['a', 'b'].map((name) => ({ name: `${name}.png`, mimeType: 'image/png', buffer: picture })));
  await expect(page.getByTestId('run-inputs')).toContainText('2');
  await open(page, made('two.npy', wholeNpy([5, 6])));
  await expect(page.getByTestId('role-labels')).toContainText('two');
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-outcome')).toContainText('of 2 right', { timeout: 30_000 });

  // Digits and arrays of 8 x 8 are nothing for ResNet-20.
  await page
    .getByTestId('data-input')
    .setInputFiles(made('x.npy', writeNpy({ shape: [4, 1, 8, 8], values: new Float32Array(256).fill(0.5) })));
  await expect(page.getByTestId('role-input')).toContainText('x');
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  await expect(page.getByTestId('from-random')).toHaveAttribute('aria-pressed', 'true');
  await page.getByTestId('run-samples').fill('1');
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-seconds')).toBeVisible({ timeout: 30_000 });
});

test('digits chosen for one model are not the input of another', async ({ page, site: _ }) => {
  await runDigits(page);
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  await expect(page.getByTestId('from-random')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('run-inputs')).not.toContainText('500 handwritten');
});

test('an error goes when the next file is fine', async ({ page, site: _ }) => {
  await open(page, made('digits_cnn.onnx', readFileSync(corpus('../digits/digits_cnn.onnx'))));
  await expect(shown(page)).toContainText('digits_cnn');
  await open(page, made('bad.npy', Buffer.from('not an array')));
  await expect(page.getByTestId('run-fault')).toBeVisible();
  await open(page, made('x.npy', writeNpy({ shape: [1, 1, 8, 8], values: new Float32Array(64) })));
  await expect(page.getByTestId('role-input')).toContainText('x');
  await expect(page.getByTestId('run-fault')).toHaveCount(0);
  await open(page, made('bad.onnx', Buffer.from('no model')));
  await expect(page.getByTestId('fault')).toBeVisible();
  await open(page, corpus('tiny_mlp.dynamo.op18.b1.onnx'));
  await expect(shown(page)).toContainText('tiny_mlp');
  await expect(page.getByTestId('fault')).toHaveCount(0);
});

test('units: hours for many seconds, links by their rate, no zero for what is not known', async ({ page, site: _ }) => {
  await expect(page.getByTestId('link-menu')).toContainText('3.07\u00a0Gbit/s');
  await choose(page, 'protocol', /SEMI2K/);
  await choose(page, 'link', /One host/);
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  const table = page.getByTestId('compare-table');
  await expect(table.locator('tbody tr').nth(10)).toBeVisible();
  await expect(table.locator('[data-protocol=semi2k] [data-testid=compare-setup]')).toHaveText('not known');
  const cells = await table.locator('[data-testid=compare-setup], [data-testid=compare-online]').allInnerTexts();
  expect(cells.length).toBeGreaterThan(20);
  expect(cells.filter((text) => /^0\s(B|s)$/.test(text))).toEqual([]);
});
