/** A figure as a text can quote it: value, model, how it was made, sources, what made it, where it opens. */
import type { Card } from '../../contract/core';
import type { CostView } from '../../lib/cost-view';
import { exact } from '../../lib/format';
import { latex } from '../../lib/latex';

const sentences = (parts: readonly string[]): string => parts.map((part) => part.replace(/[.\s]*$/, '.')).join(' ');

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

/** An entry for a bibliography. The sources stand in its note, in the words that the constants have them in. */
export function bibtex({ what, how }: Quote, link: string | null, today: Date): string {
  const key = what
    .replace(/:.*/, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
  const fields = [
    ['title', `{${latex(what)}}`],
    ['howpublished', latex(`Reluctant ${VERSION}`)],
    ['year', String(today.getFullYear())],
    ['note', latex(sentences(how))],
    // An address is not for LaTeX's eyes: the field takes it as it stands.
    ['url', link ?? ''],
    ['urldate', today.toISOString().slice(0, 10)],
  ];
  const lines = fields.filter(([, text]) => text !== '').map(([name, text]) => `  ${name} = {${text}},`);
  return [`@misc{reluctant-${key},`, ...lines, '}', ''].join('\n');
}
