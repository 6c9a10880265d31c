// Four budgets of AutoReP on the digits in the page: one after another in one worker, then two at a time in two, in turns; and the
// longest task of the main thread while it trains.
//
//   ./scripts/bench/pool [--runs N]     writes its section of docs/bench.md
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { serve } from '../serve.mjs';
import { writeSection } from './section.mjs';

const root = resolve(import.meta.dirname, '../..');
const { chromium } = createRequire(`${root}/tests/e2e/`)('@playwright/test');
const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 3;
const TITLE = '# Training in the page';
const BUDGETS = [784, 392, 78, 0];
/** With all ReLUs, of a search, of fine-tuning: a run takes some seconds. */
const EPOCHS = [4, 60, 30];

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Seconds from the end of the network with all ReLUs to that of the last budget, and the page's longest task from its beginning. */
async function train(browser, address, workers) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    // The page takes a worker less than there are cores.
    await page.addInitScript((cores) => {
      Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => cores });
    }, workers + 1);
    await page.goto(`${address}#/train`);
    await page.getByTestId('train-budgets').fill(BUDGETS.join(', '));
    await page.getByTestId('train').locator('summary').first().click();
    for (const [place, count] of EPOCHS.entries()) await page.getByTestId(`train-epochs-${place}`).fill(String(count));
    await page.getByTestId('train-epochs-2').blur();
    await page.getByTestId('train-estimate').waitFor({ timeout: 60_000 });
    await page.evaluate(() => {
      globalThis.tasks = [];
      new PerformanceObserver((list) =>
        globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({ type: 'longtask' });
    });
    await page.getByTestId('train-go').click();
    const done = (run) =>
      page
        .locator(`[data-testid=train-run][data-run="${run}"][data-status=done]`)
        .waitFor({ timeout: 300_000, state: 'attached' });
    await done('base-0');
    const start = performance.now();
    await Promise.all(BUDGETS.map((budget) => done(`autorep-${budget}-0`)));
    const seconds = (performance.now() - start) / 1000;
    return { seconds, longest: Math.max(0, ...(await page.evaluate(() => globalThis.tasks))) };
  } finally {
    await page.close();
  }
}

const server = await serve(`${root}/www/dist`, 0);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
});
try {
  const address = `http://127.0.0.1:${server.address().port}/`;
  const pairs = [];
  for (let i = 0; i < runs; i++) pairs.push([await train(browser, address, 1), await train(browser, address, 2)]);
  const [one, two] = [0, 1].map((at) => median(pairs.map((pair) => pair[at].seconds)));
  // Of all of them: a median would hide the one that a person notices.
  const longest = Math.max(...pairs.flat().map(({ longest }) => longest));
  await writeSection(
    [
      TITLE,
      '',
      `Made by \`scripts/bench/pool\`; not edited by hand. Budgets of ${BUDGETS.join(', ')} ReLUs by AutoReP on the digits, ${EPOCHS[1]} epochs`,
      `of search and ${EPOCHS[2]} of fine-tuning at most, from the end of the network with all ReLUs to that of the last budget; one worker and two in`,
      `turns, medians of ${runs} runs in fresh pages, the longest task of them all, headless Chromium ${browser.version()}.`,
      '',
      `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? process.arch}, ${process.platform}.`,
      '',
      '| | |',
      '|---|---:|',
      `| one worker, one after another | ${one.toFixed(1)} s |`,
      `| two workers | ${two.toFixed(1)} s |`,
      `| ratio | ${median(pairs.map(([a, b]) => a.seconds / b.seconds)).toFixed(2)} |`,
      `| longest task of the main thread meanwhile | ${longest === 0 ? 'none of 50 ms or more' : `${longest.toFixed(0)} ms`} |`,
      '',
    ].join('\n'),
  );
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
