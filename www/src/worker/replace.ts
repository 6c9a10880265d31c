/**
 * What the worker that runs models answers about replacing activations. The last bench stays open with
 * what it saw of the data; every request carries all that it needs to open it again.
 */
import type { PlanFile, RunPort } from '../contract/core';
import type { RunData } from 'reluctant-wasm';
import { Bench } from 'reluctant-wasm';
import { isFault } from '../lib/types';
import { needCpu } from './cpu';
import type { BenchAsk, ReplaceVerbs } from './replace-protocol';
import type { Samples } from './samples';

type Tell = (done: number, total: number) => void;
type Given = (ports: readonly RunPort[], samples: Samples, tell: Tell) => Promise<RunData>;
type Answers = {
  [V in keyof ReplaceVerbs]: (ask: ReplaceVerbs[V]['ask'], tell: Tell) => Promise<ReplaceVerbs[V]['answer']>;
};

interface Open {
  what: string;
  bench: Bench;
  data: string;
  test: string;
}

/** What samples hang on; files are told apart by their key. */
const named = (samples: Samples | null): string => JSON.stringify(samples);

/** NAME-SUFFIX of a file's name. */
const beside = (name: string, suffix: string): string => `${name.replace(/\.onnx$/i, '')}${suffix}`;

/** `given`: the arrays of samples, as a run takes them. */
export function replacing(given: Given): Answers {
  let open: Open | null = null;

  function opened({ key, source, set, batch, engine }: BenchAsk): Open {
    const what = JSON.stringify([key, source.kind === 'example' ? source.id : null, set, batch, engine]);
    if (open?.what !== what) {
      open?.bench.free();
      open = null;
      const bench =
        source.kind === 'files'
          ? Bench.open([...source.files], { set }, { engine, batch })
          : Bench.example(source.id, { set });
      open = { what, bench, data: 'null', test: 'null' };
    }
    return open;
  }

  /** The bench of a request, with its samples; nothing can be run on it yet. */
  async function sampled(ask: BenchAsk): Promise<Bench> {
    const held = opened(ask);
    const { bench } = held;
    const ports = (): RunPort[] => bench.inputs().map(({ name, shape }) => ({ name, shape, dtype: null, op: null }));
    const arrays = async (samples: Samples | null): Promise<RunData | null> =>
      samples && (await given(ports(), samples, () => {}));
    for (const part of ['data', 'test'] as const) {
      const name = named(ask[part]);
      if (held[part] === name) continue;
      // Half-set samples would be told apart from nothing.
      held[part] = '';
      const read = await arrays(ask[part]);
      if (part === 'data') bench.set_data(read);
      else bench.set_test(read);
      held[part] = name;
    }
    return bench;
  }

  /** The bench of a request, with its samples. */
  async function ready(ask: BenchAsk): Promise<Bench> {
    // Planning runs nothing; what is measured on data does.
    if (ask.data || ask.test) await needCpu();
    return sampled(ask);
  }

  /** What a reader must know of the changed model. Without the engine, it is that nothing was run. */
  async function doubt(bench: Bench, plan: PlanFile): Promise<string | null> {
    try {
      await needCpu();
    } catch (error) {
      if (!isFault(error)) throw error;
      return `it was not run: ${error.message.replace(/\.$/, '')}`;
    }
    return (await bench.doubt(plan)) ?? null;
  }

  return {
    bench: async (ask) => opened(ask).bench.info(),
    plan: async ({ bench, wish }, tell) => (await ready(bench)).plan(wish, tell),
    planFile: async ({ bench, text }) => opened(bench).bench.plan_file(text),
    layerView: async ({ bench, wish, output, channel }, tell) =>
      (await ready(bench)).layer(wish, output, channel ?? undefined, tell),
    measure: async ({ bench, wish, plan }, tell) => (await ready(bench)).measure(wish, plan, tell),
    sweepPoint: async ({ bench, wish }, tell) => (await ready(bench)).sweep_point(wish, tell),
    criticality: async ({ bench, weight }, tell) => (await ready(bench)).criticality(weight, tell),
    async export({ bench: ask, plan }) {
      const bench = await sampled(ask);
      const { place, bytes_read: bytesRead, pieces } = bench.export(plan);
      const file = ask.source.kind === 'files' ? ask.source.files[place] : undefined;
      // Ranges of the file stay ranges: the browser reads them when the blob is saved.
      const parts = pieces.map((piece) =>
        piece instanceof Uint8Array ? piece : (file?.slice(...piece) ?? new Uint8Array()),
      );
      const blob = new Blob(parts, { type: 'application/octet-stream' });
      return {
        name: beside(bench.info().model, '-replaced.onnx'),
        blob,
        bytesRead,
        doubt: await doubt(bench, plan),
      };
    },
    async masks({ bench: ask, plan }) {
      const { bench } = opened(ask);
      return { name: beside(bench.info().model, '-masks.npz'), bytes: bench.masks(plan) };
    },
  };
}
