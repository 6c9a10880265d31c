// The static server: what it sends, and what it never gives away. `./scripts/test scripts`
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { compress } from './compress.mjs';
import { policy } from './csp.mjs';
import { serve } from './serve.mjs';

const LONG = 'export const x = 1;\n'.repeat(200);
let folder, server, address;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reluctant-serve-'));
  const root = join(folder, 'dist');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<p>page</p>');
  await writeFile(join(root, 'assets', 'core.wasm'), new Uint8Array([0, 97, 115, 109]));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await mkdir(join(folder, 'dist-beside'));
  await writeFile(join(folder, 'dist-beside', 'secret.txt'), 'secret');
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'));
  await writeFile(join(root, 'assets', 'long.js'), LONG);
  await compress(root, `${root}.gz`);
  server = await serve(root, 0);
  address = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

/** Sends a request line as it stands: fetch would tidy the path first. */
function raw(line, headers = '') {
  return new Promise((done, failed) => {
    const socket = connect(server.address().port, '127.0.0.1');
    let text = '';
    socket
      .on('data', (chunk) => (text += chunk))
      .on('end', () => done(text))
      .on('error', failed);
    socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\n${headers}Connection: close\r\n\r\n`);
  });
}

test('the page comes with its policy and no isolation headers', async () => {
  const answer = await fetch(address);
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), '<p>page</p>');
  assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(answer.headers.get('content-security-policy'), policy);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
  assert.equal(answer.headers.get('cross-origin-opener-policy'), null);
  assert.equal(answer.headers.get('cross-origin-embedder-policy'), null);
});

test('wasm has the type that streaming compilation needs', async () => {
  const answer = await fetch(`${address}/assets/core.wasm`);
  assert.equal(answer.headers.get('content-type'), 'application/wasm');
  assert.deepEqual([...new Uint8Array(await answer.arrayBuffer())], [0, 97, 115, 109]);
});

test('HEAD answers without a body; other methods are refused', async () => {
  const head = await raw('HEAD /index.html');
  assert.match(head, /^HTTP\/1.1 200/);
  assert.match(head, /Content-Length: 11/);
  assert.ok(head.endsWith('\r\n\r\n'));
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await fetch(address, { method });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.get('content-security-policy'), policy);
  }
});

test('what was gzipped by the build is sent so to who takes it', async () => {
  const path = `${address}/assets/long.js`;
  const packed = await fetch(path, { headers: { 'Accept-Encoding': 'br, gzip;q=0.5' } });
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.equal(packed.headers.get('vary'), 'Accept-Encoding');
  assert.equal(packed.headers.get('content-type'), 'text/javascript; charset=utf-8');
  assert.ok(Number(packed.headers.get('content-length')) < LONG.length / 5);
  assert.equal(await packed.text(), LONG);
  for (const coding of ['identity', 'br', 'gzip;q=0', 'gzip; q=0.0'])
    assert.match(
      await raw('GET /assets/long.js', `Accept-Encoding: ${coding}\r\n`),
      new RegExp(`Content-Length: ${LONG.length}\\r`),
      coding,
    );
  // What gets no smaller has no copy.
  const small = await fetch(`${address}/assets/core.wasm`, { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(small.headers.get('content-encoding'), null);
});

test('a copy that is older than its file is not sent', async () => {
  const file = join(folder, 'dist', 'assets', 'long.js');
  const later = new Date(Date.now() + 60_000);
  await utimes(file, later, later);
  const answer = await fetch(`${address}/assets/long.js`, { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(answer.headers.get('content-encoding'), null);
  assert.equal(await answer.text(), LONG);
  await compress(join(folder, 'dist'), join(folder, 'dist.gz'));
  await utimes(file, new Date(0), new Date(0));
});

test('files are kept for ten minutes, and then asked for by their tag', async () => {
  const first = await fetch(address);
  assert.equal(first.headers.get('cache-control'), 'max-age=600');
  const tag = first.headers.get('etag');
  assert.match(tag, /^W\/"/);
  const again = await raw('GET /', `If-None-Match: "other", ${tag}\r\n`);
  assert.match(again, /^HTTP\/1.1 304/);
  assert.ok(again.endsWith('\r\n\r\n'));
  assert.match(await raw('GET /', 'If-None-Match: "other"\r\n'), /^HTTP\/1.1 200/);
  // What is not there is not kept.
  assert.equal((await fetch(`${address}/nothing`)).headers.get('cache-control'), null);
});

test('nothing outside the folder is read', async () => {
  const paths = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/../dist-beside/secret.txt',
    '/link.txt',
    '/%00',
    '/%ff',
    '/assets',
    '/assets/',
    '//etc/passwd',
    'http://other/../secret.txt',
    '*',
  ];
  for (const path of paths) {
    const answer = await raw(`GET ${path}`);
    assert.match(answer, /^HTTP\/1.1 (404|400)/, path);
    assert.ok(!answer.includes('secret'), path);
  }
});

test('it listens on this machine only', () => {
  assert.equal(server.address().address, '127.0.0.1');
});
