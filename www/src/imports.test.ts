/** Who may import whom: panels -> app -> worker client; charts and lib are leaves; one importer of the core. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = import.meta.dirname;
const allowed: Record<string, readonly string[]> = {
  lib: ['lib'],
  charts: ['charts', 'lib'],
  worker: ['worker', 'lib'],
  app: ['app', 'lib', 'worker/client'],
  panels: ['panels', 'app', 'charts', 'lib'],
};
/** The shell composes the panels; it is the only file of app/ that knows them. */
const shell = 'app/Shell.svelte';

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.(ts|svelte)$/.test(name) && !/\.(test|d)\.ts$/.test(name) && !name.startsWith('worker/pkg'),
);

const imports = (name: string): string[] =>
  [...readFileSync(join(root, name), 'utf8').matchAll(/(?:from|import)\s+'([^']+)'/g)].map((m) => m[1] ?? '');

test.each(files)('%s imports what it may', (name) => {
  const folder = name.split('/')[0] ?? '';
  const may = [...(allowed[folder] ?? ['app', 'lib']), ...(name === shell ? ['panels'] : [])];
  for (const target of imports(name)) {
    if (target === 'reluctant-wasm') expect(name).toBe('worker/worker.ts');
    if (!target.startsWith('.')) continue;
    const path = relative(root, resolve(root, dirname(name), target));
    expect(may.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)), `${name} imports ${path}`).toBe(true);
  }
});
