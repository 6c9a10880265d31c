/**
 * The sessions in this browser's IndexedDB: one a tab, a few of the newest. What is read is not trusted: what
 * does not look like a session is none, and its link goes through the checks of any link.
 */
import { clear, createStore, del, entries, get, set } from 'idb-keyval';
import { isLink } from '../../lib/link';
import type { Settings } from '../../lib/types';

export interface Session {
  /** When it was kept, in milliseconds. */
  at: number;
  /** What is on screen, as a link with names. */
  link: string;
  /** What the link's rows came from, where that can be opened again; its files lie beside. */
  model: { kind: 'example'; id: string; set: Settings } | { kind: 'files'; set: Settings } | null;
  /** The last run, as JSON. */
  run: string | null;
  /** Plans before and after the one on screen, as pairs of links: what undo and redo bring. */
  past: [string, string][][];
  future: [string, string][][];
}

/** Sessions that are kept: of tabs that are open, and of those closed last. */
const MOST = 6;
const SESSION = 'session:';
const FILES = 'files:';
const store = createStore('reluctant', 'sessions');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isSettings = (value: unknown): value is Settings => isRecord(value) && Object.values(value).every(isText);

function modelOf(value: unknown): Session['model'] {
  if (!isRecord(value) || !isSettings(value['set'])) return null;
  const { kind, id, set } = value;
  if (kind === 'example' && isText(id)) return { kind, id, set };
  return kind === 'files' ? { kind, set } : null;
}

const isPair = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every(isText);

const plansOf = (value: unknown): [string, string][][] =>
  Array.isArray(value) ? value.flatMap((pairs) => (Array.isArray(pairs) ? [pairs.filter(isPair)] : [])) : [];

/** A stored value as a session; null where it is none. */
export function sessionOf(value: unknown): Session | null {
  if (!isRecord(value)) return null;
  const { at, link, model, run, past, future } = value;
  if (typeof at !== 'number' || !Number.isFinite(at) || !isText(link) || !isLink(link)) return null;
  return {
    at,
    link,
    model: modelOf(model),
    run: isText(run) ? run : null,
    past: plansOf(past),
    future: plansOf(future),
  };
}

/** The tabs that have a session, newest first. */
async function all(): Promise<{ tab: string; session: Session }[]> {
  const found = (await entries<string, unknown>(store)).flatMap(([key, value]) => {
    const session = isText(key) && key.startsWith(SESSION) ? sessionOf(value) : null;
    return session ? [{ tab: key.slice(SESSION.length), session }] : [];
  });
  return found.sort((a, b) => b.session.at - a.session.at);
}

/** The session of a tab, or else the newest one, unless `only` this tab's will do. */
export async function find(tab: string | null, only: boolean): Promise<{ tab: string; session: Session } | null> {
  const found = await all();
  return found.find((one) => one.tab === tab) ?? (only ? null : (found[0] ?? null));
}

export const filesOf = async (tab: string): Promise<readonly File[]> => {
  const files = await get<unknown>(FILES + tab, store);
  return Array.isArray(files) ? files.filter((file) => file instanceof File) : [];
};

export async function keep(tab: string, session: Session): Promise<void> {
  await set(SESSION + tab, session, store);
  for (const old of (await all()).slice(MOST)) await Promise.all([del(SESSION + old.tab, store), drop(old.tab)]);
}

export const keepFiles = (tab: string, files: readonly File[]): Promise<void> => set(FILES + tab, [...files], store);

export const drop = (tab: string): Promise<void> => del(FILES + tab, store);

export const forget = (): Promise<void> => clear(store);
