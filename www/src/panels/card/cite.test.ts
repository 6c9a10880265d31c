import { expect, test, vi } from 'vitest';
import { latex, latexRow } from '../../lib/latex';

vi.stubGlobal('VERSION', '1.2.3');
const { bibtex, cited, quoteNumber } = await import('./cite');

const card = {
  title: 'ReLU elements',
  value: 557056,
  unit: 'elements',
  formula: 'sum over the layers',
  with_values: '',
  source: 'Conventions, 100 %',
  leaves_out: '',
  rows: [],
};

test('a figure is cited with its rule, its source and the link', () => {
  expect(cited(quoteNumber(card, 'ResNet-18'), 'http://x/#r1=A')).toBe(
    'ReLU elements of ResNet-18: 557,056 elements. Rule: sum over the layers. Source: Conventions, 100 %. Reluctant 1.2.3, http://x/#r1=A',
  );
});

test('LaTeX prints names as they stand', () => {
  expect(latex('a_b & 100\u00a0% {x}\\~^')).toBe(
    'a\\_b \\& 100\\,\\% \\{x\\}\\textbackslash{}\\textasciitilde{}\\textasciicircum{}',
  );
  expect(latexRow(['Model', 'ReLUs'], ['a_b', '1'], 'note\nwith a break')).toBe(
    '% Model & ReLUs\n% note with a break\na\\_b & 1 \\\\\n',
  );
});

test('an entry for a bibliography holds the same, in fields, with what LaTeX reads otherwise escaped', () => {
  const entry = bibtex(quoteNumber(card, 'my_net'), 'http://x/#r1=A_b', new Date('2026-11-30T12:00:00Z'));
  expect(entry.split('\n')).toEqual([
    expect.stringMatching(/^@misc\{reluctant-relu-elements-of-my-net-[0-9a-z]{1,7},$/),
    '  title = {{ReLU elements of my\\_net: 557,056 elements}},',
    '  howpublished = {Reluctant 1.2.3},',
    '  year = {2026},',
    '  note = {Rule: sum over the layers. Source: Conventions, 100 \\%.},',
    '  url = {http://x/#r1=A_b},',
    '  urldate = {2026-11-30},',
    '}',
    '',
  ]);
  expect(bibtex(quoteNumber(card, 'x'), null, new Date())).not.toContain('url =');
});

test('keys differ wherever what is cited does, and no name unbalances the braces', () => {
  const today = new Date('2026-12-31T23:30:00Z');
  const key = (note: string, link: string | null): string =>
    bibtex({ what: 'Time of x: 1 s', how: [note] }, link, today).split('\n')[0] ?? '';
  const keys = [key('Under A', null), key('Under B', null), key('Under A', 'http://x/#r1=A')];
  expect(new Set(keys).size).toBe(3);
  expect(key('Under A', null)).toBe(keys[0]);

  const entry = bibtex(quoteNumber(card, 'a{b\\}}\u202e'), 'http://x/{#r1=A', today);
  const count = (brace: string): number => entry.split(brace).length;
  expect(count('{')).toBe(count('}'));
  expect(entry).toContain('a\\textbraceleft{}b\\textbackslash{}\\textbraceright{}\\textbraceright{}[U+202E]');
  expect(entry).toContain('year = {2026}');
  expect(entry).toContain('urldate = {2026-12-31}');
});
