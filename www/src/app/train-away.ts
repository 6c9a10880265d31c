/** What of a training is taken away: a report, networks as files, as plans, in other views. */
import type { FolderAsk, TrainMethod, Trained } from '../contract/core';
import { budgetsOf, canBe, reportOf, seedsOf } from '../lib/train';
import type { TrainedFrom } from '../worker/design-client';
import { designers } from '../worker/design-client';
import { trainers } from '../worker/train-client';
import { session } from './session.svelte';
import type { Run } from './train-run.svelte';
import { train } from './train.svelte';

/** Methods against each other on the same images, seed by seed. */
async function pairedOf(runs: readonly Run[], signal: AbortSignal): Promise<Trained['paired']> {
  const found: Trained['paired'] = [];
  for (const [place, a] of runs.entries()) {
    for (const b of runs.slice(place + 1)) {
      const same = a.budget === b.budget && a.seed === b.seed && a.method !== b.method;
      const [first, second] = [a.bytes.hits, b.bytes.hits];
      if (!same || !a.method || !b.method || a.budget === null || !first || !second) continue;
      const ask = { first, second };
      const [only_first = 0, only_second = 0, p = 1] = await trainers.call('mcnemar', ask, { signal, brief: true });
      found.push({ first: a.method, second: b.method, budget: a.budget, seed: a.seed, only_first, only_second, p });
    }
  }
  return found;
}

const stemOf = (run: Run): string => `${train.training?.form.data ?? 'run'}-${run.id}`;

/** The numbers of a run's network, and what it began from. */
async function taken(
  run: Run,
  then: (from: TrainedFrom, signal: AbortSignal) => Promise<void>,
  net = run.bytes.network,
): Promise<void> {
  if (!net) return;
  await train.work.do(`Writing ${run.name}`, async (_, signal) => {
    const start = await train.again(signal);
    const numbers = await trainers.call('numbers', net, { signal, brief: true });
    const drops = run.method === 'nested' || (run.method === 'plan' && start.view.held?.drops === true);
    await then({ ...start.from, numbers, drops }, signal);
  });
}

/** What the plan says of itself. What was made within no budget says none: the run's own was of another network. */
export function planSettings(
  { method, budget, seed, outcome }: Pick<Run, 'method' | 'budget' | 'seed' | 'outcome'>,
  since: { by: string; budget: number | null } | null,
): [string, string][] {
  const within = since ? since.budget : (budget ?? outcome?.relus ?? null);
  return [
    ['policy', since?.by ?? method ?? 'none'],
    ...(within === null ? [] : [['budget', String(within)] as [string, string]]),
    ['seed', String(seed)],
  ];
}

const NO_IMAGES = { x: new Float32Array(), y: new Uint16Array(), testX: new Float32Array(), testY: new Uint16Array() };

export const away = {
  /** What the form asks for as a folder for PyTorch, zipped; of these methods. */
  folder(methods: readonly TrainMethod[], then: (zip: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    const { form } = train;
    return train.work.do('Writing the folder', async (_, signal) => {
      const { of: images, about, from, view } = await train.ready(signal);
      const of: FolderAsk = {
        of: from.of,
        data: form.set && canBe(form.set, about) ? form.set : form.data,
        figures: images.kind === 'figures' ? [images.train, images.test] : null,
        methods: [...methods],
        budgets: budgetsOf(form.budgets, view.relus).budgets,
        seeds: seedsOf(form.seeds).seeds,
      };
      const { x, y, testX, testY } = images.kind === 'arrays' ? images : NO_IMAGES;
      const zip = await designers.call('trainFolder', { of, file: from.file, x, y, testX, testY }, { signal });
      if (!signal.aborted) then(zip);
    });
  },

  /** As `reluctant train --json` prints it. */
  report(then: (report: Trained) => void): Promise<void> {
    return train.work.do('Comparing methods', async (_, signal) => {
      const { training } = train;
      const paired = await pairedOf(train.runs, signal);
      if (training && !signal.aborted) then(reportOf(training, paired));
    });
  },

  /** A run's network as an ONNX file. */
  file(run: Run, then: (file: File) => Promise<void> | void): Promise<void> {
    return taken(run, async (from, signal) => {
      const bytes = await designers.call('trainFile', from, { signal });
      if (!signal.aborted) await then(new File([bytes], `${stemOf(run)}.onnx`));
    });
  },

  /** Puts a run's network, its ReLUs replaced, in the place of the model on the page. */
  openIn(run: Run, view: 'score' | 'replace'): Promise<void> {
    return away.file(run, async (file) => {
      await session.openFiles([file]);
      location.hash = `#/${view}`;
    });
  },

  /** The same with all its ReLUs, and what the run made of them as a plan; or what was made of them since, by what and within what. */
  openAsPlan(run: Run, since: { net: Uint8Array; by: string; budget: number | null } | null = null): Promise<void> {
    const opened = async (from: TrainedFrom, signal: AbortSignal): Promise<void> => {
      const settings = planSettings(run, since);
      const { file, plan } = await designers.call('trainPlan', { ...from, settings }, { signal });
      if (signal.aborted) return;
      const model = new File([file], `${stemOf(run)}.onnx`);
      await session.openFiles([model]);
      // It did not open, or another one did: the plan is for this one.
      const { source } = session;
      if (source?.kind !== 'files' || source.files[0] !== model) return;
      await session.openFiles([new File([plan], `${stemOf(run)}.plan.json`)]);
    };
    return since ? taken(run, opened, since.net) : taken(run, opened);
  },
};
