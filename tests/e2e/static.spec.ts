/**
 * The packed page on a host that knows nothing of it: the zip unpacked, served in a sub-path by Python's own server, which
 * sends no header of ours. What holds then is what the page brings itself.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import { addressOf, corpus, exact, expect, open, shown, test as base, total } from './site.ts';
import { costsOf, fresh, linkOf } from './links.ts';
import { runDigits } from './running.ts';

const zip = resolve(import.meta.dirname, '../../www/reluctant-page.zip');

const listening = (server: Server) =>
  new Promise<number>((ready) => server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port)));

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
}

const test = base.extend<object, { place: string; origin: string }>({
  origin: [
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'reluctant-static-'));
      const inside = join(folder, 'some/where');
      mkdirSync(inside, { recursive: true });
      execFileSync('python3', ['-m', 'zipfile', '-e', zip, inside]);
      const port = await freePort();
      const server = spawn(
        'python3',
        ['-m', 'http.server', String(port), '--bind', '127.0.0.1', '--directory', folder],
        { stdio: 'ignore' },
      );
      const origin = `http://127.0.0.1:${port}/`;
      try {
        await expect
          .poll(
            () =>
              fetch(origin).then(
                ({ status }) => status,
                () => 0,
              ),
            { timeout: 20_000 },
          )
          .toBe(200);
        await use(origin);
      } finally {
        server.kill();
        rmSync(folder, { recursive: true });
      }
    },
    { scope: 'worker' },
  ],
  place: [async ({ origin }, use) => use(`${origin}some/where/`), { scope: 'worker' }],
});

test('the host sends no policy; the page has its own', async ({ place }) => {
  expect(existsSync(zip)).toBe(true);
  const answer = await fetch(place);
  expect(answer.headers.get('content-security-policy')).toBeNull();
  expect(await answer.text()).toContain('http-equiv="Content-Security-Policy"');
});

test('score, model, link and run in a sub-path, and no request leaves it', async ({
  page,
  context,
  browser,
  origin,
  place,
}) => {
  const asked: string[] = [];
  const problems: string[] = [];
  const watch = (of: BrowserContext): void => {
    of.on('request', (request) => asked.push(request.url()));
    of.on('weberror', (error) => problems.push(String(error.error())));
    of.on('console', (line) => {
      if (line.type() === 'error' || /content security policy/i.test(line.text())) problems.push(line.text());
    });
  };
  watch(context);
  await page.goto(place);
  await expect(total(page, 'relu')).toHaveText('557,056');
  await open(page, corpus('resnet20_32.legacy.op13.b1.onnx'));
  await expect(shown(page)).toContainText('resnet20_32');
  await expect(total(page, 'relu')).toHaveText('188,416');
  await expect.poll(() => exact(page.getByTestId('cost-bytes'))).toBeGreaterThan(0);

  const link = await linkOf(page);
  expect(link.startsWith(`${place}#r1=`)).toBe(true);
  const other = await fresh(browser, link);
  await expect(total(other.page, 'relu')).toHaveText('188,416');
  await expect.poll(() => costsOf(other.page)).toEqual(await costsOf(page));
  expect(other.problems).toEqual([]);
  await other.close();

  // A browser of its own, which keeps nothing: the digits are offered where no model is open.
  const empty = await browser.newContext();
  watch(empty);
  const running = await empty.newPage();
  await running.goto(place);
  await runDigits(running);
  for (const name of ['worker', 'reluctant_bg', 'run', 'examples/digits.onnx'])
    expect(
      asked.some((url) => url.includes(name)),
      name,
    ).toBe(true);
  for (const url of asked)
    expect(url.startsWith(place) || url.startsWith(`blob:${origin}`) || url.startsWith('data:'), url).toBe(true);
  expect(problems).toEqual([]);
  await empty.close();
});

test('its workers reach no other origin, though no header says so', async ({ page, place }) => {
  const seen: string[] = [];
  const elsewhere = createServer((request, response) => {
    seen.push(String(request.url));
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end();
  });
  await listening(elsewhere);
  await page.goto(place);
  await expect.poll(() => page.workers().length).toBeGreaterThan(0);
  const out = async (address: string) =>
    fetch(address, { mode: 'no-cors' }).then(
      () => 'through',
      () => 'stopped',
    );
  expect(await page.workers()[0]?.evaluate(out, addressOf(elsewhere))).toBe('stopped');
  expect(await page.evaluate(out, addressOf(elsewhere))).toBe('stopped');
  expect(seen).toEqual([]);
  elsewhere.close();
  elsewhere.closeAllConnections();
});
