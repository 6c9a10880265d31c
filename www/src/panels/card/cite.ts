/** A figure as a text can quote it: value, model, how it was made, sources, what made it, where it opens. */
import type { Card } from '../../contract/core';
import type { CostView } from '../../lib/cost-view';
import { exact } from '../../lib/format';

const sentences = (parts: readonly (string | false)[]): string =>
  parts
    .filter((part): part is string => part !== false && part !== '')
    .map((part) => part.replace(/[.\s]*$/, '.'))
    .join(' ');

const made = (link: string | null): string => `Reluctant ${VERSION}${link === null ? '' : `, ${link}`}`;

export function citeNumber(card: Card, model: string, link: string | null): string {
  const value = card.value === null ? 'unknown' : `${exact(card.value)} ${card.unit}`;
  return `${sentences([
    `${card.title} of ${model}: ${value}`,
    card.formula !== '' && `Rule: ${card.formula}`,
    `Source: ${card.source}`,
    card.leaves_out !== '' && `Leaves out: ${card.leaves_out}`,
  ])} ${made(link)}`;
}

export function citeCost(view: CostView, model: string, link: string | null): string {
  const sources = [...new Set(view.constants.map(({ source }) => source))];
  return `${sentences([
    `${view.title} of ${model}: ${[view.text, view.range].filter(Boolean).join(' ')}`,
    view.note,
    `Under ${view.under}`,
    sources.length > 0 && `Sources: ${sources.join('; ')}`,
    view.leavesOut !== '' && `Leaves out: ${view.leavesOut}`,
  ])} ${made(link)}`;
}
