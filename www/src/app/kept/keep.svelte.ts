/**
 * What is on screen outlives a reload and a closed tab: kept as a link with names, as anyone could send it, and
 * brought back the way a link is opened. Beside it the last run's figures, the plans that undo brings, and the
 * model's file where the person asks for that. A failure to keep changes nothing on the page.
 */
import { untrack } from 'svelte';
import { isLink } from '../../lib/link';
import { isFault } from '../../lib/types';
import { core } from '../../worker/client';
import { designNow } from '../design-link';
import { apply, viewOf } from '../link.svelte';
import { openSteps, planPairs, planSteps } from '../replace/link';
import { isView, route } from '../routes.svelte';
import { run } from '../run.svelte';
import type { Scene } from '../session.svelte';
import { session } from '../session.svelte';
import { packed, unpacked } from './result';
import { trained } from '../trained.svelte';
import { sign } from './sign.svelte';
import type { Session } from './store';
import * as store from './store';
import { forget as forgetTraining } from './training';

/** How long the page must have been still. */
const STILL_MS = 400;

class Kept {
  /** When what is on screen was last kept; null before. */
  at = $state<number | null>(null);
  /** Why the browser keeps nothing, or not the file. */
  refused = $state('');
}

export const kept = new Kept();

const whyNot = (error: unknown): string =>
  error instanceof DOMException && error.name === 'QuotaExceededError'
    ? 'the browser gives the page no more room'
    : 'the browser does not let the page keep anything';

/** What came with the kept link; null where the core does not open it. */
async function stateOf(text: string) {
  try {
    return (await core.call('score', { source: { kind: 'link', key: 0, text }, set: {} })).link;
  } catch (error) {
    if (!isFault(error)) throw error;
    return null;
  }
}

/** The model itself where it can be opened again, else the rows of the link. */
async function openModel(tab: string, { model, link }: Session): Promise<boolean> {
  if (model?.kind === 'example' && (await session.openAgain({ kind: 'example', id: model.id }, model.set))) return true;
  if (model?.kind === 'files') {
    const files = await store.filesOf(tab).catch(() => []);
    if (files.length > 0 && (await session.openAgain({ kind: 'files', files }, model.set))) return true;
  }
  return (await session.openLink(link, 'Bringing back the last visit')) !== null;
}

/** Puts on screen what was there at the last visit; false where nothing is kept, or it does not open. */
export async function restore(): Promise<boolean> {
  const linked = isLink(location.hash);
  const place = location.hash;
  try {
    const found = await store.find(sign.tab, linked);
    const state = found && (await stateOf(found.session.link));
    if (!found || !state || !(await openModel(found.tab, found.session))) return false;
    const { source } = session;
    await apply(state);
    if (session.source !== source || !source) return true;
    openSteps(found.session.past, found.session.future);
    const result = found.session.run === null ? null : unpacked(found.session.run, source);
    if (result) run.receive(result);
    sign.again = source;
    // The address says more of the view than what was kept.
    if (isView(place)) route.view = place.slice(2);
    else if (!linked) history.replaceState(null, '', `#/${route.view}`);
    return true;
  } catch (error) {
    kept.refused = whyNot(error);
    return false;
  }
}

/** This tab's name. A tab that was made as a copy of another takes one of its own: the other holds the name as long as it lives. */
async function claim(): Promise<string> {
  const known = sign.tab;
  const held = (name: string): Promise<boolean> =>
    new Promise((done) => {
      if (!('locks' in navigator)) return done(true);
      void navigator.locks.request(`reluctant.${name}`, { ifAvailable: true }, (lock) => {
        done(lock !== null);
        return lock && new Promise(() => {});
      });
    });
  if (known !== null && (await held(known))) return known;
  const name = Math.random().toString(36).slice(2);
  await held(name);
  sign.name(name);
  return name;
}

function modelNow(): Session['model'] {
  const { source, set } = session;
  if (source?.kind === 'example') return { kind: 'example', id: source.id, set };
  return source?.kind === 'files' ? { kind: 'files', set } : null;
}

/** Everything that is kept, read so that an effect hears of each change. */
function read() {
  const { source, set } = session;
  const view = viewOf([...planPairs(), ...designNow(), ...trained.ofLink()]);
  const { past, future } = planSteps();
  return { source, set, view, past, future, result: run.result, files: sign.files };
}

let tab: Promise<string> | null = null;
let filed: unknown = null;

async function keep(): Promise<void> {
  const { source, set, view, past, future, result, files } = untrack(read);
  if (!source || sign.paused) return;
  const model = modelNow();
  const began = isLink(location.hash) ? location.hash : null;
  const link = await core.call('share', { source, set, view, names: true }, { brief: true });
  const name = await (tab ??= claim());
  // Forgotten meanwhile, or another model.
  if (sign.paused || session.source !== source) return;
  const at = Date.now();
  const run = result && packed(result);
  await store.keep(name, { at, link, model, run, past, future });
  sign.raise(began);
  Object.assign(kept, { at, refused: '' });
  const wanted = files && source.kind === 'files' ? source : null;
  if (wanted === filed) return;
  filed = wanted;
  await (wanted ? store.keepFiles(name, wanted.files) : store.drop(name));
}

async function keepNow(): Promise<void> {
  try {
    await keep();
  } catch (error) {
    // The core is busy with something newer, or says elsewhere what is wrong.
    if (!isFault(error)) kept.refused = whyNot(error);
  }
}

/** Keeps what changes, once it is not as it was `before` any more: a view's text, and the scene of then. */
export function watch(scene: Scene | null, before: string): void {
  let timer = 0;
  let changed = false;
  const soon = (ms: number): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void keepNow(), ms);
  };
  $effect.root(() => {
    $effect(() => {
      const { source, set, view, past, result } = read();
      if (!source) return;
      scene ??= session.scene;
      const same = source === scene?.source && set === scene.set && past.length === 0 && !result;
      changed ||= !same || JSON.stringify(viewOf([])) !== before || view.settings.some(([key]) => key === 'plan.wish');
      if (changed) soon(STILL_MS);
    });
  });
  document.addEventListener('visibilitychange', () => {
    if (changed && document.visibilityState === 'hidden') soon(0);
  });
}

/** Nothing is kept any more, of no tab; nor is anything more from this page. */
export async function forget(): Promise<void> {
  sign.paused = true;
  sign.lower();
  Object.assign(kept, { at: null, refused: '' });
  try {
    await store.forget();
    await forgetTraining();
  } catch (error) {
    kept.refused = whyNot(error);
  }
}
