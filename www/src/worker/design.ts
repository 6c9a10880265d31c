/** The worker that designs networks, and answers the lab: what is long here keeps no score waiting. */
import type { CostSettings, Estimate } from '../contract/core';
import type { Model } from 'reluctant-wasm';
import * as core from 'reluctant-wasm';
import type { Cleaned, DesignCall, DesignVerb, DesignVerbs, MadeCell, Named } from './design-protocol';
import { fetched, once } from './fetched';
import { prepare } from './opened';
import type { Fault, Settings } from '../lib/types';
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

/** What files take, opened and scored for it alone. */
function priced(files: readonly File[], set: Settings, settings: CostSettings): Estimate[] {
  const model = core.Model.open([...files], () => {});
  try {
    model.score({ set });
    return model.cost(settings, false).estimates;
  } finally {
    model.free();
  }
}

function exitSearch({ wish, settings, ...subject }: DesignVerbs['exitSearch']['ask'], tell: Tell) {
  const unseen = core.Heads.unseen();
  try {
    return prepare(tell, subject).model.exit_search(wish, unseen, settings, tell);
  } finally {
    unseen.free();
  }
}

function clean({ source, set, settings }: DesignVerbs['clean']['ask'], tell: Tell): Cleaned {
  const files = source.kind === 'files' ? source.files : [];
  const file = files.find(({ name }) => /\.onnx$/i.test(name)) ?? files[0];
  if (!file) {
    const fault: Fault = {
      code: 'missing-data',
      message: 'There is no file to clean.',
      place: {},
      hint: 'Open an export.',
    };
    throw fault;
  }
  const { report, pieces } = core.clean(file, { set });
  // Ranges of the file stay ranges.
  const parts = pieces.map((piece) => (piece instanceof Uint8Array ? piece : file.slice(...piece)));
  const made = new File(parts, `${file.name.replace(/\.onnx$/i, '')}-clean.onnx`);
  const [before = null] = prepare(tell, { source, set }).model.cost(settings, false).estimates;
  const [after = null] = priced([made, ...files.filter((one) => one !== file)], set, settings);
  return { report, file: made, before, after };
}

function cell({ nodes, width, numbers, settings }: DesignVerbs['cell']['ask']): MadeCell {
  const made = core.cell(Uint32Array.from(nodes), width, numbers);
  return { ...made, estimates: settings ? priced([new File([made.file], 'cell.onnx')], {}, settings) : [] };
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
  trainFolder: ({ of, file, x, y, testX, testY }) => core.training_folder(of, file, x, y, testX, testY),
  trainArrays: ({ first, second }) => core.training_arrays(first, second),
  rankStages: (measured) => core.rank_stages(measured),
  explored: ({ settings, index }) => core.explored_spec(settings, index),
  diff: ({ a, b, settings }) => beside(a, b, settings),
  gradient: ({ of, settings }, tell) => gradient(of, settings, tell),
  atlas,
  exits: ({ at, shares, classes, settings, ...subject }, tell) =>
    prepare(tell, subject).model.exits(at, Float64Array.from(shares), classes, settings),
  exitSearch,
  gated: ({ settings, ...subject }, tell) => prepare(tell, subject).model.gated(settings),
  clean,
  cellsStart: (settings) => core.cells_start(settings),
  cell,
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
