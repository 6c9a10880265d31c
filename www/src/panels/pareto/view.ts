/** From the core's comparison to what the chart draws. */
import type { ParetoReport, Published } from '../../contract/core';
import type { Kept } from '../../app/pareto.svelte';
import type { Dot, Line } from '../../charts/plot';
import { visible } from '../../lib/names';
import { colourOf, isListed, isVariant, markOf, shortName } from '../../lib/pareto';
import { brief, costText } from './facts';

/** The line of all methods together. */
export const FRONT = 'front';

/** Sources this far apart disagree; less is rounding. */
const DISPUTED = 1;

export const idOf = (index: number): string => `p${index}`;

/** `asked`: the method whose colour was asked for; the others are grey, but for what no other dominates. */
export function dotsOf(
  report: ParetoReport,
  published: Published,
  own: readonly Kept[],
  asked: string | null = null,
): Dot[] {
  const best = new Set(report.front);
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
        quiet: point.method !== asked && !best.has(index),
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
        ...(point.measured?.interval && { span: point.measured.interval }),
        name: `${visible(point.name)}, ${point.id === 0 ? 'on the page' : 'pinned'}, ${costText(report.axis, cost)}, ${accuracy}`,
      },
    ];
  });
  return [...dots, ...mine];
}

export function linesOf(report: ParetoReport, published: Published, asked: string | null = null): Line[] {
  const costs = new Map(report.points.map(({ index, cost }) => [index, cost]));
  const placed = (points: readonly number[]): [number, number][] =>
    points.flatMap((index): [number, number][] => {
      const [cost, point] = [costs.get(index), published.points[index]];
      return cost == null || !point ? [] : [[cost, point.accuracy]];
    });
  const methods = report.fronts.map(({ method, points }): Line => ({
    id: method,
    label: shortName(method),
    colour: colourOf(method),
    listed: isListed(method),
    quiet: method !== asked,
    dashed: isVariant(method),
    points: placed(points),
  }));
  if (report.front.length === 0) return methods;
  const points = placed(report.front);
  return [
    ...methods,
    { id: FRONT, label: 'best published', colour: 'ink', listed: true, quiet: false, dashed: false, points },
  ];
}
