import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import about from './package.json' with { type: 'json' };
import { policy } from '../scripts/csp.mjs';

/** Writes the policy into the built page; the development server needs inline scripts and goes without. */
const metaPolicy: Plugin = {
  name: 'meta-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: policy },
      injectTo: 'head-prepend',
    },
  ],
};

/** What the page asks first and the core answered during the build (scripts/first.mjs). */
const firstAnswers: Plugin = {
  name: 'first-answers',
  resolveId: (id) => (id === 'virtual:first-answers' ? `\0${id}` : null),
  load(id) {
    if (id !== '\0virtual:first-answers') return null;
    const file = fileURLToPath(new URL('./src/worker/pkg/first.json', import.meta.url));
    this.addWatchFile(file);
    const answers = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { answer: unknown }[]) : [];
    return `export default ${JSON.stringify(answers.map((one) => ({ ...one, answer: JSON.stringify(one.answer) })))};`;
  },
};

/** Models beside the page (made by scripts/), by file name. */
const folder = fileURLToPath(new URL('./public/examples', import.meta.url));
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.onnx')) : [];

export default defineConfig({
  // Relative addresses: the built folder works from any path of any static host.
  base: './',
  plugins: [svelte(), metaPolicy, firstAnswers],
  resolve: {
    alias: {
      // Made by scripts/build, the core and the engines; typed by hand in src/worker/wasm.d.ts.
      'reluctant-cpu-wasm': fileURLToPath(new URL('./src/worker/pkg-cpu/reluctant.js', import.meta.url)),
      'reluctant-gpu-wasm': fileURLToPath(new URL('./src/worker/pkg-gpu/reluctant.js', import.meta.url)),
      'reluctant-train-wasm': fileURLToPath(new URL('./src/worker/pkg-train/reluctant.js', import.meta.url)),
      'reluctant-mpc-wasm': fileURLToPath(new URL('./src/worker/pkg-mpc/reluctant.js', import.meta.url)),
      'reluctant-wasm': fileURLToPath(new URL('./src/worker/pkg/reluctant.js', import.meta.url)),
    },
  },
  define: { EXAMPLE_FILES: JSON.stringify(files), VERSION: JSON.stringify(about.version) },
  build: {
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // The policy allows no inline script, and data: addresses for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'logic', include: ['src/**/*.test.ts'], exclude: ['**/*.svelte.test.ts'], environment: 'node' },
      },
      // What holds state, compiled for a browser.
      {
        extends: true,
        resolve: { conditions: ['browser'] },
        test: {
          name: 'state',
          include: ['src/**/*.svelte.test.ts'],
          environment: './vitest.page.ts',
          server: { deps: { inline: ['svelte'] } },
        },
      },
    ],
  },
});
