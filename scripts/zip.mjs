// Packs www/dist into www/reluctant-page.zip: unpacked anywhere, any static host serves it. The same files give the same
// bytes: names in order, one date.
import { createRequire } from 'node:module';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const www = resolve(dirname(fileURLToPath(import.meta.url)), '../www');
const { zipSync } = createRequire(join(www, 'package.json'))('fflate');

const files = {};
const found = await readdir(join(www, 'dist'), { recursive: true, withFileTypes: true });
const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
for (const path of paths.sort())
  files[
    path
      .slice(join(www, 'dist').length + 1)
      .split(sep)
      .join('/')
  ] = await readFile(path);

// Local time, as zip files have it, and their first day.
const zip = zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) });
await writeFile(join(www, 'reluctant-page.zip'), zip);
console.log(
  `www/dist, and packed for any static host: www/reluctant-page.zip, ${zip.length.toLocaleString('en')} bytes`,
);
