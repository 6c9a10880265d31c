// Sweeps of ResNets: candidates a second on the command line and in one instance of the page's core, counted and priced; then
// the explorer in Chromium: tasks of the main thread while it enumerates, and what it draws while one moves and zooms.
//
//   ./scripts/bench/explore [--runs N]     writes its section of docs/bench.md
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from '../serve.mjs';
import { writeSection } from './section.mjs';

const root = resolve(import.meta.dirname, '../..');
const { chromium } = createRequire(`${root}/tests/e2e/`)('@playwright/test');
const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 3;
const reluctant = `${process.env.CARGO_TARGET_DIR ?? `${root}/target`}/release/reluctant`;
const TITLE = '# Exploring networks';
const BASE = 'resnet18-cifar100';
/** Seconds of moving, and of zooming. */
const DRAG = 4;

const sorted = (values) => values.toSorted((a, b) => a - b);
const at = (values, part) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * part))];
const median = (values) => at(values, 0.5);

/** Ten numbers that vary: 4 x 4^3 x 4^4 x 3 x 5 = 983,040 networks. */
const vary = [
  { what: 'base', values: [8, 16, 32, 64] },
  ...[2, 3, 4].map((stage) => ({ what: `multiplier.${stage}`, from: 1, to: 4 })),
  ...[1, 2, 3, 4].map((stage) => ({ what: `stages.${stage}.blocks`, from: 1, to: 4 })),
  { what: 'stages.1.relu', values: ['all', 'none', 'first'] },
  { what: 'side', values: [24, 32, 40, 48, 64] },
];
const SIZE = 983_040;
const few = (of) => ({ of, sense: 'min' });
const many = { of: 'macs', sense: 'max' };
const SWEEPS = [
  ['ReLUs, MACs, parameters', [few('relus'), many]],
  ['and bytes under SEMI2K', [few('bytes:semi2k'), many]],
  ['and bytes under SEMI2K, seconds under DELPHI', [few('bytes:semi2k'), few('seconds:delphi:server-garbler'), many]],
];

/** Candidates a second of processor time, of one process: what else runs on the machine takes none of it. */
function native(settings) {
  const folder = mkdtempSync(join(tmpdir(), 'explore-'));
  try {
    const path = join(folder, 'sweep.json');
    writeFileSync(path, JSON.stringify(settings));
    const sweep = ['-f', '%U', reluctant, 'design', 'sweep', path];
    const { status, stderr } = spawnSync('/usr/bin/time', sweep, { encoding: 'utf8', maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(stderr);
    return SIZE / Number(stderr.trim().split('\n').at(-1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pkg = `${root}/www/src/worker/pkg`;
const core = await import(pathToFileURL(`${pkg}/reluctant.js`).href);
core.initSync({ module: readFileSync(`${pkg}/reluctant_bg.wasm`) });

/** The same of the page's core, as a worker runs it, by the parts that the page asks for. */
function wasm(settings, part) {
  const parts = Math.ceil(SIZE / part);
  // A few, evenly spread: parts are even samples.
  const looked = Math.min(parts, 6);
  let candidates = 0;
  const start = process.cpuUsage();
  for (let i = 0; i < looked; i++) {
    const { report } = core.explore(settings, 1 + Math.floor((i * parts) / looked), parts, 16, () => {});
    candidates += report.candidates;
  }
  return candidates / (process.cpuUsage(start).user / 1e6);
}

/** The explorer in a fresh page. */
async function explorer(browser, address) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    await page.goto(`${address}#/design`);
    await page.getByTestId('preset-filter').fill(BASE);
    await page.getByTestId('preset-rows').getByRole('button', { name: BASE, exact: true }).click();
    await page.getByTestId('sweep-base').fill('8,16,32,64');
    await page.getByTestId('sweep-to').fill('5');
    await page.getByTestId('sweep-blocks').check();
    await page.getByTestId('sweep-go').filter({ hasText: '128,000' }).waitFor();
    await page.evaluate(() => {
      globalThis.tasks = [];
      new PerformanceObserver((list) =>
        globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({ type: 'longtask' });
    });
    const start = performance.now();
    await page.getByTestId('sweep-go').click();
    await page.locator('[data-testid=cloud][data-drawn="128000"]').waitFor({ timeout: 120_000 });
    const seconds = (performance.now() - start) / 1000;
    const tasks = await page.evaluate(() => globalThis.tasks);
    await page.getByTestId('cloud-plane').scrollIntoViewIfNeeded();
    const moved = await page.evaluate(frames, { seconds: DRAG, zooms: false });
    await page.getByTestId('plane-whole').click();
    const zoomed = await page.evaluate(frames, { seconds: DRAG, zooms: true });
    return { seconds, tasks, moved, zoomed };
  } finally {
    await page.close();
  }
}

/** In the page: milliseconds between two drawings while each frame of the browser moves or zooms. A drawing sets the canvas's width. */
async function frames({ seconds, zooms }) {
  const plane = document.querySelector('[data-testid=cloud-plane]');
  const canvas = document.querySelector('[data-testid=cloud]');
  const box = plane.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const times = [];
  const observer = new MutationObserver(() => times.push(performance.now()));
  observer.observe(canvas, { attributeFilter: ['width'] });
  const fire = (type, dx = 0) =>
    plane.dispatchEvent(
      new PointerEvent(type, {
        pointerId: 1,
        pointerType: 'touch',
        button: 0,
        buttons: 1,
        bubbles: true,
        clientX: x + dx,
        clientY: y,
      }),
    );
  if (!zooms) fire('pointerdown');
  const end = performance.now() + 1000 * seconds;
  for (let i = 1; performance.now() < end; i++) {
    await new Promise(requestAnimationFrame);
    // There and back: what is seen stays full.
    if (!zooms) fire('pointermove', 100 * Math.sin(i / 12));
    else
      plane.dispatchEvent(
        new WheelEvent('wheel', {
          ctrlKey: true,
          deltaY: i % 16 < 8 ? -100 : 100,
          bubbles: true,
          cancelable: true,
          clientX: x,
          clientY: y,
        }),
      );
  }
  if (!zooms) fire('pointerup');
  observer.disconnect();
  return times.slice(1).map((time, i) => time - times[i]);
}

const rate = (of) => `${Math.round(median(of) / 100) * 100}`.replace(/\B(?=(\d{3})+$)/g, ',');
const rows = SWEEPS.map(([what, objectives]) => {
  const settings = { base: JSON.parse(execFileSync(reluctant, ['design', 'preset', BASE])), vary, objectives };
  const part = objectives.some(({ of }) => of.includes(':')) ? 16_384 : 65_536;
  const all = Array.from({ length: runs }, () => [native(settings), wasm(settings, part)]);
  return `| ${what} | ${rate(all.map(([one]) => one))} | ${rate(all.map(([, one]) => one))} |`;
});

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
  const pages = [];
  for (let i = 0; i < runs; i++) pages.push(await explorer(browser, `http://127.0.0.1:${server.address().port}/`));
  const longest = median(pages.map(({ tasks }) => Math.max(0, ...tasks)));
  const drawn = (of) => {
    const all = pages.flatMap((page) => page[of]);
    return `${median(all).toFixed(0)} ms | ${at(all, 0.95).toFixed(0)} ms | ${(1000 / (all.reduce((a, b) => a + b, 0) / all.length)).toFixed(0)}`;
  };
  await writeSection(
    [
      TITLE,
      '',
      'Made by `scripts/bench/explore`; not edited by hand. ResNets of four stages with ten numbers varying, 983,040 networks, one',
      "process of the command line and one instance of the page's core in Node, by the parts that a worker is asked for; candidates a",
      `second of processor time, medians of ${runs} runs. A price is the sum of the sections that were priced before (\`api/prices\`): what limits is setting`,
      'and checking a spec, the key of each section and its lookup, then the front; each part starts with sections to price.',
      '',
      `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? process.arch}, ${process.platform}, load average ${loadavg()[0].toFixed(1)}: what else runs beside takes its share.`,
      '',
      "| candidates a second | command line, one core | page's core, one worker |",
      '|---|---:|---:|',
      ...rows,
      '',
      `128,000 networks in the explorer at 1440 x 900, headless Chromium ${browser.version()}, painted in software: from the click to all`,
      `drawn ${median(pages.map(({ seconds }) => seconds)).toFixed(1)} s; longest task of the main thread meanwhile: ${longest === 0 ? 'none of 50 ms or more' : `${longest.toFixed(0)} ms`}. Then each frame of the browser`,
      'moves or zooms; from one drawing of all that is seen to the next:',
      '',
      '| | median | 95 % | drawings a second |',
      '|---|---:|---:|---:|',
      `| drag | ${drawn('moved')} |`,
      `| zoom | ${drawn('zoomed')} |`,
      '',
    ].join('\n'),
  );
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
