/** The worker that designs networks, and answers the lab: what is long here keeps no score waiting. */
import type { CostSettings } from '../contract/core';
import type { Model } from 'reluctant-wasm';
import * as core from 'reluctant-wasm';
import type { DesignCall, DesignVerb, DesignVerbs, Named } from './design-protocol';
import { fetched, once } from './fetched';
import { prepare } from './opened';
import type { Subject } from './protocol';
import type { Tell } from './serve';
import { coreTrap, serve } from './serve';

/** A spec's network, scored. */
function built({ spec, name }: Named): Model {
  const model = core.Model.of_spec(spec, name);
  model.score({ set: {} });
  return model;
}

function beside(a: Named, b: Named, settings: CostSettings) {
  const [one, other] = [built(a), built(b)];
  try {
    return one.diff(other, settings);
  } finally {
    one.free();
    other.free();
  }
}

function gradient(of: Named | Subject, settings: CostSettings, tell: Tell) {
  if (!('spec' in of)) return prepare(tell, of).model.gradient(settings);
  const model = built(of);
  try {
    return model.gradient(settings);
  } finally {
    model.free();
  }
}

/** Scored networks in a fresh state: the core takes them. */
function atlas(more: Subject | null, tell: Tell) {
  const examples = core.examples();
  const [names, models]: [string[], Model[]] = [[], []];
  for (const [done, { id }] of examples.entries()) {
    tell(done, examples.length);
    const model = core.Model.example(id);
    model.score({ set: {} });
    names.push(id);
    models.push(model);
  }
  if (more?.source.kind === 'files') {
    const model = core.Model.open([...more.source.files], () => {});
    names.push(model.score({ set: more.set }).model.name);
    models.push(model);
  }
  return core.atlas(names, models);
}

type Answers = { [V in DesignVerb]: (ask: DesignVerbs[V]['ask'], tell: Tell) => DesignVerbs[V]['answer'] };

const answers: Answers = {
  presets: () => core.presets(),
  claims: () => core.claims(),
  equalise: (settings) => core.equalise(settings),
  equalised: ({ settings, multipliers }) => core.equalised_spec(settings, Uint32Array.from(multipliers)),
  readSpec: (text) => core.read_spec(text),
  onnx: ({ spec, name, seed }) =>
    seed === null ? core.design_structure(spec, name) : core.design_onnx(spec, name, seed),
  pytorch: (spec) => core.design_pytorch(spec),
  sweep: ({ settings, shard, of, every }, tell) => core.explore(settings, shard, of, every, tell),
  merge: (parts) => core.merge(parts),
  trainStart: ({ of, file, plan }) => core.training_start(of, file, plan),
  trainFile: ({ of, file, numbers, drops }) => core.training_file(of, file, numbers, drops),
  trainPlan: ({ of, file, numbers, drops, settings }) => core.training_plan(of, file, numbers, drops, settings),
  trainArrays: ({ first, second }) => core.training_arrays(first, second),
  rankStages: (measured) => core.rank_stages(measured),
  explored: ({ settings, index }) => core.explored_spec(settings, index),
  diff: ({ a, b, settings }) => beside(a, b, settings),
  gradient: ({ of, settings }, tell) => gradient(of, settings, tell),
  atlas,
  exits: ({ at, shares, classes, settings, ...subject }, tell) =>
    prepare(tell, subject).model.exits(at, Float64Array.from(shares), classes, settings),
  ntk: ({ points, width, y, lambda, steps }) =>
    core.ntk(Float64Array.from(points), width, Float64Array.from(y), lambda, steps),
  ascents: ({ slopes, starts, steps, mu }) =>
    slopes.map((slope) => starts.map((start) => core.ascent(slope, start, steps, mu))),
};

const ready = once(() => fetched('The core', () => core.default()));

async function answer<V extends DesignVerb>(
  { verb, ask }: DesignCall<V>,
  tell: Tell,
): Promise<DesignVerbs[V]['answer']> {
  await ready();
  return answers[verb](ask, tell);
}

serve<DesignCall>(answer, coreTrap);
