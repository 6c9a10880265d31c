// How the page loads, as scripts/run serves it: Lighthouse on a desktop and a phone, the time to the first score with a
// processor four times slower, and the longest task of the main thread in what a person does first.
//
//   ./scripts/bench/load [--runs N]     writes its section of docs/bench.md
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serve } from '../serve.mjs';
import { writeSection } from './section.mjs';

const root = resolve(import.meta.dirname, '../..');
const { chromium } = createRequire(`${root}/tests/e2e/`)('@playwright/test');
const lighthouse = `${root}/.cache/bench/lighthouse/node_modules/lighthouse/cli/index.js`;
const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 3;
const TITLE = '# Loading the page';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'];
/** Each from the one before it: those of the header, and behind Design and Compare what they lead to. */
const VIEWS = [
  'Replace',
  'Design',
  'Lab',
  'Train',
  'Run',
  'Calculator',
  'Compare',
  'What if',
  'Validation',
  'Calibrate',
];
/** How long a new window's own pages (Chromium's address bar) are at work, in ms: they are none of ours. */
const SETTLED = 2500;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const server = await serve(`${root}/www/dist`, 0);
const address = `http://127.0.0.1:${server.address().port}/`;

/** One report of Lighthouse, in a browser of its own. */
async function report(form) {
  const folder = await mkdtemp(join(tmpdir(), 'reluctant-lighthouse-'));
  const out = join(folder, 'report.json');
  const chrome = `--chrome-flags=--headless=new ${ARGS.join(' ')} --user-data-dir=${join(folder, 'profile')}`;
  const more = form === 'desktop' ? ['--preset=desktop'] : [];
  const only = '--only-categories=performance,accessibility,best-practices';
  const args = [lighthouse, address, '--quiet', '--output=json', `--output-path=${out}`, chrome, only, ...more];
  try {
    await new Promise((done, failed) => {
      const child = spawn(process.execPath, args, {
        env: { ...process.env, CHROME_PATH: CHROMIUM },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      child.on('error', failed);
      child.on('exit', (code) => (code === 0 ? done() : failed(new Error(`lighthouse ended with ${code}`))));
    });
    const { categories, audits } = JSON.parse(await readFile(out, 'utf8'));
    const score = (id) => Math.round(100 * categories[id].score);
    return {
      performance: score('performance'),
      accessibility: score('accessibility'),
      practices: score('best-practices'),
      fcp: audits['first-contentful-paint'].numericValue,
      lcp: audits['largest-contentful-paint'].numericValue,
      tbt: audits['total-blocking-time'].numericValue,
      cls: audits['cumulative-layout-shift'].numericValue,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Median of each field over some reports. */
async function reports(form) {
  const all = [];
  for (let i = 0; i < runs; i++) all.push(await report(form));
  return Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]));
}

/** Milliseconds from navigation to the frame that shows headline and costs. */
async function firstScore(browser, rate) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  try {
    const client = await context.newCDPSession(page);
    await client.send('Emulation.setCPUThrottlingRate', { rate });
    await page.addInitScript(() => {
      const look = () => {
        const texts = ['total-relu', 'cost-offline'].map(
          (id) => document.querySelector(`[data-testid=${id}]`)?.textContent,
        );
        // The task after the frame that paints it.
        if (texts.every((text) => /\d/.test(text ?? ''))) setTimeout(() => (globalThis.painted ??= performance.now()));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(address);
    await page.waitForFunction(() => globalThis.painted !== undefined);
    return await page.evaluate(() => globalThis.painted);
  } finally {
    await context.close();
  }
}

/** The longest task of the main thread in each thing that a person does, in ms; 0 where none takes 50. */
async function tasks(browser) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const found = {};
  try {
    await page.addInitScript(() => {
      globalThis.tasks = [];
      new PerformanceObserver((list) =>
        globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({ type: 'longtask', buffered: true });
    });
    const during = async (what, action) => {
      await page.evaluate(() => (globalThis.tasks = []));
      await action();
      await page.waitForTimeout(1500);
      found[what] = Math.max(0, ...(await page.evaluate(() => globalThis.tasks)));
    };
    await page.waitForTimeout(SETTLED);
    await page.goto(address);
    await page.getByTestId('cost-offline').waitFor();
    await page.waitForTimeout(2500);
    found['first load'] = Math.max(0, ...(await page.evaluate(() => globalThis.tasks)));
    await during('opening ResNet-20 from a file', async () => {
      await page.getByTestId('file-input').setInputFiles(`${root}/tests/corpus/models/resnet20_32.legacy.op13.b1.onnx`);
      await page.getByTestId('total-relu').getByText('188,416').waitFor();
    });
    const open = (name) => () => page.getByRole('link', { name, exact: true }).click();
    for (const view of VIEWS) await during(`opening ${view}`, open(view));
    await during('back to Score', open('Score'));
    return found;
  } finally {
    await page.close();
  }
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
try {
  const version = browser.version();
  const painted = {};
  for (const rate of [1, 4]) {
    const times = [];
    for (let i = 0; i < runs; i++) times.push(await firstScore(browser, rate));
    painted[rate] = median(times);
  }
  const each = [];
  for (let i = 0; i < runs; i++) each.push(await tasks(browser));
  const longest = Object.keys(each[0]).map((what) => [what, median(each.map((one) => one[what]))]);
  await browser.close();
  const [desktop, mobile] = [await reports('desktop'), await reports('mobile')];
  const s = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const row = (form, one) =>
    `| ${form} | ${one.performance} | ${one.accessibility} | ${one.practices} | ${s(one.fcp)} | ${s(one.lcp)} | ${one.tbt.toFixed(0)} ms | ${one.cls.toFixed(3)} |`;
  const lines = [
    TITLE,
    '',
    'Made by `scripts/bench/load`; not edited by hand. The page as `scripts/run` serves it, gzipped. Lighthouse 12.8.2; medians of',
    `${runs} runs, each in a fresh browser. The first score is the headline with its costs on screen, from navigation, in an empty cache;`,
    `tasks are those of the page's main thread that take 50 ms or more. Headless Chromium ${version}.`,
    '',
    `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? process.arch}, ${process.platform}.`,
    '',
    '| Lighthouse | performance | accessibility | best practices | FCP | LCP | blocked | CLS |',
    '|---|---:|---:|---:|---:|---:|---:|---:|',
    row('desktop', desktop),
    row('mobile', mobile),
    '',
    '| first score painted | |',
    '|---|---:|',
    `| this processor | ${s(painted[1])} |`,
    `| four times slower | ${s(painted[4])} |`,
    '',
    '| longest task of the main thread | |',
    '|---|---:|',
    ...longest.map(([what, ms]) => `| ${what} | ${ms === 0 ? 'none of 50 ms or more' : `${ms.toFixed(0)} ms`} |`),
    '',
  ].join('\n');
  await writeSection(lines);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
