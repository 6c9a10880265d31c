import { expect, test } from 'vitest';
import { csv } from './csv';

test('quotes what needs quotes and leaves unknown numbers empty', () => {
  expect(
    csv(
      ['a', 'b'],
      [
        ['x,y', 1],
        ['say "no"', null],
        ['two\nlines', 0],
      ],
    ),
  ).toBe('a,b\r\n"x,y",1\r\n"say ""no""",\r\n"two\nlines",0\r\n');
});

test('a name cannot run as a formula in a spreadsheet', () => {
  expect(csv(['n'], [['=HYPERLINK("http://x")'], ['@a'], ['-1'], [-1]])).toBe(
    'n\r\n"\'=HYPERLINK(""http://x"")"\r\n\'@a\r\n\'-1\r\n-1\r\n',
  );
});
