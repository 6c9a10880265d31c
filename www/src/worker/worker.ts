/**
 * The worker: the only importer of the wasm package. It answers one request at a time and caches
 * the last model opened; a request for another model opens that first and lets the old one go
 * only when the new one is there. Faults of the core pass through unchanged.
 */
import init, { Model, cost_card_of, cost_table_of, examples, links, memory_bytes, protocols } from 'reluctant-wasm';
import type { CostSettings, CostTable } from '../lib/cost';
import type { Fault, Score, Settings } from '../lib/types';
import { isFault } from '../lib/types';
import type { Costed, Reply, Request, Source, Subject, Verb, Verbs } from './protocol';

const ready = init();

let open: { key: number; model: Model; set: string; score: Score } | null = null;

const post = (reply: Reply): void => self.postMessage(reply);

function load(source: Source, progress: (done: number, total: number) => void): Model {
  return source.kind === 'example'
    ? Model.example(source.id)
    : Model.open([...source.files], progress);
}

/** The model of a request, scored with its settings. */
function prepare(id: number, { source, set }: Subject): { model: Model; score: Score } {
  const wanted = JSON.stringify(set);
  if (open?.key === source.key && open.set === wanted) return open;
  const known = open?.key === source.key ? open.model : null;
  const model = known ?? load(source, (done, total) => post({ id, type: 'progress', done, total }));
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

/** The table, and what keeping every activation costs where the settings change them. */
function compared(settings: CostSettings, price: (settings: CostSettings) => CostTable): Costed {
  const table = price(settings);
  const changed = settings.activation !== undefined && settings.activation !== 'keep';
  const kept = changed ? price({ ...settings, activation: 'keep' }).report.estimates[0] : undefined;
  return { table, kept: kept ?? null };
}

type Answers = { [V in Verb]: (id: number, ask: Verbs[V]['ask']) => Verbs[V]['answer'] };

const answers: Answers = {
  examples: () => examples(),
  score(id, ask) {
    const { score } = prepare(id, ask);
    return { score, memory: memory_bytes() };
  },
  card(id, ask) {
    const { model } = prepare(id, ask);
    return model.card(ask.index ?? undefined, ask.column);
  },
  cost(id, ask) {
    const { model } = prepare(id, ask);
    return compared(ask.settings, (settings) => model.cost_table(settings));
  },
  costReport: (id, ask) => prepare(id, ask).model.cost({ ...ask.settings, layers: true }),
  costCard: (id, ask) => prepare(id, ask).model.cost_card(ask.index, ask.settings),
  typedCost: (_, { rows, settings }) => compared(settings, (other) => cost_table_of(rows, other)),
  typedCard: (_, { rows, position, settings }) => cost_card_of(rows, position, settings),
  protocols: (_, { settings }) => protocols(settings),
  links: () => links(),
};

function answer<V extends Verb>({ id, verb, ask }: Request<V>): Verbs[V]['answer'] {
  return answers[verb](id, ask);
}

/** A trap leaves the core in no state to go on; the page starts a fresh worker. */
function trap(error: unknown): Fault {
  const detail = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `The core stopped unexpectedly (${detail}).`,
    place: {},
    hint: 'This is a fault of Reluctant, not of the file; the page has started a fresh core and goes on. Please report it with the structure of the model.',
  };
}

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  const { id } = data;
  try {
    await ready;
    post({ id, type: 'answer', answer: answer(data) });
  } catch (error) {
    const known = isFault(error);
    post({ id, type: 'fault', fault: known ? error : trap(error), fatal: !known });
  }
};
