import { expect, test } from 'vitest';
import { visible } from './names';

test('ordinary names, other scripts and markup stay as they are', () => {
  for (const name of ['layer1.0/Conv', '\u5377\u79ef', '\u05d0\u05d1', '<b>x</b>', '\u{1f9e0}']) {
    expect(visible(name)).toBe(name);
  }
});

test.each([
  ['a\u202eb', 'a[U+202E]b'],
  ['a\u0000b\nc', 'a[U+0000]b[U+000A]c'],
  ['\u200bzero', '[U+200B]zero'],
  ['\u2066x\u2069', '[U+2066]x[U+2069]'],
  ['\ufeff', '[U+FEFF]'],
  ['tag\u{e0041}', 'tag[U+E0041]'],
  ['\ud800', '[U+D800]'],
])('hidden characters show: %j', (name, shown) => {
  expect(visible(name)).toBe(shown);
});

test('long names keep both ends', () => {
  const shown = visible(`start${'x'.repeat(100_000)}end`);
  expect(shown.length).toBeLessThan(260);
  expect(shown.startsWith('start')).toBe(true);
  expect(shown.endsWith('end')).toBe(true);
});
