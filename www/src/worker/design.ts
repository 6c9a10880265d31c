/** The worker that designs networks: it holds no model, so that a sweep keeps nothing else waiting. */
import * as core from 'reluctant-wasm';
import type { DesignCall, DesignVerb, DesignVerbs } from './design-protocol';
import { fetched, once } from './fetched';
import type { Tell } from './serve';
import { coreTrap, serve } from './serve';

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
  sweep: ({ settings, shard, of }, tell) => core.explore(settings, shard, of, tell),
  merge: (parts) => core.merge(parts),
  trainStart: (ask) => core.training_start(ask),
  trainFile: ({ of, numbers }) => core.training_file(of, numbers),
  trainArrays: (bytes) => core.training_arrays(bytes),
  explored: ({ settings, index }) => core.explored_spec(settings, index),
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
