// What counts as the first load.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { firstLoad, staticImports } from './sizes.mjs';

test('static imports are found in minified code; dynamic ones are not', () => {
  const js =
    'import{a as b}from"./one.js";import"./two.js";import c,{d}from\'./three.js\';const x=()=>import("./later.js");export*from"./four.js";export{e}from"./five.js";';
  assert.deepEqual(staticImports(js), ['./one.js', './two.js', './three.js', './four.js', './five.js']);
});

test('a first score takes no worker, no wasm and no lazy view', async () => {
  const dist = await mkdtemp(join(tmpdir(), 'reluctant-sizes-'));
  const files = {
    'index.html':
      '<link rel="stylesheet" href="/assets/index.css"><script type="module" src="./assets/index.js"></script>',
    'assets/index.css': 'p{}',
    'assets/index.js':
      'import"./shared.js";const w=new URL("worker-1a.js",import.meta.url);const l=()=>import("./train.js")',
    'assets/shared.js': '',
    'assets/worker-1a.js': 'new URL("/assets/reluctant_bg-2b.wasm",import.meta.url)',
    'assets/reluctant_bg-2b.wasm': '\0asm',
    'assets/train.js': 'import"./shared.js"',
    'examples/digits.onnx': '',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dist, name)), { recursive: true });
    await writeFile(join(dist, name), text);
  }
  const { first, later } = await firstLoad(dist);
  await rm(dist, { recursive: true });
  const lazy = (name) => /train|digits|worker|wasm/.test(name);
  assert.deepEqual(
    first.sort(),
    Object.keys(files)
      .filter((name) => !lazy(name))
      .sort(),
  );
  assert.deepEqual(later.sort(), Object.keys(files).filter(lazy).sort());
});
