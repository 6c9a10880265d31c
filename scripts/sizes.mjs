// What a first visit downloads, gzipped: index.html, every file it loads at once (static imports
// included), and the core's wasm. Prints the table; fails above the limit.
//
// Files loaded later (other views, other wasm, examples) are listed, not counted; what a first run on the GPU adds has
// a limit of its own.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export const LIMIT_BYTES = 400 * 1024;
export const GPU_LIMIT_BYTES = 200 * 1024;

/** Paths that an HTML page names in src and href, as they stand. */
export const pageLinks = (html) =>
  [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].map((match) => match[1]);

/** Specifiers of a built module's static imports and re-exports; `import(...)` is not one. */
export const staticImports = (js) =>
  [...js.matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{][^;"'()]*?from\s*)?["']([^"']+)["']/g)].map((match) => match[1]);

/** Built files that a script names by path: `new URL("core-1a2b.wasm", import.meta.url)` and the like. */
export const namedAssets = (js, names) => names.filter((name) => js.includes(posix.basename(name)));

/** The files of a first visit, as paths relative to `dist`. */
export async function firstLoad(dist) {
  const all = (await readdir(dist, { recursive: true })).map((name) => name.split(sep).join('/'));
  const wanted = new Set();
  const visit = async (name) => {
    if (wanted.has(name) || !all.includes(name)) return;
    wanted.add(name);
    const text = /\.(html|js)$/.test(name) ? await readFile(join(dist, name), 'utf8') : '';
    const at = (link) => (link.startsWith('/') ? link.slice(1) : posix.join(posix.dirname(name), link));
    const links = name.endsWith('.html') ? pageLinks(text) : staticImports(text).filter((link) => /^[./]/.test(link));
    for (const link of links) await visit(at(link));
    // The worker's module and the core are named in code, and needed before the first score.
    if (name.endsWith('.js')) {
      const now = all.filter((file) => /(^|\/)(worker[^/]*\.js|reluctant_bg[^/]*\.wasm)$/.test(file));
      for (const file of namedAssets(text, now)) await visit(file);
    }
  };
  await visit('index.html');
  return { first: [...wanted], later: all.filter((name) => /\.\w+$/.test(name) && !wanted.has(name)) };
}

/** The built files of a package: its wasm, and the scripts that name it. */
export async function packageFiles(dist, names, wasm) {
  const bytes = await readFile(wasm);
  const read = (name) => readFile(join(dist, name));
  const own = [];
  for (const name of names.filter((name) => name.endsWith('.wasm'))) if (bytes.equals(await read(name))) own.push(name);
  const scripts = [];
  for (const name of names.filter((name) => name.endsWith('.js'))) {
    if (namedAssets(String(await read(name)), own).length) scripts.push(name);
  }
  return [...own, ...scripts];
}

async function main() {
  const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../www/dist');
  const { first, later } = await firstLoad(dist);
  if (!first.some((name) => name.endsWith('.wasm'))) throw new Error('no wasm is in the first load: sizes.mjs no longer sees how the page names it');
  const size = async (name) => gzipSync(await readFile(join(dist, name)), { level: 9 }).length;
  const show = (bytes, name) => console.log(`${bytes.toLocaleString('en').padStart(10)}  ${name}`);
  let total = 0;
  console.log('First load, bytes gzipped');
  for (const name of first) {
    const bytes = await size(name);
    total += bytes;
    show(bytes, name);
  }
  show(total, `of ${LIMIT_BYTES.toLocaleString('en')}`);
  if (later.length) console.log('Loaded when needed');
  for (const name of later) show(await size(name), name);
  const gpu = await packageFiles(dist, later, resolve(dist, '../src/worker/pkg-gpu/reluctant_bg.wasm'));
  if (gpu.length < 2) throw new Error("the GPU's package is not in the build as sizes.mjs knows it");
  let download = 0;
  console.log('What runs kernels on a GPU, loaded by the first run on one');
  for (const name of gpu) {
    const bytes = await size(name);
    download += bytes;
    show(bytes, name);
  }
  show(download, `of ${GPU_LIMIT_BYTES.toLocaleString('en')}`);
  if (download > GPU_LIMIT_BYTES) throw new Error(`what runs on the GPU is ${(download - GPU_LIMIT_BYTES).toLocaleString('en')} bytes above its limit`);
  if (total > LIMIT_BYTES) throw new Error(`the first load is ${(total - LIMIT_BYTES).toLocaleString('en')} bytes above its limit (${relative('.', dist)})`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
