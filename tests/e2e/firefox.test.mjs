// The page in Firefox, over WebDriver BiDi: score, link, Replace, and a run on the CPU. `FIREFOX` is its path.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { serve } from '../../scripts/serve.mjs';

const corpus = (name) => resolve(import.meta.dirname, '../corpus', name);
const testid = (id) => `[data-testid=${id}]`;
let server, browser, address;

before(async () => {
  server = await serve(resolve(import.meta.dirname, '../../www/dist'), 0);
  address = `http://127.0.0.1:${server.address().port}/`;
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
  });
});

after(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
});

/** A fresh page, what went wrong in it, and how it is asked. */
async function opened(path = '') {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
  await page.goto(address + path);
  const exact = (id) => page.$eval(testid(id), (number) => Number(number.dataset.exact));
  const until = (id, value) =>
    page.waitForFunction(
      (at, wanted) => document.querySelector(at)?.dataset.exact === wanted,
      { timeout: 60_000 },
      testid(id),
      String(value),
    );
  const click = async (id) => (await page.waitForSelector(testid(id))).click();
  const give = async (id, ...files) => (await page.waitForSelector(testid(id))).uploadFile(...files);
  return { page, problems, exact, until, click, give, close: () => context.close() };
}

test('a file is scored, and its link opens to the same elsewhere', async () => {
  const here = await opened();
  await here.until('total-relu', 557056);
  await here.give('file-input', corpus('models/resnet20_32.legacy.op13.b1.onnx'));
  await here.until('total-relu', 188416);
  await here.until('total-macs', 40813184);
  await here.click('share-menu');
  await here.page.waitForFunction((at) => document.querySelector(at)?.value.includes('#r1='), {}, testid('share-link'));
  const link = await here.page.$eval(testid('share-link'), (field) => field.value);
  const bytes = await here.exact('cost-bytes');
  const there = await opened(link.slice(link.indexOf('#')));
  await there.until('total-relu', 188416);
  await there.until('cost-bytes', bytes);
  assert.deepEqual([...here.problems, ...there.problems], []);
  await Promise.all([here.close(), there.close()]);
});

test('a plan follows its budget, and a reload brings it back', async () => {
  const { page, problems, until, close } = await opened('#/replace');
  const field = await page.waitForSelector(`${testid('budget-field')}:enabled`, { timeout: 60_000 });
  await field.click({ count: 3 });
  await field.type('25%');
  await page.keyboard.press('Enter');
  await until('plan-kept', 139264);
  await page.waitForFunction(() => localStorage.getItem('reluctant.kept') === '1');
  await new Promise((done) => setTimeout(done, 2000));
  await page.reload();
  await until('plan-kept', 139264);
  assert.deepEqual(problems, []);
  await close();
});

test('digits run on the CPU, 497 of 500 right', async () => {
  const { page, problems, click, exact, close } = await opened('#/run');
  await click('run-digits');
  await page.waitForSelector(testid('run-accuracy'), { timeout: 60_000 });
  assert.ok(Math.abs((await exact('run-accuracy')) - 0.994) < 1e-9);
  assert.deepEqual(problems, []);
  await close();
});
