/**
 * The cost columns of the layer table: as the core priced each row, `no price` where it could not.
 * They read the newest answer when a cell is drawn, so that a slider redraws their cells and no others.
 */
import type { Layer } from '../../contract/core';
import { costs, openFree, openRowCost, openTotalCost } from '../../app/cost.svelte';
import type { Figure } from '../../lib/cost';
import { figureOf, figureText, isBound } from '../../lib/cost-view';
import type { Column, CountColumn } from '../score/columns';

const always = (): boolean => true;
const never = (): boolean => false;

function open(anchor: HTMLElement, layer: Layer, figure: Figure): void {
  const { answer } = costs;
  if (!answer || answer.rows.has(layer.index)) openRowCost(anchor, layer, figure);
  else openFree(anchor, layer.name, answer, figure);
}

/** A row's number; a layer without work costs nothing. */
function valueOf(field: string, { index }: Layer): number | null {
  const rows = costs.answer?.rows;
  if (!rows) return null;
  return rows.has(index) ? rows.value(field, index) : 0;
}

/** What a row adds to the network's figure. Off the longest chain it answers while other rows do: its rounds are theirs. */
function addsOf(id: Figure, field: string, layer: Layer): number {
  const beside = id === 'rounds' && costs.answer?.rows.value('on_path', layer.index) === 0;
  return beside ? 0 : (valueOf(field, layer) ?? 0);
}

/** Seconds are one where some work has no time, everything where some has no price. */
function isRowBound(id: Figure, { index }: Layer): boolean {
  const rows = costs.answer?.rows;
  const missing = rows?.status(index) === 'not-supported';
  return missing || ((id === 'offline' || id === 'online') && rows?.value('partial', index) === 1);
}

/** Widths are tight on purpose: the table fits 1280 px. */
function column(id: Figure, title: string, width: number, shown: CountColumn['shown'], linkOnly = false): CountColumn {
  const field = linkOnly ? `${id}_link` : id;
  return {
    kind: 'count',
    id: `cost:${id}`,
    title: linkOnly ? `${title}, link` : title,
    width,
    shown,
    value: (layer) => valueOf(field, layer),
    adds: (layer) => addsOf(id, field, layer),
    text: (value) => figureText(id, value),
    bound: (layer) => (layer ? isRowBound(id, layer) : costs.answer !== null && isBound(costs.answer.estimate, id)),
    none: (layer) => (costs.answer === null ? '' : valueOf('bytes', layer) === null ? 'no price' : 'not known'),
    why: (layer) => costs.answer?.reasons.get(layer.index) ?? '',
    total: () => (costs.answer ? (figureOf(costs.answer.estimate, id).value ?? 0) : 0),
    card: () => null,
    totalCard: () => null,
    open: (anchor, layer) => open(anchor, layer, id),
    openTotal: (anchor) => costs.answer && openTotalCost(anchor, costs.answer, id),
  };
}

/** `linkOnly`: the protocol has no compute time; `stored`: it is known what the client keeps. */
export function costColumns(linkOnly: boolean, stored: boolean): Column[] {
  return [
    column('offline', 'Offline', 88, always, linkOnly),
    column('online', 'Online', 88, always, linkOnly),
    column('bytes', 'Traffic', 88, always),
    {
      kind: 'text',
      id: 'cost:status',
      title: 'Status',
      width: 88,
      shown: always,
      text: (layer) => {
        const rows = costs.answer?.rows;
        if (!rows) return '';
        const status = rows.status(layer.index);
        return status === 'not-supported' ? 'no price' : (status ?? 'free');
      },
      open: (anchor, layer) => open(anchor, layer, 'bytes'),
    },
    column('rounds', 'Rounds', 80, never),
    ...(stored ? [column('storage', 'Client keeps', 104, never)] : []),
  ];
}
