/**
 * Nothing leaves the tab. What the page asks for is seen from three sides: the browser's requests
 * (page and workers), the log of the server that it came from, and a second server, on another
 * origin, that must stay untouched.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { addressOf, corpus, exact, expect, made, open, shown, test as base, total } from './site.ts';
import { markedModel } from './models.ts';

const MARK = 'xq7marker';

/** Another origin: answers everyone, remembers every request. */
const test = base.extend<{ elsewhere: { address: string; seen: string[] } }>({
  elsewhere: async ({}, use) => {
    const seen: string[] = [];
    const server: Server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response
        .writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/javascript' })
        .end('export {};');
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    await use({ address: addressOf(server), seen });
    server.close();
    server.closeAllConnections();
  },
});

test('no request leaves the origin and no name is in one', async ({ page, context, server, site }) => {
  const asked: string[] = [];
  context.on('request', (request) => asked.push(`${request.url()} ${request.postData() ?? ''}`));
  const served: string[] = [];
  server.on('request', (request) => served.push(String(request.url)));
  await page.reload();
  await expect(total(page, 'relu')).toHaveText('557,056');

  await open(page, made(`${MARK}.onnx`, markedModel(MARK)));
  await expect(shown(page)).toContainText(MARK);
  expect(await exact(total(page, 'relu'))).toBe(256);
  await page.getByTestId('layer-filter').fill(`${MARK}_relu`);
  await expect(page.getByTestId('layers')).toContainText(`${MARK}_relu`);
  await total(page, 'relu').click();
  await expect(page.getByRole('dialog')).toContainText('256');
  await page.keyboard.press('Escape');
  await page.getByTestId('facts').locator('summary').click();
  const batch = page.getByTestId('symbol-value').first();
  await batch.fill('2');
  await batch.press('Enter');
  await expect.poll(() => exact(total(page, 'relu'))).toBe(512);
  for (const kind of ['csv', 'json']) {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`export-${kind}`).click()]);
    await download.path();
  }

  // A run: the network and its digits under names with the mark.
  await open(page, [
    made(`${MARK}_net.onnx`, readFileSync(corpus('../digits/digits_cnn.onnx'))),
    made(`${MARK}_data.npz`, readFileSync(corpus('../digits/digits.npz'))),
  ]);
  await page.getByTestId('run').click();
  await expect(page.getByTestId('run-accuracy')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId('run-outcome')).toContainText(`${MARK}_data.npz`);

  // The watch sees something: the page, its script, the worker's module, the core.
  expect(
    asked.some((url) => /\.wasm /.test(url)),
    asked.join('\n'),
  ).toBe(true);
  expect(served.some((url) => url.endsWith('.wasm'))).toBe(true);
  for (const url of asked) expect(url).toMatch(new RegExp(`^(${site}|blob:${site}|data:)`));
  for (const url of [...asked, ...served, page.url()]) expect(url).not.toContain(MARK);
});

/** Every way out that a worker has; each resolves whether it got through or not. */
const ways = async (address: string) => {
  const settle = (promise: Promise<unknown>) =>
    promise.then(
      () => {},
      () => {},
    );
  await settle(fetch(`${address}fetch`, { mode: 'no-cors' }));
  await settle(fetch(`${address}post`, { method: 'POST', mode: 'no-cors', body: 'names' }));
  await settle(import(/* @vite-ignore */ `${address}module.js`));
  await new Promise<void>((done) => {
    const request = new XMLHttpRequest();
    request.onloadend = () => done();
    request.open('GET', `${address}xhr`);
    try {
      request.send();
    } catch {
      done();
    }
  });
  await new Promise<void>((done) => {
    try {
      const socket = new WebSocket(`${address.replace('http', 'ws')}socket`);
      socket.onerror = socket.onclose = () => done();
    } catch {
      done();
    }
  });
  await new Promise<void>((done) => {
    const events = new EventSource(`${address}events`);
    events.onerror = () => {
      events.close();
      done();
    };
  });
};

test('the workers cannot reach another origin', async ({ page, server, elsewhere }) => {
  await page.goto(`${addressOf(server)}#/run`);
  await expect(total(page, 'relu')).toHaveText('557,056');
  await page.getByTestId('run-digits').click();
  await expect(page.getByTestId('run-accuracy')).toBeVisible({ timeout: 30_000 });
  // The one that counts and the one that runs.
  expect(page.workers()).toHaveLength(2);
  for (const worker of page.workers()) await worker.evaluate(ways, elsewhere.address);
  await page.waitForTimeout(300);
  expect(elsewhere.seen).toEqual([]);
});

test('the page cannot reach another origin', async ({ page, server, elsewhere }) => {
  await page.goto(addressOf(server));
  await expect(total(page, 'relu')).toHaveText('557,056');
  await page.evaluate(ways, elsewhere.address);
  await page.evaluate(async (address) => {
    const add = (name: string, attributes: Record<string, string>) =>
      new Promise<void>((done) => {
        const element = Object.assign(document.createElement(name), attributes);
        element.onload = element.onerror = () => done();
        document.body.append(element);
        setTimeout(done, 500);
      });
    await add('img', { src: `${address}image` });
    await add('script', { src: `${address}script.js` });
    await add('link', { rel: 'stylesheet', href: `${address}style.css` });
    await add('iframe', { src: `${address}frame` });
    navigator.sendBeacon(`${address}beacon`, 'names');
    try {
      new Worker(`${address}worker.js`);
    } catch {
      // Refused outright.
    }
  }, elsewhere.address);
  await page.waitForTimeout(300);
  expect(elsewhere.seen).toEqual([]);
});

test('the two tests above can fail: without the policy the same ways get through', async ({
  browser,
  server,
  elsewhere,
}) => {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(addressOf(server));
  await page.evaluate(ways, elsewhere.address);
  expect(elsewhere.seen).toEqual(
    expect.arrayContaining(['GET /fetch', 'POST /post', 'GET /xhr', 'GET /events', 'GET /module.js']),
  );
  await context.close();
});
