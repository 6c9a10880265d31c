// How fast the page answers a slider: drags the link's rate on ResNet-50 in Chromium and measures
// from the input event to the new headline, first in the document, then painted.
//
//   ./scripts/bench/slider [--moves N]     writes its section of docs/bench.md
//
// The table's sums are watched with the headline: a move counts once both are new.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { serve } from '../serve.mjs';

const root = resolve(import.meta.dirname, '../..');
const { chromium } = createRequire(`${root}/tests/e2e/`)('@playwright/test');
const MODEL = 'ResNet-50';
const moves = Number(process.argv[process.argv.indexOf('--moves') + 1]) || 60;

const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(q * values.length) - 1)];

/** Runs in the page: one record for each input event of the slider. */
function watch() {
  const figures = () => ['[data-testid=cost-offline]', '[data-sum="cost:offline"]'].map((at) => document.querySelector(at)?.getAttribute('data-exact'));
  globalThis.records = [];
  let pending = null;
  const after = new MessageChannel();
  after.port1.onmessage = ({ data }) => globalThis.records.push({ ...data, painted: performance.now() - data.at });
  document.querySelector('[data-testid=link-down]').addEventListener('input', (event) => (pending = { at: event.timeStamp, before: figures() }), true);
  new MutationObserver(() => {
    if (!pending || figures().some((now, i) => now === pending.before[i])) return;
    const { at } = pending;
    pending = null;
    const record = { at, shown: performance.now() - at };
    // The task after the frame that paints the change.
    requestAnimationFrame(() => after.port2.postMessage(record));
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-exact'] });
}

const server = await serve(`${root}/www/dist`, 0);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.getByTestId('cost-offline').waitFor();
  await page.getByTestId('model-menu').click();
  await page.getByRole('button', { name: MODEL }).first().click();
  await page.getByTestId('model-menu').getByText(MODEL).waitFor();
  const rows = await page.getByTestId('row-count').innerText();
  // The table is in sight, so that its rows are painted, too.
  await page.evaluate(() => document.getElementById('layers').scrollIntoView());
  await page.getByTestId('link-menu').click();
  const box = await page.getByTestId('link-down').boundingBox();
  const y = box.y + box.height / 2;
  const x = (i) => box.x + box.width * (0.85 - (0.6 * i) / (moves + 10));
  await page.mouse.move(x(0), y);
  await page.mouse.down();
  await page.evaluate(watch);
  // The first moves warm up.
  for (let i = 1; i <= moves + 10; i++) {
    const count = await page.evaluate(() => globalThis.records.length);
    await page.mouse.move(x(i), y);
    await page.waitForFunction((count) => globalThis.records.length > count, count, { polling: 'raf', timeout: 2000 }).catch(() => {});
  }
  await page.mouse.up();
  const records = (await page.evaluate(() => globalThis.records)).slice(-moves);
  if (records.length < moves) throw new Error(`only ${records.length} of ${moves} moves were answered`);
  const cell = (field) => [0.5, 0.95].map((q) => `${quantile(records.map((r) => r[field]), q).toFixed(1)} ms`).join(' | ');
  const version = browser.version();
  const lines = [
    '# Moving a slider',
    '',
    'Made by `scripts/bench/slider`; not edited by hand. From the input event of the link\'s slider to the new headline and',
    `sums of the layer table, ${MODEL} (${rows.split(',')[0].replace('\u00a0', ' ')}), every row priced again by the core in its worker. ${moves} moves of the`,
    `mouse, one after the other. Headless Chromium ${version}, 60 frames a second, painted in software.`,
    '',
    `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? process.arch}, ${process.platform}.`,
    '',
    '| | median | 95 % |',
    '|---|---:|---:|',
    `| in the document | ${cell('shown')} |`,
    `| painted | ${cell('painted')} |`,
    '',
  ].join('\n');
  console.log(lines);
  const path = `${root}/docs/bench.md`;
  const old = await readFile(path, 'utf8').catch(() => '');
  const others = old.split(/^(?=# )/m).filter((section) => section.trim() !== '' && !section.startsWith('# Moving a slider'));
  await writeFile(path, [...others.map((section) => `${section.trimEnd()}\n`), lines].join('\n'));
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
