/** A person compares a network with published ones: by mouse, by keyboard, in the table, in files. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { chartFile, corpus, expect, open, test, total } from './site.ts';

const published = JSON.parse(await readFile(new URL('../../www/src/lib/published.json', import.meta.url), 'utf8')) as {
  points: { dataset: string; method: string; accuracy: number; source: string }[];
  datasets: string[];
};

const idsOf = (dataset: string) =>
  published.points.flatMap((point, index) => (point.dataset === dataset ? [`p${index}`] : [])).sort();

const chart = (page: Page) => page.getByTestId('pareto');
const dots = (page: Page) =>
  chart(page)
    .locator('[data-dot^="p"]')
    .evaluateAll((all) => all.map((dot) => dot.getAttribute('data-dot') ?? '').sort());

async function choose(page: Page, dataset: string) {
  await page.getByTestId('pareto-dataset').selectOption(dataset);
  await expect.poll(() => dots(page)).toEqual(idsOf(dataset));
}

test('every published point is in the table', async ({ page, site: _ }) => {
  await chart(page).scrollIntoViewIfNeeded();
  let seen = 0;
  for (const dataset of published.datasets) {
    await choose(page, dataset);
    await page.getByTestId('pareto-table').click();
    const rows = page.getByTestId('pareto-points').locator('tr[data-point^="p"]');
    const ids = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-point') ?? '').sort());
    expect(ids).toEqual(idsOf(dataset));
    seen += ids.length;
    await page.getByTestId('pareto-table').click();
  }
  expect(seen).toBe(published.points.length);
});

test('every published point is reached by hover', async ({ page, site: _ }) => {
  test.slow();
  await page.setViewportSize({ width: 1280, height: 1600 });
  let seen = 0;
  for (const dataset of published.datasets) {
    await choose(page, dataset);
    await page.getByTestId('pareto').locator('svg[role=group]').scrollIntoViewIfNeeded();
    const places = await chart(page)
      .locator('[data-dot^="p"] path')
      .evaluateAll((marks) =>
        marks.map((mark) => {
          const box = mark.getBoundingClientRect();
          return {
            id: mark.closest('[data-dot]')?.getAttribute('data-dot') ?? '',
            x: box.x + box.width / 2,
            y: box.y + box.height / 2,
          };
        }),
      );
    for (const { id, x, y } of places) {
      await page.mouse.move(x, y);
      await expect(page.getByTestId('chart-tip').locator(`[data-fact="${id}"]`), `${dataset} ${id}`).toBeVisible();
      seen += 1;
    }
  }
  expect(seen).toBe(published.points.length);
});

test('every published point is reached by keyboard, and said', async ({ page, site: _ }) => {
  test.slow();
  let seen = 0;
  for (const dataset of published.datasets) {
    await choose(page, dataset);
    const at = () => page.evaluate(() => document.activeElement?.getAttribute('data-dot') ?? '');
    await chart(page).locator('[data-dot][tabindex="0"]').focus();
    const reached = new Set<string>();
    // Down goes round the series; each is walked from its left end to its right.
    for (let series = 0; series < 24; series += 1) {
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Home');
      if (reached.has(await at())) break;
      for (let last = ''; last !== (await at());) {
        last = await at();
        reached.add(last);
        await page.keyboard.press('ArrowRight');
      }
    }
    expect([...reached].filter((id) => id.startsWith('p')).sort(), dataset).toEqual(idsOf(dataset));
    seen += [...reached].filter((id) => id.startsWith('p')).length;
  }
  expect(seen).toBe(published.points.length);
  // What the focus is on has a name that says it.
  const name = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  expect(name).toMatch(/%/);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('pareto-chosen')).toContainText('%');
});

test('a network is placed, pinned and compared under a protocol', async ({ page, site: _ }) => {
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(total(page, 'relu')).toHaveText('188,416');
  await choose(page, 'CIFAR-10');
  await expect(page.getByTestId('own-points')).toContainText('accuracy not known');
  await page.getByTestId('own-accuracy').fill('91.2');
  await page.getByTestId('own-accuracy').press('Enter');
  await expect(page.getByTestId('own-points')).toContainText('points below the best published');
  await page.getByTestId('pin-model').click();
  await expect(page.getByTestId('own-points').locator('tbody tr')).toHaveCount(2);
  await page.getByTestId('pareto-budget').fill('15000');
  await page.getByTestId('pareto-budget').press('Enter');
  await expect(page.getByTestId('pareto-best')).toContainText('AutoReP, 94.31\u00a0% at 12,900 ReLUs');
  await page.getByTestId('pareto-x-traffic').click();
  const under = 'under Cheetah, comparisons at full width (paper), version 2, over LAN';
  await expect(chart(page)).toContainText(under);

  const svg = (await chartFile(page, 'svg')).toString();
  expect(svg).toContain('Accuracy against ReLU part of traffic, CIFAR-10');
  expect(svg).toMatch(/Reluctant \d+\.\d+\.\d+/);
  expect(svg).toContain(under);
  expect(svg.match(/fill="light-dark|class=/)).toBeNull();
  const png = await chartFile(page, 'png');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const lines = (await chartFile(page, 'csv')).toString().trim().split('\r\n');
  // A head, two own points, sixty published ones.
  expect(lines.length).toBe(1 + 2 + idsOf('CIFAR-10').length);
  expect(lines[0]).toContain('traffic_of_relus_B (cheetah:paper v2, lan)');
});

test('the chart zooms, and takes it back', async ({ page, site: _ }) => {
  await choose(page, 'CIFAR-100');
  const all = (await dots(page)).length;
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await expect.poll(async () => (await dots(page)).length).toBeLessThan(all);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect.poll(async () => (await dots(page)).length).toBe(all);

  // A drag from an empty corner to the middle keeps what lies in it.
  const box = (await chart(page).locator('svg[role=group]').boundingBox())!;
  await page.mouse.move(box.x + 60, box.y + box.height - 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await dots(page)).length).toBeLessThan(all / 2);
  await page.mouse.dblclick(box.x + 70, box.y + box.height - 60);
  await expect.poll(async () => (await dots(page)).length).toBe(all);
});
