import { expect, test } from 'vitest';
import { fetched, once } from './fetched';

test('a file that is not there is said so, with what to do', async () => {
  const missing = fetched('The core', () => Promise.reject(new TypeError('Failed to fetch')));
  await expect(missing).rejects.toMatchObject({
    code: 'io',
    message: 'The core could not be fetched (Failed to fetch).',
    hint: expect.stringContaining('reload'),
  });
  // A host that answers everything with its front page.
  const page = fetched('The core', () => Promise.reject(new WebAssembly.CompileError('expected magic word')));
  await expect(page).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('not the file') });
});

test('what is no missing file stays what it is', async () => {
  const full = new RangeError('out of memory');
  await expect(fetched('The core', () => Promise.reject(full))).rejects.toBe(full);
  expect(await fetched('The core', () => Promise.resolve(7))).toBe(7);
});

test('what is there is loaded once, what is not is tried again', async () => {
  let tries = 0;
  const load = once(async () => {
    tries += 1;
    if (tries === 1) throw new TypeError('Failed to fetch');
    return tries;
  });
  await expect(load()).rejects.toThrow(TypeError);
  expect([await load(), await load()]).toEqual([2, 2]);
});
