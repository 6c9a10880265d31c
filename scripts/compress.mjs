// Gzips what is text or wasm of www/dist into www/dist.gz, for scripts/serve.mjs: hosts compress by themselves, so that the
// folder that is put somewhere holds each file once. What gzip does not make smaller is left out.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Of the files that hosts compress; models and data travel as they are. */
const PACKED = /\.(css|html|js|json|svg|txt|wasm|webmanifest)$/;

/** Writes the copies of `from` anew into `to`. */
export async function compress(from, to) {
  await rm(to, { recursive: true, force: true });
  for (const name of await readdir(from, { recursive: true })) {
    if (!PACKED.test(name)) continue;
    const bytes = await readFile(join(from, name));
    const packed = gzipSync(bytes, { level: 9 });
    if (packed.length >= bytes.length) continue;
    const file = join(to, `${name}.gz`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, packed);
  }
}

const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../www/dist');
if (process.argv[1] === fileURLToPath(import.meta.url)) await compress(dist, `${dist}.gz`);
