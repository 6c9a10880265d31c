/** Published points beside the runs of this page: drawn grey and hollow or solid as they were checked, each named as its source's claim. */
import type { PublishedPoint } from '../../contract/core';
import type { Dot } from '../../charts/plot';
import { exact } from '../../lib/format';
import { colourOf, markOf, shortName, statusText } from '../../lib/pareto';

/** What a published point says, and whose claim it is. */
export const claimOf = ({ method, backbone, relus, accuracy, source, place, status }: PublishedPoint): string =>
  `Published: ${shortName(method)}, ${backbone}, ${relus === null ? 'ReLUs not stated' : `${exact(relus)} ReLUs`}: ${accuracy} %, claimed by ${source}, ${place} (${statusText[status]})`;

export const publishedDots = (points: readonly PublishedPoint[]): Dot[] =>
  points.flatMap((point, at): Dot[] =>
    point.relus === null
      ? []
      : [
          {
            id: `published-${at}`,
            x: point.relus,
            y: point.accuracy,
            series: `published ${point.method}`,
            mark: markOf(point.replacement),
            colour: colourOf(point.method),
            quiet: true,
            strong: true,
            fill: point.status === 'verified' ? 'solid' : point.status === 'conflict' ? 'disputed' : 'hollow',
            name: claimOf(point),
          },
        ],
  );
