// The faces of the wasm packages as the page's types have them: what wasm-bindgen wrote of the Rust beside what is kept.
// RELUCTANT_WRITE=1 writes what is kept.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../www/src/', import.meta.url);
const head = (source) => `// Written by wasm-bindgen from ${source}; kept by tests/wasm/faces.test.mjs. Do not edit.\n`;

/** Without what only the glue is interested in. */
function face(folder, source) {
  const text = readFileSync(new URL(`worker/${folder}/reluctant.d.ts`, root), 'utf8');
  const own = text.slice(0, text.indexOf('export type InitInput')).replace(/^\/\* .* \*\/\n/gm, '');
  return `${head(source)}${own.trimEnd()}\n\n/** Fetches and starts the package; call once before anything else. */\nexport default function init(): Promise<unknown>;\n`;
}

for (const [name, folder, source = 'crate/src/wasm'] of [
  ['core', 'pkg'],
  ['cpu', 'pkg-cpu', 'crate/cpu/src/wasm.rs'],
  ['gpu', 'pkg-gpu', 'crate/gpu/src/wasm.rs'],
  ['train', 'pkg-train', 'crate/train/src/wasm.rs'],
  ['mpc', 'pkg-mpc', 'crate/mpc/src/wasm.rs'],
]) {
  test(`the face of the package ${name} is the one that the page knows`, () => {
    const kept = new URL(`contract/${name}-package.d.ts`, root);
    if (process.env.RELUCTANT_WRITE) writeFileSync(kept, face(folder, source));
    assert.equal(face(folder, source), readFileSync(kept, 'utf8'));
  });
}
