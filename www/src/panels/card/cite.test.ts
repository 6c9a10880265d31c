import { expect, test, vi } from 'vitest';
import { latex, latexRow } from '../../lib/latex';

vi.stubGlobal('VERSION', '1.2.3');
const { citeNumber } = await import('./cite');

test('a figure is cited with its rule, its source and the link', () => {
  const card = {
    title: 'ReLU elements',
    value: 557056,
    unit: 'elements',
    formula: 'sum over the layers',
    with_values: '',
    source: 'Conventions',
    leaves_out: '',
    rows: [],
  };
  expect(citeNumber(card, 'ResNet-18', 'http://x/#r1=A')).toBe(
    'ReLU elements of ResNet-18: 557,056 elements. Rule: sum over the layers. Source: Conventions. Reluctant 1.2.3, http://x/#r1=A',
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
