/** The worker that asks the core. It answers one request at a time. Faults of the core pass through unchanged. */
import type { CostSettings, Diff, Spec } from '../contract/core';
import type { Model } from 'reluctant-wasm';
import * as core from 'reluctant-wasm';
import { termsOf } from '../lib/costing';
import type { Compared, Comparison } from '../lib/pareto-report';
import { fetched, once } from './fetched';
import { prepare } from './opened';
import type { Costed, Request, Verb, Verbs } from './protocol';
import type { Tell } from './serve';
import { coreTrap, serve } from './serve';

/** Starts the core. */
const ready = once(() => fetched('The core', () => core.default()));
/** The table, and what keeping every activation costs where the settings change them. */
function compared(model: Model, settings: CostSettings): Costed {
  const { replaced, activation = 'keep' } = settings;
  const changed = replaced !== undefined || activation !== 'keep';
  const [kept = null] = changed ? model.cost(termsOf(settings), false).estimates : [];
  return { table: model.cost_table(settings), kept };
}

function compare({ groups, budgets, accuracies }: Comparison): Compared {
  const marks = groups.map((group) => [Float64Array.from(group.costs), Float64Array.from(group.accuracies)] as const);
  const [costs, all] = marks.at(-1) ?? [new Float64Array(), new Float64Array()];
  return {
    fronts: marks.map((group) => [...core.front(...group)]),
    best: budgets.map((budget) => core.best_at_budget(costs, all, budget) ?? null),
    fewest: accuracies.map((accuracy) => core.fewest_at_accuracy(costs, all, accuracy) ?? null),
  };
}

/** The network of a spec, beside the model. */
function besides(model: Model, spec: Spec, name: string, settings: CostSettings): Diff {
  const made = core.Model.of_spec(spec, name);
  try {
    made.score({ set: {} });
    return made.diff(model, settings);
  } finally {
    made.free();
  }
}

type Answers = { [V in Verb]: (tell: Tell, ask: Verbs[V]['ask']) => Verbs[V]['answer'] };

const answers: Answers = {
  examples: () => core.examples(),
  score(tell, ask) {
    const { score, model } = prepare(tell, ask);
    const link = ask.source.kind === 'link' ? model.link_state() : null;
    return { score, memory: core.memory_bytes(), opensUnder: model.opens_under(), link };
  },
  card(tell, ask) {
    const { model } = prepare(tell, ask);
    return model.card(ask.index ?? undefined, ask.column);
  },
  cost: (tell, ask) => compared(prepare(tell, ask).model, ask.settings),
  costEach(tell, ask) {
    const { model } = prepare(tell, ask);
    return ask.each.map((settings) => model.cost(settings, false));
  },
  costReport: (tell, ask) => prepare(tell, ask).model.cost(ask.settings, true),
  costCard: (tell, ask) => prepare(tell, ask).model.cost_card(ask.index, ask.settings),
  typedCost: (_, { rows, terms }) => ({ table: core.cost_table_of(rows, terms), kept: null }),
  typedCard: (_, { rows, position, terms }) => core.cost_card_of(rows, position, terms),
  protocols: (_, { terms }) => core.protocols(terms),
  settings: () => core.settings(),
  links: () => core.links(),
  reluPrice: (_, { terms }) => core.relu_price(terms),
  compare: (_, ask) => compare(ask),
  whatIf: (tell, ask) => prepare(tell, ask).model.what_if(ask.settings),
  advice: (tell, ask) => prepare(tell, ask).model.advice(ask.settings),
  calibrate: (_, ask) => core.calibrate(ask),
  calibration: (_, own) => core.calibration(own),
  openProfile: (_, text) => core.open_profile(text),
  diffSpec: (tell, ask) => besides(prepare(tell, ask).model, ask.spec, ask.name, ask.settings),
  share: (tell, ask) => prepare(tell, ask).model.link(ask.view, ask.names),
};

function answer<V extends Verb>({ verb, ask }: Request<V>, tell: Tell): Verbs[V]['answer'] {
  return answers[verb](tell, ask);
}

serve<Request>(async (request, tell) => {
  await ready();
  return answer(request, tell);
}, coreTrap);
