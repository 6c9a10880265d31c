/**
 * A worker that trains: one run at a time, a slice at each request. It holds that run; one that was started afresh says
 * so, and the page begins again from its last checkpoint.
 */
import * as engine from 'reluctant-train-wasm';
import type { Fault } from '../lib/types';
import { fetched, once } from './fetched';
import { serve } from './serve';
import type {
  About,
  AdjustedSoFar,
  Climbed,
  ImagesOf,
  InputHistogram,
  Missed,
  NextCell,
  Outcome,
  Progress,
  TiedWidth,
  TrainCall,
  TrainedSite,
  TrainVerb,
  TrainVerbs,
} from './train-protocol';

type Answers = { [V in TrainVerb]: (ask: TrainVerbs[V]['ask']) => TrainVerbs[V]['answer'] };

/** Bins of a channel's histogram. */
const BINS = 48;
/** Steps that tell how fast training is, after one that warms up. */
const STEPS = 3;

/** The images of the last request; those of a run stay with it. */
let held: { key: string; images: engine.Images } | null = null;
let adjusting: { loop: engine.Adjusted; images: engine.Images } | null = null;
let running: { training: engine.Training; images: engine.Images } | null = null;

function made(of: ImagesOf): engine.Images {
  switch (of.kind) {
    case 'figures':
      return engine.Images.figures(of.train, of.test);
    case 'scored':
      return engine.Images.scored(of.train, of.score);
    case 'arrays':
      return engine.Images.arrays(Uint32Array.from(of.shape), of.x, of.y, of.testX, of.testY);
  }
}

function imagesOf(of: ImagesOf): engine.Images {
  if (held?.key === of.key) return held.images;
  const images = made(of);
  held = { key: of.key, images };
  return images;
}

function lost(): Fault {
  return { code: 'worker', message: 'This worker holds no run.', place: {}, hint: 'Begin the run again.' };
}

function adjusted(): { loop: engine.Adjusted; images: engine.Images } {
  if (adjusting) return adjusting;
  throw lost();
}

function begun(): { training: engine.Training; images: engine.Images } {
  if (running) return running;
  throw lost();
}

function begin({ images: of, run }: TrainVerbs['begin']['ask']): TrainVerbs['begin']['answer'] {
  running?.training.free();
  running = null;
  const images = imagesOf(of);
  const { Training } = engine;
  let training: engine.Training;
  if (run.kind === 'base') training = Training.base(images, run.net, run.options, run.seed);
  else if (run.kind === 'given') training = Training.given(images, run.net);
  else if (run.kind === 'hold') training = Training.hold(images, run.net, run.options, run.masks, run.seed);
  else if (run.kind === 'resume') training = Training.resume(images, run.bytes);
  else training = Training.reduce(images, run.net, run.options, run.method, run.budget, run.seed);
  running = { training, images };
  return JSON.parse(training.sites()) as TrainedSite[];
}

const answers: Answers = {
  about: (of) => JSON.parse(imagesOf(of).about()) as About,
  pace({ images: of, net, options }) {
    const images = imagesOf(of);
    const training = engine.Training.base(images, net, options, 0);
    try {
      training.advance(images, 0);
      const start = performance.now();
      for (let step = 0; step < STEPS; step += 1) training.advance(images, 0);
      return (performance.now() - start) / STEPS / 1000;
    } finally {
      training.free();
    }
  },
  begin,
  advance(ms) {
    const { training, images } = begun();
    const progress = JSON.parse(training.advance(images, ms)) as Progress;
    const told = progress.ended !== null || progress.done;
    return { progress, masks: told ? progress.kept.map((_, site) => training.mask(site)) : null };
  },
  masks() {
    const { training } = begun();
    return (JSON.parse(training.sites()) as TrainedSite[]).map((_, site) => training.mask(site));
  },
  look(site) {
    const { training, images } = begun();
    const inputs = JSON.parse(training.inputs(images, site, BINS)) as InputHistogram[];
    return { inputs, polynomials: training.polynomials(site) };
  },
  checkpoint: () => begun().training.checkpoint(),
  end() {
    const { training, images } = begun();
    const outcome = JSON.parse(training.outcome(images)) as Outcome;
    return { network: training.network(), outcome, hits: training.hits(images) };
  },
  missed: ({ images, net, of, share, draws, seed }) =>
    JSON.parse(engine.missed(imagesOf(images), net, of, share, draws, seed)) as Missed,
  adjust({ images: from, net, options, of, budget, rounds, epochs, seed }) {
    adjusting?.loop.free();
    adjusting = null;
    const images = imagesOf(from);
    adjusting = { loop: engine.Adjusted.begin(images, net, options, of, budget, rounds, epochs, seed), images };
    return null;
  },
  adjusted(ms) {
    const { loop, images } = adjusted();
    return JSON.parse(loop.advance(images, ms)) as AdjustedSoFar;
  },
  adjustedBest: () => adjusted().loop.network(),
  relus: ({ net, moves, seed }) => engine.relus(net, JSON.stringify(moves), seed),
  widths: ({ net, moves }) => JSON.parse(engine.widths(net, JSON.stringify(moves))) as TiedWidth[],
  thinned: ({ net, masks, share, seed }) => engine.thinned(net, masks, share, seed),
  climbed: ({ net, class: of, slope, steps, box: [low, high] }) =>
    JSON.parse(engine.climbed(net, of, slope, steps, low, high)) as Climbed,
  nextCell: ({ nodes, layers, ops, evaluations, seed, scores }) =>
    JSON.parse(engine.next_cell(nodes, layers, ops, evaluations, seed, Float64Array.from(scores))) as NextCell | null,
  numbers: (network) => engine.numbers(network),
  mcnemar: ({ first, second }) => [...engine.mcnemar(first, second)],
};

const ready = once(() => fetched('The training engine', () => engine.default()));

async function answer<V extends TrainVerb>({ verb, ask }: TrainCall<V>): Promise<TrainVerbs[V]['answer']> {
  await ready();
  return answers[verb](ask);
}

serve<TrainCall>(answer, (detail) => ({
  code: 'worker',
  message: `The training engine stopped unexpectedly (${detail}).`,
  place: {},
  hint: 'The run goes on from its last checkpoint; if it stops there again, take a smaller network.',
}));
