// How fast the page answers a slider: drags the link's rate on ResNet-50 in Chromium and measures
// from the input event to the new headline, and to the whole layer table priced again by the core:
// in the document, and painted.
//
//   ./scripts/bench/slider [--moves N]     writes its section of docs/bench.md
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { serve } from '../serve.mjs';
import { writeSection } from './section.mjs';

const root = resolve(import.meta.dirname, '../..');
const { chromium } = createRequire(`${root}/tests/e2e/`)('@playwright/test');
const MODEL = 'ResNet-50';
const moves = Number(process.argv[process.argv.indexOf('--moves') + 1]) || 60;

const quantile = (values, q) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(q * values.length) - 1)];

/** Runs in the page: one record for each input event of the slider, once headline and table are new. */
function watch() {
  const watched = { headline: '[data-testid=cost-online]', table: '[data-sum="cost:online"]' };
  const exact = (at) => document.querySelector(at)?.getAttribute('data-exact');
  globalThis.records = [];
  let pending = null;
  const after = new MessageChannel();
  after.port1.onmessage = ({ data: { what, at } }) => {
    const record = globalThis.records.find((other) => other.at === at);
    record[`${what}Painted`] = performance.now() - at;
  };
  const seen = (what) => {
    const { at, record } = pending;
    record[what] = performance.now() - at;
    // The task after the frame that paints the change.
    requestAnimationFrame(() => after.port2.postMessage({ what, at }));
  };
  const slider = document.querySelector('[data-testid=link-down]');
  slider.addEventListener(
    'input',
    ({ timeStamp: at }) => {
      const record = { at };
      globalThis.records.push(record);
      pending = {
        at,
        record,
        before: Object.fromEntries(Object.entries(watched).map(([what, where]) => [what, exact(where)])),
      };
    },
    true,
  );
  new MutationObserver(() => {
    if (!pending) return;
    for (const [what, where] of Object.entries(watched)) {
      if (!(what in pending.record) && exact(where) !== pending.before[what]) seen(what);
    }
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-exact'] });
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
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.getByTestId('cost-online').waitFor();
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
    await page.mouse.move(x(i), y);
    await page.waitForFunction(() => globalThis.records.every((record) => record.tablePainted), undefined, {
      polling: 'raf',
      timeout: 5000,
    });
  }
  await page.mouse.up();
  const records = (await page.evaluate(() => globalThis.records)).slice(-moves);
  if (records.length < moves) throw new Error(`only ${records.length} of ${moves} moves were answered`);
  const cell = (field) =>
    [0.5, 0.95]
      .map(
        (q) =>
          `${quantile(
            records.map((r) => r[field]),
            q,
          ).toFixed(1)} ms`,
      )
      .join(' | ');
  const version = browser.version();
  const lines = [
    '# Moving a slider',
    '',
    "Made by `scripts/bench/slider`; not edited by hand. From the input event of the link's slider to the new headline, and",
    `to the layer table of ${MODEL} (${rows.split(',')[0].replace('\u00a0', ' ')}), every row priced again by the core in its worker. ${records.length} moves`,
    `of the mouse, one after the other. Headless Chromium ${version}, 60 frames a second, painted in software. A move`,
    'arrives at the start of a frame: what is ready before its end is painted in it, what is not in the next.',
    '',
    `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? process.arch}, ${process.platform}.`,
    '',
    '| | median | 95 % |',
    '|---|---:|---:|',
    `| headline in the document | ${cell('headline')} |`,
    `| headline painted | ${cell('headlinePainted')} |`,
    `| whole table in the document | ${cell('table')} |`,
    `| whole table painted | ${cell('tablePainted')} |`,
    '',
  ].join('\n');
  await writeSection(lines);
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
