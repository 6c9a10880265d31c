/** A person opens the page, looks at a score, opens models of their own. */
import { readFile } from 'node:fs/promises';
import { corpus, exact, expect, made, open, shown, test, total } from './site.ts';
import { strange } from './models.ts';

test('the first paint is a finished score of ResNet-18 @phone', async ({ page, site: _ }) => {
  await expect(shown(page)).toContainText('ResNet-18');
  expect(await exact(total(page, 'relu'))).toBe(557_056);
  expect(await exact(total(page, 'macs'))).toBe(555_468_800);
  await expect(page.getByTestId('stages')).toBeVisible();
  await expect(page.getByTestId('layers')).toContainText('sum = headline');
});

test('the sums of the table are the totals of the headline', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  for (const column of ['relu', 'macs', 'params']) {
    const sum = page.getByTestId('sums').locator(`[data-sum="${column}"]`);
    expect(await exact(sum), column).toBe(await exact(total(page, column)));
  }
});

test('a picked model shows its figures; its sizes can be set @phone', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.dynamo.op23.dyn.onnx'));
  await expect(shown(page)).toContainText('resnet20_32');
  expect(await exact(total(page, 'relu'))).toBe(188_416);
  await page.getByTestId('facts').locator('summary').click();
  const batch = page.getByTestId('symbol-value').first();
  await batch.fill('4');
  await batch.press('Enter');
  await expect.poll(() => exact(total(page, 'relu'))).toBe(4 * 188_416);
});

test('a model dropped anywhere on the window is scored', async ({ page, site: _ }) => {
  const bytes = await readFile(corpus('tiny_mlp.dynamo.op18.b1.onnx'));
  const transfer = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], 'dropped.onnx'));
    return transfer;
  }, bytes.toString('base64'));
  await page.dispatchEvent('footer', 'dragenter', { dataTransfer: transfer });
  await expect(page.getByText('Nothing leaves this tab')).toBeVisible();
  await page.dispatchEvent('footer', 'drop', { dataTransfer: transfer });
  await expect(shown(page)).toContainText('dropped.onnx');
});

test('a number opens to its rule and the rows that sum to it', async ({ page, site: _ }) => {
  await total(page, 'relu').click();
  const card = page.getByRole('dialog');
  await expect(card).toContainText('557,056');
  await page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  await expect(total(page, 'relu')).toBeFocused();
});

test('what the page exports is what it shows', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  const save = async (kind: string) => {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`export-${kind}`).click()]);
    return readFile(await download.path(), 'utf8');
  };
  const report = JSON.parse(await save('json'));
  expect(report.schema).toBe('reluctant.score/1');
  expect(report.totals.relu.elements).toBe(188_416);
  const lines = (await save('csv')).trim().split('\n');
  expect(lines.length).toBe(report.layers.length + 1);
});

test('a figure is cited with its source and a link; the headline is a row for LaTeX', async ({
  page,
  context,
  site: _,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await total(page, 'relu').click();
  await page.getByTestId('cite').click();
  await expect(page.getByTestId('cite')).toHaveText('Citation copied');
  const citation = await page.evaluate(() => navigator.clipboard.readText());
  expect(citation).toMatch(/^ReLU elements of ResNet-18, CIFAR-100: 557,056 elements\..*Source: .*Reluctant \d.*#r1=/);
  await page.getByTestId('bibtex').click();
  await expect(page.getByTestId('bibtex')).toHaveText('Citation copied');
  const entry = await page.evaluate(() => navigator.clipboard.readText());
  expect(entry).toMatch(/^@misc\{reluctant-[a-z0-9-]+,\n  title = /);
  // The same link in both.
  expect(entry).toContain(/http\S+/.exec(citation)![0]);
  await page.keyboard.press('Escape');
  await page.getByTestId('layers').getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-latex').click()]);
  const row = await readFile(await download.path(), 'utf8');
  expect(row).toContain('ResNet-18, CIFAR-100 & 557,056 & 555.5\\,M');
  expect(row).toMatch(/% Reluctant .*version 2/);
});

test('a network without a ReLU is headed by what it has most of', async ({ page, site: _ }) => {
  await open(page, corpus('vit_b_16_224.legacy.op17.dyn.cos.onnx'));
  const lead = page.getByTestId('total-activation-GELU');
  // 12 blocks of 197 tokens and 3,072 units.
  await expect(lead).toHaveText('7,262,208');
  await expect(lead).toHaveCSS('font-size', '36px');
  await expect(total(page, 'relu')).toHaveText('0');
  // A long name of a model leaves the page's own in one line.
  expect((await page.getByRole('heading', { level: 1 }).boundingBox())!.height).toBeLessThanOrEqual(32);
});

test('a small file beside the page opens', async ({ page, site: _ }) => {
  await shown(page).click();
  await page.getByRole('button', { name: /^ResNet-20, CIFAR-10/ }).click();
  await expect(shown(page)).toContainText('resnet20.onnx');
  expect(await exact(total(page, 'relu'))).toBe(188_416);
});

test('an operator without a rule is named; names are text', async ({ page, site: _ }) => {
  await open(page, made('strange.onnx', strange));
  await expect(shown(page)).toContainText('strange.onnx');
  expect(await exact(total(page, 'relu'))).toBeGreaterThanOrEqual(4);
  await expect(total(page, 'coverage')).not.toHaveText('100 %');
  const layers = page.getByTestId('layers');
  await expect(layers).toContainText('<img src=x onerror=alert(1)>');
  await expect(layers).toContainText('odd[U+202E]name');
  await expect(layers).toContainText('Mystery');
  await expect(page.locator('img')).toHaveCount(0);
});

test('after an error a good file works again', async ({ page, site: _ }) => {
  await open(page, made('empty.onnx', Buffer.alloc(0)));
  await expect(page.getByTestId('fault')).toHaveAttribute('data-code', 'empty-file');
  await open(page, corpus('tiny_mlp.dynamo.op18.b1.onnx'));
  await expect(page.getByTestId('fault')).toBeHidden();
  await expect(shown(page)).toContainText('tiny_mlp');
});
