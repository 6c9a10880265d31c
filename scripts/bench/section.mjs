// docs/bench.md has a section for each benchmark that writes one: its own is made anew, the others stay.
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const path = resolve(import.meta.dirname, '../../docs/bench.md');

/** Prints a section, and puts it in the place of the one with its title: the first line, `# ...`. */
export async function writeSection(text) {
  console.log(text);
  const title = text.slice(0, text.indexOf('\n'));
  const old = await readFile(path, 'utf8').catch(() => '');
  const others = old.split(/^(?=# )/m).filter((section) => section.trim() !== '' && !section.startsWith(title));
  await writeFile(path, [...others.map((section) => `${section.trimEnd()}\n`), text].join('\n'));
}
