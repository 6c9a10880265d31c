// Serves a folder on this machine only, the way GitHub Pages does: gzipped (by scripts/compress.mjs, into DIR.gz), kept
// for ten minutes and asked for again by ETag; and with the page's policy as headers. Node alone, no packages.
//
//   node scripts/serve.mjs [--dir DIR] [--port N] [--check]
//
// `--port 0` takes any free port. `--check` fetches the page once, holds it against what a browser
// needs, and exits. GET and HEAD only; nothing outside DIR and DIR.gz is ever read; no listing.
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { policy } from './csp.mjs';

export const DEFAULT_PORT = 4173;

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.onnx': 'application/octet-stream',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** What GitHub Pages says of every file. */
const CACHE = 'max-age=600';

/** Headers of every answer. No COOP or COEP: static hosts cannot set them, so the page must not need them. */
export const headers = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** The file under `root` that `target` (the request line's path) names, or null. */
export async function resolveFile(root, target) {
  let path;
  try {
    path = decodeURIComponent(target.split(/[?#]/, 1)[0]);
  } catch {
    return null;
  }
  if (!path.startsWith('/') || /[\0\\]/.test(path)) return null;
  if (path.endsWith('/')) path += 'index.html';
  try {
    // Links are followed before the comparison, so none leads out.
    const [base, file] = await Promise.all([realpath(root), realpath(join(root, path))]);
    if (!file.startsWith(base + sep)) return null;
    const info = await stat(file);
    return info.isFile() ? { file, size: info.size, time: info.mtimeMs, name: file.slice(base.length) } : null;
  } catch {
    return null;
  }
}

/** The same file gzipped, where the copy is of this very build. */
async function packedFile(root, { name, time }) {
  const packed = await resolveFile(`${root}.gz`, `${encodeURI(name.split(sep).join('/'))}.gz`);
  return packed && packed.time >= time ? packed : null;
}

/** The request takes gzip. */
const takesGzip = ({ headers }) =>
  String(headers['accept-encoding'] ?? '')
    .split(',')
    .some((coding) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));

/** Starts a server on 127.0.0.1; resolves to it once it listens. */
export function serve(root, port) {
  const server = createServer(async (request, response) => {
    const answer = (status, more = {}) => response.writeHead(status, { ...headers, ...more });
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const found = await resolveFile(root, request.url);
    if (!found) {
      answer(404, { 'Content-Type': types['.txt'] }).end(request.method === 'HEAD' ? undefined : 'Not found\n');
      return;
    }
    const packed = takesGzip(request) ? await packedFile(root, found) : null;
    const sent = packed ?? found;
    const tag = `W/"${found.size.toString(16)}-${Math.trunc(found.time).toString(16)}"`;
    const about = { 'Cache-Control': CACHE, ETag: tag, Vary: 'Accept-Encoding' };
    if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(tag)) {
      answer(304, about).end();
      return;
    }
    const type = types[extname(found.file)] ?? 'application/octet-stream';
    answer(200, {
      ...about,
      'Content-Type': type,
      'Content-Length': sent.size,
      ...(packed && { 'Content-Encoding': 'gzip' }),
    });
    if (request.method === 'HEAD') response.end();
    else
      createReadStream(sent.file)
        .on('error', () => response.destroy())
        .pipe(response);
  });
  return new Promise((ready, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => ready(server));
  });
}

/** Fetches the page and its wasm as a browser would; throws on what a browser would refuse. */
export async function check(address, root) {
  const page = await fetch(address);
  if (page.status !== 200) throw new Error(`${address} answered ${page.status}`);
  if (page.headers.get('content-security-policy') !== policy) throw new Error('the page came without its policy');
  if (page.headers.get('content-encoding') !== 'gzip') throw new Error('the page came uncompressed: run scripts/build');
  const html = await page.text();
  if (!/<script[^>]+type="module"/.test(html)) throw new Error('the page loads no script');
  if (!html.includes('http-equiv="Content-Security-Policy"'))
    throw new Error('index.html lacks the policy as a meta tag');
  const files = await readdir(root, { recursive: true });
  const wasm = files.filter((name) => name.endsWith('.wasm'));
  if (wasm.length === 0) throw new Error(`no .wasm under ${root}`);
  for (const name of wasm) {
    const answer = await fetch(new URL(name.split(sep).join('/'), address), { method: 'HEAD' });
    const type = answer.headers.get('content-type');
    if (type !== 'application/wasm') throw new Error(`${name} is served as ${type}, not application/wasm`);
  }
}

async function main() {
  const dist = fileURLToPath(new URL('../www/dist', import.meta.url));
  const { values } = parseArgs({
    options: {
      dir: { type: 'string', default: dist },
      port: { type: 'string' },
      check: { type: 'boolean', default: false },
    },
  });
  const asked = values.port ?? (values.check ? '0' : String(DEFAULT_PORT));
  const port = /^\d{1,5}$/.test(asked) ? Number(asked) : NaN;
  if (!(port <= 65535)) throw new Error(`--port takes a number from 0 (any free port) to 65535, not ${asked}`);
  const root = resolve(values.dir);
  let server;
  try {
    server = await serve(root, port);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is taken: choose another with --port N, or --port 0 for any free one`);
  }
  const address = `http://127.0.0.1:${server.address().port}/`;
  if (!values.check) {
    console.log(`Reluctant is at ${address} (Ctrl-C stops it)`);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
    return;
  }
  await check(address, root);
  console.log(`Reluctant answered at ${address}: page, policy and wasm are as a browser needs them`);
  server.close();
  server.closeAllConnections();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
