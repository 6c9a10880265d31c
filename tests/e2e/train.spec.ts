/** A person watches ReLUs go: trains the digits, sees points and masks, stops and resumes, takes the result away and sends it. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { settled } from './keeping.ts';
import { fresh, linkOf } from './links.ts';
import { writeNpy } from './npy.ts';
import { exact, expect, made, test, total, violations } from './site.ts';

const corpusDigits = (name: string): string => resolve(import.meta.dirname, '../corpus/digits', name);

const run = (page: Page, id: string): Locator => page.locator(`[data-testid=train-run][data-run="${id}"]`);
const status = (page: Page, id: string) => run(page, id).getAttribute('data-status');

/** Per cent of the test images. */
async function accuracy(page: Page, id: string): Promise<number> {
  const text = await run(page, id).getByTestId('train-test').innerText();
  return Number.parseFloat(text.replace(/[^\d.]/g, ''));
}

/** What is asked for: budgets, seeds, epochs of the three phases. */
async function ask(page: Page, budgets: string, seeds: string, epochs: readonly number[]) {
  await page.getByRole('link', { name: 'Train', exact: true }).click();
  await page.getByTestId('train-budgets').fill(budgets);
  await page.getByTestId('train-seeds').fill(seeds);
  await page.getByTestId('train').locator('summary').first().click();
  for (const [place, count] of epochs.entries()) await page.getByTestId(`train-epochs-${place}`).fill(String(count));
  await page.getByTestId('train-epochs-2').blur();
}

/** The masks are pictures of something: more than one colour. */
const colours = (page: Page): Promise<number> =>
  page.getByTestId('train-masks').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

test('the digits lose their ReLUs by AutoReP: points and masks, a run cancelled, a link that opens fresh @phone', async ({
  page,
  browser,
  site: _,
}) => {
  test.slow();
  await ask(page, '5%, 0', '0, 1', [2, 2, 1]);
  await expect(page.getByTestId('train-plan')).toContainText(/6\sruns, 1,568 ReLUs/, { timeout: 30_000 });
  await expect(page.getByTestId('train-estimate')).toBeVisible({ timeout: 30_000 });
  await page.getByTestId('train-go').click();
  await expect(page.getByTestId('train-run')).toHaveCount(6);
  await run(page, 'autorep-0-1')
    .getByRole('button', { name: /^Cancel/ })
    .click();
  expect(await status(page, 'autorep-0-1')).toBe('cancelled');
  for (const id of ['base-0', 'autorep-78-0', 'autorep-0-0', 'base-1', 'autorep-78-1'])
    await expect(run(page, id)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  expect(await status(page, 'autorep-0-1')).toBe('cancelled');
  // Of 500 images a few epochs get most; chance is a tenth.
  expect(await accuracy(page, 'autorep-78-0')).toBeGreaterThan(80);
  await expect(page.getByTestId('train-points-said')).toContainText(/autorep, 78 ReLUs: \d+\.\d %, .* over 2\sseeds/);

  await run(page, 'autorep-78-0').getByRole('button', { name: 'autorep to 78, seed 0', exact: true }).click();
  await expect(page.getByTestId('train-curve')).toBeVisible();
  expect(await colours(page)).toBeGreaterThan(1);
  await page.getByTestId('train-site').selectOption('1');
  await expect(page.getByRole('slider', { name: /^Channel 0 of/ })).toBeVisible();
  expect(await violations(page), 'axe').toEqual([]);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('train-json').click()]);
  const report = JSON.parse(String(await readFile(await download.path())));
  expect(report).toMatchObject({ relus: 1568, images: [1167, 130, 500], chosen_on: 'validation' });
  expect(report.results.map(({ budget, relus, seed }: Record<string, number>) => [budget, relus, seed])).toEqual([
    [78, 78, 0],
    [0, 0, 0],
    [78, 78, 1],
  ]);

  const there = await fresh(browser, await linkOf(page));
  await expect(there.page.getByTestId('train-linked')).toBeVisible();
  await expect(there.page.getByTestId('train-run')).toHaveCount(5);
  await expect(there.page.getByTestId('train-points-said')).toContainText(/over 2\sseeds/);
  await expect(there.page.getByTestId('train-curve')).toBeVisible();
  expect(there.problems).toEqual([]);
  // The same seed in the same engine: the same accuracy, to the image.
  await there.page.getByTestId('train-seeds').fill('0');
  await there.page.getByTestId('train-seeds').blur();
  await there.page.getByTestId('train-go').click();
  await expect(there.page.getByTestId('train-linked')).toBeHidden({ timeout: 30_000 });
  await expect(run(there.page, 'autorep-78-0')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  expect(await accuracy(there.page, 'autorep-78-0')).toBe(await accuracy(page, 'autorep-78-0'));
  await there.close();

  await run(page, 'autorep-78-0').getByRole('button', { name: 'Open autorep to 78, seed 0 in Score' }).click();
  await expect(total(page, 'relu')).toHaveAttribute('data-exact', '78', { timeout: 30_000 });
  expect(await exact(total(page, 'relu'))).toBe(78);
});

test('a reload brings runs back where they were, and they go on @phone', async ({ page, site: _ }) => {
  test.slow();
  await ask(page, '78', '0', [120, 2, 1]);
  await expect(page.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
  await page.getByTestId('train-go').click();
  const base = run(page, 'base-0');
  await expect(base).toContainText(/epoch ([5-9]|\d\d) of 120/, { timeout: 60_000 });
  await base.getByRole('button', { name: /^Pause/ }).click();
  await expect(base).toHaveAttribute('data-status', 'paused');
  const validation = base.locator('td').nth(2);
  await expect
    .poll(() => page.evaluate(async () => (await indexedDB.databases()).some(({ name }) => name === 'reluctant-train')))
    .toBe(true);
  // The slice that was under way when it was paused has ended, and is kept.
  await page.waitForTimeout(1000);
  const before = await validation.innerText();
  await page.reload();
  await expect(base).toHaveAttribute('data-status', 'paused', { timeout: 30_000 });
  expect(await validation.innerText()).toBe(before);
  await expect(page.getByTestId('train-budgets')).toHaveValue('78');
  await page.getByTestId('train-resume-all').click();
  // It did not begin anew.
  await expect(base).toContainText(/epoch ([5-9]|\d\d) of 120/, { timeout: 30_000 });
  await expect(run(page, 'autorep-78-0')).toHaveAttribute('data-status', 'done', { timeout: 90_000 });
  await page.getByTestId('privacy').locator('summary').click();
  await page.getByTestId('forget').click();
  await expect(page.getByTestId('kept-state')).toContainText('Forgotten');
  await page.waitForTimeout(500);
  await page.reload();
  await page.getByRole('link', { name: 'Train', exact: true }).click();
  await expect(page.getByTestId('train-plan')).toBeVisible();
  await expect(page.getByTestId('train-run')).toHaveCount(0);
});

test('storage that is refused is said, and the run ends all the same; by keyboard', async ({ page, site: _ }) => {
  test.slow();
  await page.evaluate(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('no', 'SecurityError');
    };
  });
  await ask(page, '78', '0', [1, 1, 1]);
  await expect(page.getByTestId('train-refused')).toContainText('Nothing is kept');
  await expect(page.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
  await page.getByTestId('train-go').focus();
  await page.keyboard.press('Enter');
  await expect(run(page, 'autorep-78-0')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await expect(page.getByTestId('train-refused')).toContainText('does not let the page keep anything');
});

test('the folder for PyTorch is written in the page: program, network, steps and images @phone', async ({
  page,
  site: _,
}) => {
  await ask(page, '78', '0, 2', [1, 2, 3]);
  await expect(page.getByTestId('train-plan')).toContainText(/4\sruns/, { timeout: 30_000 });
  await page.getByText('Where one machine is too small: PyTorch').click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('train-folder').click()]);
  expect(download.suggestedFilename()).toBe('pytorch.zip');
  // Stored, not packed: what stands in it stands in the bytes.
  const zip = await readFile(await download.path());
  const files = ['train.py', 'requirements.txt', 'README.md', 'plan.json'];
  const arrays = [
    'weights-0.safetensors',
    'weights-2.safetensors',
    ...['train', 'validation', 'test'].map((set) => `data/${set}.npz`),
  ];
  for (const name of [...files, ...arrays]) expect(zip.includes(`pytorch/${name}`), name).toBe(true);
  expect(zip.includes('"schema": "reluctant.pytorch/1"')).toBe(true);
  expect(zip.includes('"budget": 78')).toBe(true);
});

test('what cannot be trained is said', async ({ page, site: _ }) => {
  await ask(page, '9999, 10', '0', [1, 1, 1]);
  await expect(page.getByTestId('train-plan')).toContainText('Not read: 9999', { timeout: 30_000 });
  await expect(page.getByTestId('train-go')).toBeDisabled();
  await page.getByTestId('train-budgets').fill('10');
  await page.getByTestId('train-net').selectOption('resnet-2-2-2-2');
  await expect(page.getByTestId('train').getByRole('alert')).toContainText('[1, 8, 8]', { timeout: 30_000 });
  await expect(page.getByTestId('train-go')).toBeDisabled();
});

test('a network of Replace is fine-tuned under its plan, opens there again, and is seen after a reload @phone', async ({
  page,
  site: _,
}) => {
  test.slow();
  await page.getByRole('link', { name: 'Replace', exact: true }).click();
  await page.getByTestId('lacking').getByTestId('open-digits').first().click();
  // Until then the example is there, whose budget is another.
  await expect(page.getByTestId('budget-total')).toHaveAttribute('data-exact', '1568', { timeout: 30_000 });
  await page.getByTestId('plan-start').getByRole('button', { name: 'Keep a tenth' }).click();
  await expect(page.getByTestId('plan-kept')).toHaveAttribute('data-exact', '156', { timeout: 30_000 });
  await page.getByTestId('train-this').click();
  await expect(page.getByTestId('train-net')).toContainText('digits.onnx, trained', { timeout: 30_000 });
  await expect(page.getByTestId('train-budgets')).toHaveValue('156');
  await expect(page.getByTestId('train-method-plan')).toBeChecked();
  await page.getByTestId('train').locator('summary').first().click();
  for (const place of [1, 2]) await page.getByTestId(`train-epochs-${place}`).fill('2');
  await page.getByTestId('train-epochs-2').blur();
  await expect(page.getByTestId('train-plan')).toContainText(/3\sruns, 1,568 ReLUs/, { timeout: 30_000 });
  await page.getByTestId('train-go').click();
  for (const id of ['base-0', 'autorep-156-0', 'plan-156-0'])
    await expect(run(page, id)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  // The network as it came: PyTorch gets 497 of 500 right.
  expect(await accuracy(page, 'base-0')).toBe(99.4);
  expect(await accuracy(page, 'plan-156-0')).toBeGreaterThan(95);

  await page.reload();
  await expect(run(page, 'plan-156-0')).toHaveAttribute('data-status', 'done', { timeout: 30_000 });
  await run(page, 'plan-156-0').getByRole('button', { name: 'plan to 156, seed 0', exact: true }).click();
  await expect(page.getByTestId('train-masks')).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => colours(page)).toBeGreaterThan(1);
  await expect(page.getByRole('slider', { name: /^Channel 0 of/ })).toBeVisible();

  await run(page, 'plan-156-0').getByRole('button', { name: 'Open plan to 156, seed 0 in Replace, as a plan' }).click();
  await expect(page.getByTestId('plan-kept')).toHaveAttribute('data-exact', '156', { timeout: 30_000 });
  await expect(page.getByTestId('plan')).toContainText('digits-plan-156-0.plan.json');
  await expect(total(page, 'relu')).toHaveAttribute('data-exact', '156');
});

test('arrays of one’s own are trained on; without them a reload says so', async ({ page, site: _ }) => {
  test.slow();
  await ask(page, '0', '0', [1, 1, 1]);
  await page.getByTestId('train-data').selectOption('own');
  await expect(page.getByTestId('train').getByRole('alert')).toContainText('are not here');
  await page.getByTestId('train-own-train').setInputFiles(corpusDigits('digits_train.npz'));
  await page.getByTestId('train-own-test').setInputFiles(corpusDigits('digits.npz'));
  await expect(page.getByTestId('train-plan')).toContainText(/1,167 images to train on, .* 500 to test on/, {
    timeout: 30_000,
  });
  await page
    .getByTestId('train-own-test')
    .setInputFiles(made('wide.npy', writeNpy({ shape: [1, 2], values: new Float32Array(2) })));
  await expect(page.getByTestId('train').getByRole('alert')).toBeVisible();
  await page.getByTestId('train-own-test').setInputFiles(corpusDigits('digits.npz'));
  await expect(page.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
  await page.getByTestId('train-go').click();
  await expect(run(page, 'autorep-0-0')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await page.reload();
  await expect(run(page, 'autorep-0-0')).toHaveAttribute('data-status', 'done', { timeout: 30_000 });
  await expect(page.getByTestId('train').getByRole('alert').first()).toContainText('Choose their files again');
});

/** Pictures that tell their classes apart by their light, as two .npy files. */
function pictures(count: number, classes: number, side: number) {
  const of = 3 * side * side;
  const values = Float32Array.from({ length: count * of }, (_, at) => {
    const noise = ((at * 2654435761) % 4096) / 4096;
    return (Math.floor(at / of) % classes) / classes + 0.2 * noise;
  });
  const labels = Float32Array.from({ length: count }, (_, at) => at % classes);
  return [
    made('x.npy', writeNpy({ shape: [count, 3, side, side], values })),
    made('y.npy', writeNpy({ shape: [count], values: labels })),
  ];
}

test('published points stand beside arrays that are said to be their set and can be, and beside no others @phone', async ({
  page,
  browser,
  site: _,
}) => {
  test.slow();
  await ask(page, '5%, 0', '0', [1, 1, 1]);
  await expect(page.getByTestId('train-set')).toHaveCount(0);
  await page.getByTestId('train-data').selectOption('own');
  await page.getByTestId('train-own-train').setInputFiles(pictures(120, 10, 32));
  await page.getByTestId('train-own-test').setInputFiles(pictures(40, 10, 32));
  const said = page.getByTestId('train-published-said');
  const go = async (id: string) => {
    await expect(page.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
    await page.getByTestId('train-go').click();
    await expect(run(page, id)).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  };

  // Ten classes are not a hundred, whatever is said.
  await page.getByTestId('train-set').selectOption('CIFAR-100');
  await expect(page.getByTestId('train-set-said')).toContainText(
    'These cannot be CIFAR-100, which has 100 classes of 3x32x32: they are 10 of 3x32x32',
    { timeout: 30_000 },
  );
  await go('autorep-0-0');
  await expect(page.getByTestId('train-points-said')).toContainText('autorep, 0 ReLUs');
  await expect(said).toHaveCount(0);

  await page.getByTestId('train-set').selectOption('CIFAR-10');
  await expect(page.getByTestId('train-set-said')).toContainText('its published points stand beside yours', {
    timeout: 30_000,
  });
  await go('autorep-0-0');
  // As many as the list has; whose claim each is stands in its name and in the table.
  await expect(said).toContainText(/60\spublished points on CIFAR-10, each its source.s claim/, { timeout: 30_000 });
  await expect(said).toContainText(/ours, trained in this page, on 40\stest images; the set has 10,000/);
  const dots = page.getByTestId('train-points').locator('[data-dot^=published]');
  expect(await dots.count()).toBeGreaterThan(40);
  await expect(dots.first()).toHaveAttribute('aria-label', /^Published: .* claimed by .*/);
  await page.getByTestId('train-points').locator('summary').click();
  await expect(page.getByTestId('train-published').locator('tbody tr')).toHaveCount(60);
  await expect(page.getByTestId('train-published')).toContainText('SNL (arXiv 2202.02340)');
  expect(await violations(page), 'axe').toEqual([]);

  const there = await fresh(browser, await linkOf(page));
  await expect(there.page.getByTestId('train-published-said')).toContainText(
    'who trained and sent the link: nothing of it was checked',
    { timeout: 30_000 },
  );
  expect(there.problems).toEqual([]);
  await there.close();

  await page.getByTestId('train-data').selectOption('digits');
  await go('autorep-0-0');
  await expect(said).toHaveCount(0);
});

test('what PyTorch made of a folder is read back as points, and what is no report is refused', async ({
  page,
  browser,
  site,
}) => {
  const file = resolve(import.meta.dirname, '../../docs/training-pytorch.json');
  const whole = JSON.parse(String(await readFile(file))) as {
    bases: { validation_accuracy: number }[];
    results: { test_accuracy: number }[];
    made_by: string;
  };
  const { bases, results, made_by } = whole;
  const found = results.map(({ test_accuracy }) => 100 * test_accuracy);
  await page.getByRole('link', { name: 'Train', exact: true }).click();
  await page.getByTestId('train-report').setInputFiles(made('results.json', Buffer.from('{"data": "digits"}')));
  await expect(page.getByTestId('train-fault')).toContainText('This is no report of a training', { timeout: 30_000 });
  await page.getByTestId('train-report').setInputFiles(file);
  await expect(page.getByTestId('train-file')).toContainText(made_by);
  await expect(page.getByTestId('train-run')).toHaveCount(6);
  const [mean, least, most] = [found.reduce((a, b) => a + b) / 3, Math.min(...found), Math.max(...found)];
  await expect(page.getByTestId('train-points-said')).toContainText(
    new RegExp(`autorep, 78 ReLUs: ${mean.toFixed(1)} %, ${least.toFixed(1)} to ${most.toFixed(1)} over 3\\sseeds`),
  );
  const shown = page.getByTestId('train-run').first();
  await expect(shown).toContainText(`${(100 * bases[0]!.validation_accuracy).toFixed(1)}\u00a0%`);
  // It is a file already.
  await expect(page.getByTestId('train-json')).toHaveCount(0);
  await expect(page.getByTestId('train-flatters')).toHaveCount(0);
  expect(await violations(page), 'axe').toEqual([]);

  // Of a set that has published points: nobody here trained it, or checked it.
  const report = { ...whole, data: 'CIFAR-10', chosen_on: 'test' };
  const cifar = made('cifar.json', Buffer.from(JSON.stringify(report)));
  await page.getByTestId('train-report').setInputFiles(cifar);
  await expect(page.getByTestId('train-published-said')).toContainText(/the file.s, not trained here/, {
    timeout: 30_000,
  });
  await expect(page.getByTestId('train-published-said')).toContainText('nothing of it was checked');
  await expect(page.getByTestId('train-flatters')).toBeVisible();

  // A page that has not drawn them yet, and cannot fetch them, says so.
  const there = await fresh(browser, `${site}#/train`);
  await there.page.route(/\/published-.*\.js/, (route) => route.abort());
  await there.page.getByTestId('train-report').setInputFiles(cifar);
  await expect(there.page.getByTestId('train-unfetched')).toContainText('could not be fetched', { timeout: 30_000 });
  expect(there.problems, 'the console has what was not loaded, and no rejection').toEqual([
    'Failed to load resource: net::ERR_FAILED',
  ]);
  await there.close();
});

test('curves of a link stay through a press and a reload', async ({ page, browser, site: _ }) => {
  test.slow();
  await ask(page, '0', '0', [1, 1, 1]);
  await expect(page.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
  await page.getByTestId('train-go').click();
  await expect(run(page, 'autorep-0-0')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  const there = await fresh(browser, await linkOf(page));
  await expect(there.page.getByTestId('train-linked')).toBeVisible();
  await there.page.getByRole('link', { name: 'Compare', exact: true }).click();
  await there.page.getByRole('link', { name: 'Train', exact: true }).click();
  await settled(there.page);
  await there.page.reload();
  await expect(there.page.getByTestId('train-linked')).toBeVisible({ timeout: 30_000 });
  await expect(there.page.getByTestId('train-run')).toHaveCount(2);
  await there.close();
});

test('a worker that stops in the middle loses no run: it goes on from its checkpoint', async ({ page, site: _ }) => {
  test.slow();
  await ask(page, '78', '0', [200, 1, 1]);
  await expect(page.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
  await page.getByTestId('train-go').click();
  const base = run(page, 'base-0');
  const epoch = async () => Number(/epoch (\d+) of 200/.exec(await base.innerText())?.[1] ?? 0);
  // A checkpoint is kept every three seconds.
  await page.waitForTimeout(4000);
  await expect.poll(epoch, { timeout: 60_000 }).toBeGreaterThan(5);
  const before = await epoch();
  for (const worker of page.workers()) {
    const name = await worker.evaluate(() => self.name);
    if (name === 'train')
      await worker.evaluate(
        () => void setTimeout(() => Promise.reject(new Error('stopped by a test')).catch((e) => reportError(e))),
      );
  }
  await expect(base).toHaveAttribute('data-status', /running|done/, { timeout: 30_000 });
  await expect.poll(epoch, { timeout: 30_000 }).toBeGreaterThan(before / 4);
  await expect(run(page, 'autorep-78-0')).toHaveAttribute('data-status', 'done', { timeout: 120_000 });
  expect(await accuracy(page, 'base-0')).toBeGreaterThan(95);
});

test('two tabs train; one keeps its own, the other says that it does not', async ({ page, site, context }) => {
  test.slow();
  await ask(page, '0', '0', [1, 1, 1]);
  await expect(page.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
  await page.getByTestId('train-go').click();
  await expect(run(page, 'autorep-0-0')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  const other = await context.newPage();
  await other.goto(site);
  await ask(other, '78', '1', [1, 1, 1]);
  await expect(other.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
  await other.getByTestId('train-go').click();
  await expect(run(other, 'autorep-78-1')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await expect(other.getByTestId('train-refused')).toContainText('another tab trains and keeps its own');
  await expect(page.getByTestId('train-refused')).toHaveCount(0);
  await page.reload();
  await expect(run(page, 'autorep-0-0')).toHaveAttribute('data-status', 'done', { timeout: 30_000 });
  await other.close();
});

test('a full store is said, and nothing that is on the page is lost', async ({ page, site: _ }) => {
  test.slow();
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('no room', 'QuotaExceededError');
    };
  });
  await ask(page, '78', '0', [1, 1, 1]);
  await expect(page.getByTestId('train-go')).toBeEnabled({ timeout: 30_000 });
  await page.getByTestId('train-go').click();
  await expect(run(page, 'autorep-78-0')).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await expect(page.getByTestId('train-refused')).toContainText('gives the page no more room');
  await expect(run(page, 'autorep-78-0').getByRole('button', { name: /in Score$/ })).toBeEnabled();
});
