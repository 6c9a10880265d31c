/** Views are places in the fragment, `#/score`, so that Back works; the first where there is none, and an unknown one changes nothing. */

import { isLink } from '../lib/link';

export interface View {
  id: string;
  title: string;
  /** The view that it is a part of, and is reached from. */
  of?: string;
}

export const views: readonly View[] = [
  { id: 'score', title: 'Score' },
  { id: 'replace', title: 'Replace' },
  { id: 'design', title: 'Design' },
  { id: 'lab', title: 'Lab', of: 'design' },
  { id: 'train', title: 'Train' },
  { id: 'run', title: 'Run' },
  { id: 'live', title: 'Live', of: 'run' },
  { id: 'calculator', title: 'Calculator' },
  { id: 'compare', title: 'Compare' },
  { id: 'what-if', title: 'What if', of: 'compare' },
  { id: 'validation', title: 'Validation', of: 'compare' },
  { id: 'calibrate', title: 'Calibrate', of: 'compare' },
];

/** A fragment that is the place of a view. */
export const isView = (fragment: string): boolean => views.some(({ id }) => fragment === `#/${id}`);

const view = (): string => (isView(location.hash) ? location.hash.slice(2) : 'score');

class Route {
  view = $state(view());
}

export const route = new Route();
addEventListener('hashchange', () => {
  const next = view();
  const unknown = location.hash !== '' && !isView(location.hash) && !isLink(location.hash);
  if (unknown || next === route.view) return;
  route.view = next;
  scrollTo(0, 0);
});
