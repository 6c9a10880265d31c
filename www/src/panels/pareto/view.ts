/** From the core's comparison to what the chart draws. */
import type { ParetoReport, Published } from '../../contract/core';
import type { Kept } from '../../app/pareto.svelte';
import type { Dot, Line } from '../../charts/plot';
import { visible } from '../../lib/names';
import { colourOf, isListed, isVariant, markOf, shortName } from '../../lib/pareto';
import { brief, costText } from './facts';

/** Sources this far apart disagree; less is rounding. */
const DISPUTED = 1;

export const idOf = (index: number): string => `p${index}`;

export function dotsOf(report: ParetoReport, published: Published, own: readonly Kept[]): Dot[] {
  const strong = new Set(report.fronts.flatMap((front) => front.points));
  const disputed = new Set(
    published.conflicts.filter(({ spread }) => spread >= DISPUTED).flatMap(({ points }) => points),
  );
  const dots = report.points.flatMap(({ index, cost }): Dot[] => {
    const point = published.points[index];
    if (!point) return [];
    const isDisputed = point.status === 'conflict' || disputed.has(index);
    return [
      {
        id: idOf(index),
        x: cost,
        y: point.accuracy,
        series: point.method,
        mark: markOf(point.replacement),
        colour: colourOf(point.method),
        strong: strong.has(index) || cost === null,
        fill: isDisputed ? 'disputed' : point.status === 'verified' ? 'solid' : 'hollow',
        name: [
          brief(point, report.axis, cost),
          point.backbone,
          `ReLUs became ${point.replacement}`,
          isDisputed ? 'disputed' : point.status,
          cost === null ? 'cost not published' : strong.has(index) ? 'on the front of its method' : 'dominated',
        ].join(', '),
      },
    ];
  });
  const mine = report.own.flatMap(({ cost }, i): Dot[] => {
    const point = own[i];
    if (!point) return [];
    const accuracy = point.accuracy === null ? 'accuracy not known' : `${point.accuracy}\u00a0%`;
    return [
      {
        id: `own${point.id}`,
        x: cost,
        y: point.accuracy,
        series: '\uffffown',
        mark: 'circle',
        colour: 'accent',
        strong: true,
        fill: 'solid',
        own: point.id === 0 ? 'current' : 'kept',
        name: `${visible(point.name)}, ${point.id === 0 ? 'on the page' : 'pinned'}, ${costText(report.axis, cost)}, ${accuracy}`,
      },
    ];
  });
  return [...dots, ...mine];
}

export function linesOf(report: ParetoReport, published: Published): Line[] {
  const costs = new Map(report.points.map(({ index, cost }) => [index, cost]));
  return report.fronts.map(({ method, points }) => ({
    id: method,
    label: shortName(method),
    colour: colourOf(method),
    listed: isListed(method),
    dashed: isVariant(method),
    points: points.flatMap((index): [number, number][] => {
      const [cost, point] = [costs.get(index), published.points[index]];
      return cost == null || !point ? [] : [[cost, point.accuracy]];
    }),
  }));
}
