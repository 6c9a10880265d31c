/** The cost columns of the layer table: as the core priced each row, `no price` where it could not. */
import type { Answer } from '../../app/cost.svelte';
import { openFree, openRowCost, openTotalCost } from '../../app/cost.svelte';
import type { Figure } from '../../lib/cost';
import { figureOf, figureText } from '../../lib/cost-view';
import type { Layer } from '../../lib/types';
import type { Column, CountColumn } from '../score/columns';

const always = (): boolean => true;
const never = (): boolean => false;

function open(answer: Answer | null, anchor: HTMLElement, layer: Layer, figure: Figure): void {
  if (!answer || answer.rows.has(layer.index)) openRowCost(anchor, layer, figure);
  else openFree(anchor, layer.name, answer, figure);
}

/** Widths are tight on purpose: the table fits 1280 px. */
function figure(answer: Answer | null, id: Figure, title: string, width: number, shown: CountColumn['shown']): CountColumn {
  const linkOnly = answer !== null && figureOf(answer.estimate, id).linkOnly;
  const field = linkOnly ? `${id}_link` : id;
  const reasons = new Map(answer?.estimate.unpriced.map(({ index, reason }) => [index, reason]));
  const priced = (layer: Layer): boolean => answer?.rows.value('bytes', layer.index) != null;
  return {
    kind: 'count',
    id: `cost:${id}`,
    title: linkOnly ? `${title}, link` : title,
    width,
    shown,
    value: (layer) => (answer === null ? null : answer.rows.has(layer.index) ? answer.rows.value(field, layer.index) : 0),
    text: (value) => figureText(id, value),
    none: (layer) => (answer === null ? '' : priced(layer) ? 'not known' : 'no price'),
    why: (layer) => reasons.get(layer.index) ?? '',
    total: () => (answer ? (figureOf(answer.estimate, id).value ?? 0) : 0),
    card: () => null,
    totalCard: () => null,
    open: (anchor, layer) => open(answer, anchor, layer, id),
    openTotal: (anchor) => answer && openTotalCost(anchor, answer, id),
  };
}

export function costColumns(answer: Answer | null): Column[] {
  const stored = answer?.estimate.client_storage_bytes != null;
  return [
    figure(answer, 'offline', 'Offline', 88, always),
    figure(answer, 'online', 'Online', 88, always),
    figure(answer, 'bytes', 'Traffic', 88, always),
    {
      kind: 'text',
      id: 'cost:status',
      title: 'Status',
      width: 88,
      shown: always,
      text: (layer) => {
        const status = answer?.rows.status(layer.index);
        if (!answer) return '';
        return status === 'not-supported' ? 'no price' : (status ?? 'free');
      },
      open: (anchor, layer) => open(answer, anchor, layer, 'bytes'),
    },
    figure(answer, 'rounds', 'Rounds', 80, never),
    ...(stored ? [figure(answer, 'storage', 'Client keeps', 104, never)] : []),
  ];
}
