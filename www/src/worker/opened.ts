/**
 * The last model that a worker opened, under its settings; a request for another opens that first and lets the old one go only
 * when the new one is there.
 */
import type { Score } from '../contract/core';
import { Model } from 'reluctant-wasm';
import type { Settings } from '../lib/types';
import type { Source, Subject } from './protocol';
import type { Tell } from './serve';

let open: { key: number; model: Model; set: string; score: Score } | null = null;

function load(source: Source, progress: Tell): Model {
  switch (source.kind) {
    case 'example':
      return Model.example(source.id);
    case 'files':
      return Model.open([...source.files], progress);
    case 'link':
      return Model.from_link(source.text);
  }
}

/** The model of a request, scored with its settings. */
export function prepare(tell: Tell, { source, set }: Subject): { model: Model; score: Score } {
  const wanted = JSON.stringify(set);
  if (open?.key === source.key && open.set === wanted) return open;
  const known = open?.key === source.key ? open.model : null;
  const model = known ?? load(source, tell);
  let score: Score;
  try {
    score = scored(model, set);
  } catch (error) {
    if (model === known) {
      // A setting the model refuses: what the next card asks about must be scored again.
      open = open && { ...open, set: '' };
    } else {
      model.free();
    }
    throw error;
  }
  if (open && open.model !== model) open.model.free();
  open = { key: source.key, model, set: wanted, score };
  return open;
}

function scored(model: Model, set: Settings): Score {
  return model.score({ set });
}
