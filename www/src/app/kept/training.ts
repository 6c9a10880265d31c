/**
 * A training under way, in this browser's IndexedDB: what was asked for and came out, and a checkpoint of each run. One tab at a
 * time keeps its own. What is read is not trusted: settings and curves are looked through here, checkpoints by the engine.
 */
import { clear, createStore, get, set, setMany } from 'idb-keyval';
import type { Training } from '../../lib/train';
import { trainingOf } from '../../lib/train';

const NOW = 'now';
const GIVEN = 'given';
const store = createStore('reluctant-train', 'runs');

/** A run's bytes: where it stands, or what it made. */
export interface Bytes {
  checkpoint: Uint8Array | null;
  network: Uint8Array | null;
  hits: Uint8Array | null;
  /** Epochs of the curve that the checkpoint holds. */
  told: number;
}

export const keep = (training: Training): Promise<void> => set(NOW, training, store);
/** What a run holds now, with all that is said of it: both or neither. */
export const keepRun = (run: string, bytes: Bytes, training: Training): Promise<void> =>
  setMany(
    [
      [`run:${run}`, bytes],
      [NOW, training],
    ],
    store,
  );

/** A network of Replace that is trained: its file, and a plan for it. */
export interface Given {
  file: Uint8Array;
  plan: string | null;
}

/** Begins anew: nothing of what was kept before stays. */
export async function begin(training: Training, given: Given | null): Promise<void> {
  await clear(store);
  await setMany([[NOW, training], ...(given ? [[GIVEN, given] as [string, unknown]] : [])], store);
}

export async function given(): Promise<Given | null> {
  const found = await get<unknown>(GIVEN, store);
  if (typeof found !== 'object' || found === null) return null;
  const { file, plan } = found as Record<string, unknown>;
  return file instanceof Uint8Array && (plan === null || typeof plan === 'string') ? { file, plan } : null;
}

export const find = async (): Promise<Training | null> => trainingOf(await get<unknown>(NOW, store));

export async function bytesOf(run: string): Promise<Bytes> {
  const found = await get<unknown>(`run:${run}`, store);
  const of = (name: keyof Bytes): Uint8Array | null => {
    const value = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : null;
    return value instanceof Uint8Array ? value : null;
  };
  const told = typeof found === 'object' && found !== null ? (found as { told?: unknown }).told : 0;
  return {
    checkpoint: of('checkpoint'),
    network: of('network'),
    hits: of('hits'),
    told: Number.isInteger(told) ? Number(told) : 0,
  };
}

export const forget = (): Promise<void> => clear(store);
