/** What the page opens with: the link of its address, what was on screen at the last visit, or the first example. */
import { isLink } from '../lib/link';
import { visible } from '../lib/names';
import type { Fault } from '../lib/types';
import { sign } from './kept/sign.svelte';
import { openLink, viewOf } from './link.svelte';
import { isView, route, views } from './routes.svelte';
import { session } from './session.svelte';

/** Fetched where something is kept or is to be: a first visit that only looks does without. */
const keeping = () => import('./kept/keep.svelte');

/** A link that this tab's session began with is where that session is: a reload brings back what was changed since. */
async function openKept(): Promise<boolean> {
  const { hash } = location;
  if (isLink(hash) ? !sign.began(hash) : !sign.any) return false;
  // Where the part that reads it cannot be fetched, the page opens as it does without.
  const keep = await keeping().catch(() => null);
  return keep !== null && (await keep.restore());
}

async function open(): Promise<void> {
  if (await openKept()) return;
  if (isLink(location.hash)) await openLink(location.hash);
  else await session.openExample(session.first);
}

/** Keeps what is on screen from the first thing that a person does: until then there is nothing to lose. */
function keepOnce(): void {
  const events = ['pointerdown', 'keydown', 'change', 'drop', 'hashchange'];
  const touched = (): void => {
    for (const event of events) removeEventListener(event, touched, true);
    // As it was before that: the handlers of the page come after this one.
    const before = JSON.stringify(viewOf([]));
    const { scene } = session;
    void keeping().then(
      (keep) => keep.watch(scene, before),
      () => {},
    );
  };
  for (const event of events) addEventListener(event, touched, true);
}

/** A place that the page does not have: said, and the address speaks of what is shown. */
function checkPlace(hash = location.hash): void {
  if (hash === '' || isLink(hash) || isView(hash)) return;
  history.replaceState(null, '', `#/${route.view}`);
  const fault: Fault = {
    code: 'invalid-setting',
    message: `The address asks for \u201c${visible(hash.slice(1))}\u201d: the page has no such view.`,
    place: {},
    hint: `Views: ${views.map(({ id }) => id).join(', ')}.`,
  };
  session.work.problem = { doing: 'Opening the address', fault };
}

export function openFirst(): void {
  addEventListener('hashchange', () => {
    if (isLink(location.hash)) void openLink(location.hash);
    else checkPlace();
  });
  keepOnce();
  // What is brought back may put its own view into the address.
  const asked = location.hash;
  void open().then(() => checkPlace(asked));
}
