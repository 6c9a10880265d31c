// A sweep of 32 budgets on the digits network, 500 images each, in Chromium: wall time from the click to
// the last point, and the longest task of the main thread meanwhile (long-task observer: from 50 ms).
//
//   ./scripts/bench/sweep [--runs N]     writes its section of docs/bench.md
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { serve } from '../serve.mjs';
import { writeSection } from './section.mjs';

const root = resolve(import.meta.dirname, '../..');
const { chromium } = createRequire(`${root}/tests/e2e/`)('@playwright/test');
const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 3;
const BUDGETS = 32;
const TITLE = '# Sweeping budgets';

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** One sweep in a fresh page: seconds, and the long tasks of the main thread in ms. */
async function sweep(browser, address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    await page.goto(`${address}#/replace`);
    await page.getByTestId('open-digits').first().click();
    await page.locator('[data-testid=budget-total][data-exact="1568"]').waitFor();
    await page.getByTestId('sweep-count').selectOption(String(BUDGETS));
    await page.locator('[data-testid=sweep-run]:enabled').waitFor();
    await page.evaluate(() => {
      globalThis.tasks = [];
      new PerformanceObserver((list) =>
        globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({ type: 'longtask' });
    });
    const start = performance.now();
    await page.getByTestId('sweep-run').click();
    await page
      .locator('[data-testid=sweep] [data-dot]:not([data-dot=now])')
      .nth(BUDGETS - 1)
      .waitFor({ timeout: 300_000 });
    const seconds = (performance.now() - start) / 1000;
    return { seconds, tasks: await page.evaluate(() => globalThis.tasks) };
  } finally {
    await page.close();
  }
}

const server = await serve(`${root}/www/dist`, 0);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
try {
  const results = [];
  for (let i = 0; i < runs; i++) results.push(await sweep(browser, `http://127.0.0.1:${server.address().port}/`));
  const longest = median(results.map(({ tasks }) => Math.max(0, ...tasks)));
  const lines = [
    TITLE,
    '',
    `Made by \`scripts/bench/sweep\`; not edited by hand. ${BUDGETS} budgets on the digits network by expected error, DaPa degree 2 by`,
    'channel, each layer fitted after those before it; statistics of the 1,297 training images, each point judged on the 500 test',
    `images, on the CPU engine. Medians of ${runs} runs in fresh pages, headless Chromium ${browser.version()}.`,
    '',
    `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? process.arch}, ${process.platform}.`,
    '',
    '| | |',
    '|---|---:|',
    `| wall time of ${BUDGETS} budgets | ${median(results.map(({ seconds }) => seconds)).toFixed(1)} s |`,
    `| longest task of the main thread | ${longest === 0 ? 'none of 50 ms or more' : `${longest.toFixed(0)} ms`} |`,
    '',
  ].join('\n');
  await writeSection(lines);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
