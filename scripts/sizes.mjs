// What the page downloads, gzipped, against the limits: what the first score on screen takes without any wasm (html, js,
// css and the answers in them), the core, and each engine, which the first run that needs it loads.
//
// Prints the tables; fails above a limit.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/**
 * By what is counted, in bytes. The core's is 800 KB, 20 KB for findings and advice, 120 KB for design and for files as people
 * have them, 40 KB for early exits, the Lab, and what goes into training and out of it, 35 KB for loops followed pass by pass,
 * cells and windows written out before a run, sums of sweeps, and what the protocol's engine runs, 20 KB for dropped outputs,
 * gates, exits by threshold, cleaned exports, and plans that are trained and come out of training, 20 KB for what of these the
 * command line alone had: exits searched for and measured, gates for ReLUs, clean exports, the networks of cells, 10 KB for moves
 * of one step, stages trained alone and several inferences on a set-up, and 30 KB for the folder for PyTorch, its program with it.
 */
export const LIMITS = { 'first score': 100e3, core: 1095e3, cpu: 1e6, gpu: 200e3, train: 200e3, mpc: 70e3 };

/** Paths that an HTML page names in src and href, as they stand. */
export const pageLinks = (html) =>
  [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].map((match) => match[1]);

/** Specifiers of a built module's static imports and re-exports; `import(...)` is not one. */
export const staticImports = (js) =>
  [...js.matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{][^;"'()]*?from\s*)?["']([^"']+)["']/g)].map(
    (match) => match[1],
  );

/** Built files that a script names by path: `new URL("core-1a2b.wasm", import.meta.url)` and the like. */
export const namedAssets = (js, names) => names.filter((name) => js.includes(posix.basename(name)));

/** The files of the first score on screen, as paths relative to `dist`: what the page loads by itself, no worker. */
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
  const counted = { 'first score': first };
  for (const [what, folder] of [
    ['core', 'pkg'],
    ['cpu', 'pkg-cpu'],
    ['gpu', 'pkg-gpu'],
    ['train', 'pkg-train'],
    ['mpc', 'pkg-mpc'],
  ]) {
    counted[what] = await packageFiles(dist, later, resolve(dist, `../src/worker/${folder}/reluctant_bg.wasm`));
    if (counted[what].length < 2) throw new Error(`the package ${what} is not in the build as sizes.mjs knows it`);
  }
  const size = async (name) => gzipSync(await readFile(join(dist, name)), { level: 9 }).length;
  const show = (bytes, name) => console.log(`${bytes.toLocaleString('en').padStart(10)}  ${name}`);
  const above = [];
  for (const [what, names] of Object.entries(counted)) {
    let total = 0;
    console.log(`${what}, bytes gzipped`);
    for (const name of names) {
      const bytes = await size(name);
      total += bytes;
      show(bytes, name);
    }
    show(total, `of ${LIMITS[what].toLocaleString('en')}`);
    if (total > LIMITS[what])
      above.push(`${what} is ${(total - LIMITS[what]).toLocaleString('en')} bytes above its limit`);
  }
  const all = new Set(Object.values(counted).flat());
  console.log('other files, loaded when needed');
  for (const name of later.filter((name) => !all.has(name))) show(await size(name), name);
  if (above.length > 0) throw new Error(`${above.join('; ')} (${relative('.', dist)})`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
