/** A row for a table in LaTeX, with a comment that names its columns and what it was made under. */

const SPECIAL: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '\u00b5': '$\\mu$',
  '\u2013': '--',
  '\u00d7': '$\\times$',
  '\u00a0': '\\,',
  '>': '$>$',
};

/** Text that LaTeX prints as it stands. */
export function latex(text: string): string {
  return text.replace(/[\\~^\u00b5\u2013\u00d7\u00a0>&%$#_{}]/g, (c) => SPECIAL[c] ?? `\\${c}`);
}

/** `% columns`, then `a & b \\\\`. */
export function latexRow(columns: readonly string[], cells: readonly string[], note: string): string {
  const comment = (text: string): string => `% ${text.replace(/[\r\n]+/g, ' ')}`;
  return `${comment(columns.join(' & '))}\n${comment(note)}\n${cells.map(latex).join(' & ')} \\\\\n`;
}
