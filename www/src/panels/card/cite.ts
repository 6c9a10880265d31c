/** A figure as a text can quote it: value, model, how it was made, sources, what made it, where it opens. */
import type { Card } from '../../contract/core';
import type { CostView } from '../../lib/cost-view';
import { exact } from '../../lib/format';
import { latex } from '../../lib/latex';
import { visible } from '../../lib/names';

/** Names of strangers stand among the words: each word is shown as a name is. */
const shown = (text: string): string => text.replace(/[^ ]+/g, (word) => visible(word));

const sentences = (parts: readonly string[]): string =>
  parts.map((part) => shown(part).replace(/[.\s]*$/, '.')).join(' ');

/** What is quoted, and how it came about, a sentence each. */
export interface Quote {
  what: string;
  how: readonly string[];
}

const said = (how: readonly (string | false)[]): string[] =>
  how.filter((part): part is string => part !== false && part !== '');

export function quoteNumber(card: Card, model: string): Quote {
  const value = card.value === null ? 'unknown' : `${exact(card.value)} ${card.unit}`;
  return {
    what: `${card.title} of ${model}: ${value}`,
    how: said([
      card.formula !== '' && `Rule: ${card.formula}`,
      `Source: ${card.source}`,
      card.leaves_out !== '' && `Leaves out: ${card.leaves_out}`,
    ]),
  };
}

export function quoteCost(view: CostView, model: string): Quote {
  const sources = [...new Set([...view.constants.map(({ source }) => source), ...(view.sources ?? [])])];
  return {
    what: `${view.title} of ${model}: ${[view.text, view.range].filter(Boolean).join(' ')}`,
    how: said([
      view.note,
      `Under ${view.under}`,
      sources.length > 0 && `Sources: ${sources.join('; ')}`,
      view.leavesOut !== '' && `Leaves out: ${view.leavesOut}`,
    ]),
  };
}

export const cited = ({ what, how }: Quote, link: string | null): string =>
  `${sentences([what, ...how])} Reluctant ${VERSION}${link === null ? '' : `, ${link}`}`;

/** BibTeX counts braces whether or not LaTeX reads them as letters: those of a text get names. */
const field = (text: string): string =>
  latex(text).replace(/\\([{}])/g, (_, brace) => (brace === '{' ? '\\textbraceleft{}' : '\\textbraceright{}'));

/** FNV-1a of a text, in 32 bits: tells entries apart, no more. */
function hash(text: string): string {
  let all = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) all = Math.imul(all ^ byte, 0x01000193) >>> 0;
  return all.toString(36);
}

/**
 * An entry for a bibliography. The sources stand in its note, in the words that the constants have them in. Its key says
 * what figure it is, and tells it from the same figure of another value, protocol, link or plan.
 */
export function bibtex({ what, how }: Quote, link: string | null, today: Date): string {
  const name = what
    .replace(/:.*/, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
  const key = `${name}-${hash(JSON.stringify([what, how, link]))}`;
  const date = today.toISOString().slice(0, 10);
  const fields = [
    ['title', `{${field(shown(what))}}`],
    ['howpublished', field(`Reluctant ${VERSION}`)],
    ['year', date.slice(0, 4)],
    ['note', field(sentences(how))],
    // An address is not for LaTeX's eyes: the field takes it as it stands, but for braces.
    ['url', link?.replace(/[{}]/g, encodeURIComponent) ?? ''],
    ['urldate', date],
  ];
  const lines = fields.filter(([, text]) => text !== '').map(([name, text]) => `  ${name} = {${text}},`);
  return [`@misc{reluctant-${key},`, ...lines, '}', ''].join('\n');
}
