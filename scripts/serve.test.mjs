// The static server: what it sends, and what it never gives away. `./scripts/test scripts`
import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { policy } from './csp.mjs';
import { serve } from './serve.mjs';

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
  server = await serve(root, 0);
  address = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

/** Sends a request line as it stands: fetch would tidy the path first. */
function raw(line) {
  return new Promise((done, failed) => {
    const socket = connect(server.address().port, '127.0.0.1');
    let text = '';
    socket
      .on('data', (chunk) => (text += chunk))
      .on('end', () => done(text))
      .on('error', failed);
    socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
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
