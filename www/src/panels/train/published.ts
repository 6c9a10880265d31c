/** Published points beside the runs of this page: drawn grey and hollow or solid as they were checked, each named as its source's claim. */
import type { PublishedPoint } from '../../contract/core';
import type { Dot } from '../../charts/plot';
import { exact, plural } from '../../lib/format';
import { colourOf, markOf, shortName, statusText } from '../../lib/pareto';
import type { PublishedSet } from '../../lib/train';
import { SETS } from '../../lib/train';

/** Where the runs beside published points come from: only images that were trained on in this browser were looked at. */
export type Origin = 'here' | 'link' | 'file';

const WORDS: Record<Origin, { whose: string; word: string }> = {
  here: { whose: 'ours, trained in this page', word: 'who trained: their size and classes are all that was checked' },
  link: {
    whose: 'the link\u2019s, not trained here',
    word: 'who trained and sent the link: nothing of it was checked',
  },
  file: { whose: 'the file\u2019s, not trained here', word: 'the file: nothing of it was checked' },
};

/** What the runs are worth beside what is published on a set. */
export function worthOf(set: PublishedSet, tested: number, origin: Origin): string {
  const { whose, word } = WORDS[origin];
  const fewer = tested === SETS[set].test ? '' : `; the set has ${exact(SETS[set].test)}`;
  return `The coloured ones are ${whose}, on ${plural(tested, 'test image')}${fewer}. That the images are ${set}\u2019s is the word of ${word}.`;
}

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
