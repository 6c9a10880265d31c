/** A person replaces activations: plans, sees what it costs, measures, sweeps, takes the result away. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { underDelphi } from './menus.ts';
import { corpus, exact, expect, made, open, shown, test, total, violations } from './site.ts';

/** Opens the view on the network with weights that lies beside the page. */
async function openDigits(page: Page) {
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  await page.getByTestId('lacking').getByTestId('open-digits').first().click();
  await expect(page.getByTestId('budget-total')).toHaveAttribute('data-exact', '1568', { timeout: 30_000 });
}

async function setBudget(page: Page, text: string) {
  await page.getByTestId('budget-field').fill(text);
  await page.getByTestId('budget-field').press('Enter');
}

/** Products of two secrets cost Cheetah in SPU more than its comparisons: the same plan saves under the others. */
async function expectSigns(page: Page) {
  const change = (protocol: string) =>
    page.getByTestId('before-after').locator(`[data-protocol="${protocol}"]`).getByTestId('change-bytes');
  for (const protocol of ['semi2k', 'aby3', 'delphi:server-garbler'])
    expect(await exact(change(protocol))).toBeLessThan(0);
  expect(await exact(change('cheetah:spu'))).toBeGreaterThan(0);
}

const kept = (page: Page) => page.getByTestId('plan-kept');

async function downloaded(page: Page, testid: string) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(testid).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Drops a file anywhere on the page. */
async function drop(page: Page, name: string, bytes: Buffer) {
  const transfer = await page.evaluateHandle(
    ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(text!), (c) => c.charCodeAt(0))], name!));
      return transfer;
    },
    [name, bytes.toString('base64')],
  );
  await page.dispatchEvent('footer', 'drop', { dataTransfer: transfer });
}

test('digits: a budget of a quarter, measured, swept, exported and dropped again', async ({ page, site: _ }) => {
  test.slow();
  await openDigits(page);
  // Cheetah, which the network opens under, has no price for polynomials.
  await underDelphi(page);
  const before = await exact(page.getByTestId('cost-bytes'));
  await setBudget(page, '25%');
  await expect(kept(page)).toHaveAttribute('data-exact', '392', { timeout: 30_000 });
  await expect(page.getByTestId('reduction')).toContainText('1,568 / 392 = 4.00x fewer');
  // The headline follows, with what every activation costs beside it.
  await expect.poll(() => exact(page.getByTestId('cost-bytes'))).toBeLessThan(before);
  await expect(page.getByTestId('finding')).toContainText('Against keeping every activation');
  // More is sent and less is computed.
  const both = /\+\d+\s%.*\u2212[\d.]+\s%/s;
  await expect(page.getByTestId('before-after').locator('[data-protocol="cheetah:spu"]')).toContainText(both);
  await expectSigns(page);

  await page.getByTestId('engine-gpu').click();
  await page.getByTestId('measure-run').click();
  const accuracy = page.getByTestId('measured-accuracy');
  await expect(accuracy).toBeVisible({ timeout: 90_000 });
  // Three quarters replaced, not trained: a little is lost.
  expect(await exact(accuracy)).toBeGreaterThan(0.97);
  expect(await exact(page.getByTestId('measured-original'))).toBeCloseTo(0.994, 6);
  await expect(page.getByTestId('measured-note')).toContainText('not fine-tuned');
  await expect(page.getByTestId('measured-note')).toContainText(/GPU: .*largest difference from the CPU/);
  await page.getByTestId('growth-table').click();
  await expect(page.getByTestId('measure').locator('tbody').first().locator('tr')).toHaveCount(5);
  await expect(page.getByTestId('classes').locator('tbody tr')).toHaveCount(10);

  await page.getByTestId('sweep-count').selectOption('8');
  await page.getByTestId('sweep-run').click();
  await expect(page.getByTestId('sweep-run')).toBeDisabled();
  await page.getByTestId('sweep').locator('[data-dot]:not([data-dot=now])').nth(7).waitFor({ timeout: 90_000 });
  // How sure an accuracy on 500 images is: a whisker at each point.
  await expect(page.getByTestId('sweep').locator('[data-dot]:not([data-dot=now]) .whisker')).toHaveCount(8);
  await page.getByTestId('sweep-table').click();
  const rows = page.getByTestId('sweep-points').locator('tbody tr');
  await expect(rows).toHaveCount(8);
  expect(await rows.locator('td:nth-of-type(1)').allInnerTexts()).toEqual([
    '0',
    '224',
    '448',
    '672',
    '896',
    '1,120',
    '1,344',
    '1,568',
  ]);
  await expect(rows.last().locator('td').nth(1)).toHaveText('99.4\u00a0%');

  // A link: whoever opens it sees plan, curve and costs, and needs no file.
  const cost = await exact(page.getByTestId('cost-bytes'));
  await page.getByTestId('share-menu').click();
  await expect(page.getByTestId('share-link')).toHaveValue(/#r1=/);
  const link = await page.getByTestId('share-link').inputValue();
  await page.keyboard.press('Escape');
  const context = await page.context().browser()!.newContext();
  const other = await context.newPage();
  await other.goto(link);
  await expect(kept(other)).toHaveAttribute('data-exact', '392');
  await expect(other.getByTestId('budget-total')).toHaveAttribute('data-exact', '1568');
  await expect(other.getByTestId('plan').locator('tbody tr')).toHaveCount(5);
  await expect(other.getByTestId('sweep').locator('[data-dot]:not([data-dot=now])')).toHaveCount(8);
  await expect.poll(() => exact(other.getByTestId('cost-bytes'))).toBe(cost);
  await expect(other.getByTestId('plan-verdict')).toContainText('this plan saves');
  await expect(other.getByTestId('measured-sent')).toContainText('500');
  await expect(other.getByTestId('lacking')).toContainText('carries no weights');
  await context.close();

  const { name, bytes } = await downloaded(page, 'export-onnx');
  const relus = await exact(total(page, 'relu'));
  await drop(page, name, bytes);
  await expect(shown(page)).toContainText(name);
  // The changed model counts what the plan keeps, and what the page said with the plan in force.
  expect(relus).toBe(392);
  await expect(total(page, 'relu')).toHaveAttribute('data-exact', '392');
});

test('a plan that sends more and computes less is said to: ResNet-20 under Cheetah in SPU', async ({
  page,
  site: _,
}) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  await expect(page.getByTestId('budget-total')).toHaveAttribute('data-exact', '188416', { timeout: 30_000 });
  await setBudget(page, '50%');
  const table = page.getByTestId('before-after');
  const row = table.locator('[data-protocol="cheetah:spu"]');
  await expect(row).toBeVisible({ timeout: 30_000 });
  await row.getByRole('button').first().click();
  // The chosen protocol comes first, and its verdict in words.
  await expect(table.locator('tbody tr').first()).toHaveAttribute('data-protocol', 'cheetah:spu');
  await expect(page.getByTestId('plan-verdict')).toHaveText(
    /saves time and sends more: \+\d+\u00a0% bytes, \u2212[\d.]+\u00a0% time/,
  );
  await expectSigns(page);
});

test('changes are undone and done again; a plan file dropped is opened, a foreign one refused', async ({
  page,
  site: _,
}) => {
  await openDigits(page);
  await setBudget(page, '784');
  await expect(kept(page)).toHaveAttribute('data-exact', '784', { timeout: 30_000 });
  await page.getByTestId('degree').selectOption('4');
  await page.getByTestId('plan-row').first().click();
  const panel = page.getByTestId('activation');
  await expect(panel.getByRole('slider')).toBeVisible();
  await panel.getByTestId('layer-degree').selectOption('3');
  await expect(page.getByTestId('plan').locator('tbody tr').first()).toContainText('degree 3');
  await page.getByTestId('sequential').uncheck();
  const { name, bytes } = await downloaded(page, 'export-plan');
  const plan = JSON.parse(bytes.toString('utf8'));
  expect([plan.schema, plan.kept, plan.layers[0].coefficients[0].length]).toEqual(['reluctant.plan/1', 784, 4]);

  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect(page.getByTestId('plan').locator('tbody tr').first()).toContainText('degree 4');
  await page.keyboard.press('Control+z');
  await expect(page.getByTestId('degree')).toHaveValue('2');
  await page.keyboard.press('Control+Shift+Z');
  await expect(page.getByTestId('degree')).toHaveValue('4');
  await setBudget(page, '0');
  await expect(kept(page)).toHaveAttribute('data-exact', '0');

  await drop(page, name, bytes);
  await expect(kept(page)).toHaveAttribute('data-exact', '784');
  await expect(page.getByTestId('plan')).toContainText(`as ${name} says`);
  // Of another model it says so, and what is there stays.
  const other = JSON.stringify({ ...plan, layers: [{ ...plan.layers[0], output: 'elsewhere' }] });
  await drop(page, 'other.plan.json', Buffer.from(other));
  await expect(page.getByTestId('replace-fault')).toContainText('other.plan.json');
  await expect(kept(page)).toHaveAttribute('data-exact', '784');
});

test('a model that gives no numbers is said to before it is saved', async ({ page, site: _ }) => {
  await openDigits(page);
  await setBudget(page, '0');
  await expect(kept(page)).toHaveAttribute('data-exact', '0', { timeout: 30_000 });
  const { name, bytes } = await downloaded(page, 'export-plan');
  const plan = JSON.parse(bytes.toString('utf8'));
  // They fit float32, their squares do not.
  for (const layer of plan.layers) layer.coefficients = [[1, 1e30, 1e30]];
  await drop(page, name, Buffer.from(JSON.stringify(plan)));
  await expect(page.getByTestId('plan')).toContainText(`as ${name} says`);
  await page.getByTestId('export-onnx').click();
  await expect(page.getByTestId('taken')).toContainText('gives NaN or infinity from', { timeout: 30_000 });
  expect((await downloaded(page, 'export-onnx')).name).toContain('-replaced.onnx');
});

test('where nothing is replaced yet, a press begins; on a phone the slider goes along @phone', async ({
  page,
  site: _,
}) => {
  await openDigits(page);
  const start = page.getByTestId('plan-start');
  await expect(start).toContainText('Online');
  await start.getByRole('button', { name: 'Keep a quarter' }).click();
  await expect(kept(page)).toHaveAttribute('data-exact', '392', { timeout: 30_000 });
  await expect(page.getByTestId('plan-verdict')).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByTestId('before-after').scrollIntoViewIfNeeded();
  await page.mouse.wheel(0, 1200);
  const slider = page.getByTestId('budget-brief');
  await expect(slider).toBeInViewport();
  const line = (await page.locator('header .line').boundingBox())!;
  expect(line.y + line.height, 'one line').toBeLessThanOrEqual(48);
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(page.getByTestId('plan-kept')).toHaveAttribute('data-exact', '0', { timeout: 30_000 });
});

test('axe finds nothing where activations are replaced @phone', async ({ page, site: _ }) => {
  const narrow = async (where: string) => {
    expect(await violations(page), where).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${where}: wider than the window`).toBe(0);
  };
  await openDigits(page);
  await setBudget(page, '25%');
  await expect(kept(page)).toHaveAttribute('data-exact', '392', { timeout: 30_000 });
  await expect(page.getByTestId('plan-verdict')).toBeVisible();
  await page.getByTestId('plan-row').first().click();
  await expect(page.getByTestId('activation').getByRole('slider')).toBeVisible();
  await page.getByTestId('sequential').uncheck();
  await page.getByTestId('measure-run').click();
  await expect(page.getByTestId('measured-accuracy')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('replace-data-change').click();
  await narrow('with a plan, an activation and a measurement');
});

test('places are dropped with their outputs: cheaper where rows are paid for, and why not elsewhere @phone', async ({
  page,
  site: _,
}) => {
  test.slow();
  await openDigits(page);
  await underDelphi(page);
  await setBudget(page, '50%');
  await page.getByTestId('granularity').selectOption('spatial');
  await page.getByTestId('policy').selectOption('nested');
  const row = page.getByTestId('before-after').locator('[data-protocol="semi2k"]');
  const share = async (): Promise<number> =>
    Number(/\u2212([\d.]+)/.exec((await row.textContent()) ?? '')?.[1] ?? Number.NaN);
  const drop = page.getByTestId('drop-outputs');
  await drop.check();
  await expect(page.getByTestId('drops-said')).toContainText('saves nothing in linear layers');
  await expect(page.getByTestId('method')).toBeDisabled();
  await expect(page.getByTestId('paper').first()).toContainText('2309.06626');
  // SEMI2K pays by row: 39 % less with outputs, 16 % without. Read anew until the row is priced again.
  await expect.poll(share).toBeGreaterThan(30);
  expect(await violations(page), 'axe').toEqual([]);
  await drop.uncheck();
  await expect.poll(share).toBeLessThan(20);
  // Another unit takes the outputs back.
  await drop.check();
  await page.getByTestId('granularity').selectOption('channel');
  await expect(drop).not.toBeChecked();
  await expect(page.getByTestId('method')).toBeEnabled();
});

test('AESPA\u2019s recipe is one click, and its card says whose it is @phone', async ({ page, site: _ }) => {
  await openDigits(page);
  const card = page.getByTestId('aespa');
  await card.getByText('two literatures').click();
  await expect(card).toContainText('0.1995 + 0.5x + 0.1995x\u00b2');
  await expect(card).toContainText('checked by quadrature');
  expect(await violations(page), 'axe').toEqual([]);
  await page.getByTestId('aespa-use').click();
  await expect(kept(page)).toHaveAttribute('data-exact', '0', { timeout: 30_000 });
  await expect(page.getByTestId('method')).toHaveValue('dapa');
  await expect(page.getByTestId('degree')).toHaveValue('2');
});
