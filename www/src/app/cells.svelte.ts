/**
 * A micro-search over small cells at a ReLU budget, beside random cells of as many ReLUs: each is trained for a short while in a
 * worker, priced, and kept with what it was trained to.
 */
import type { CellView, CostSettings, Estimate } from '../contract/core';
import { designers } from '../worker/design-client';
import type { Bridge, ImagesOf, NextCell, TrainVerbs } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import { session } from './session.svelte';
import { Work } from './work.svelte';

/** A cell that was trained. */
export interface Row {
  seed: number;
  by: NextCell['by'];
  nodes: number[];
  width: number;
  view: CellView;
  /** On the figures that the search goes by, and on others. */
  score: number;
  test: number;
  estimate: Estimate | null;
  numbers: Float32Array;
}

export interface Found {
  /** ReLUs of every network, and ReLU layers of a cell. */
  relus: number;
  layers: number;
  rows: readonly Row[];
}

/** What is trained, and how. */
interface Trial {
  next: NextCell;
  width: number;
  seed: number;
  images: ImagesOf;
  options: string;
  settings: CostSettings;
}

const SLICE_MS = 200;
/** Figures to train on, and to score by. */
const IMAGES = [1500, 400] as const;

const flat = (cell: NextCell['cell']): number[] => cell.flatMap(({ from, op, relu }) => [from, op, relu ? 1 : 0]);

/** The best of those that somebody chose, by its score. */
export function bestOf(rows: readonly Row[], by: Row['by'], seed: number): Row | null {
  const own = rows.filter((row) => row.by === by && row.seed === seed);
  return own.reduce<Row | null>((best, row) => (best && best.score >= row.score ? best : row), null);
}

class Cells {
  readonly work = new Work();
  readonly opening = new Work();
  relus = $state(2304);
  width = $state(8);
  nodes = $state(4);
  evaluations = $state(12);
  epochs = $state(8);
  /** Searches, from seed 0. */
  seeds = $state(1);
  /** Seconds that are left, by what was trained so far; null before anything was. */
  left = $state<number | null>(null);
  found = $state.raw<Found | null>(null);

  /** Networks that are trained in all. */
  get all(): number {
    return 2 * this.evaluations * this.seeds;
  }

  search(settings: CostSettings): Promise<void> {
    const { relus, width, nodes, evaluations, epochs, seeds, all } = this;
    const [train, score] = IMAGES;
    return this.work.do('Searching cells', async (step, signal) => {
      const wish = { relus, width, nodes, evaluations, epochs, images: [train, score] as [number, number] };
      const start = await designers.call('cellsStart', wish, { signal, brief: true });
      const images: ImagesOf = { kind: 'scored', key: `scored-${train}-${score}`, train, score };
      const rows: Row[] = [];
      const { progress } = step('Training cells', '');
      const began = performance.now();
      const along = (share: number): void => {
        const done = rows.length + share;
        this.left = ((performance.now() - began) / 1000 / done) * (all - done);
        progress?.(Math.floor(done), all);
      };
      try {
        await trainers.lend(async (member) => {
          for (let seed = 0; seed < seeds; seed += 1) {
            const scores: number[] = [];
            for (;;) {
              const ask = { nodes, layers: start.layers, ops: start.ops, evaluations, seed, scores };
              const next = await member.call('nextCell', ask, { signal });
              if (!next) break;
              const cell = { next, width, seed, images, options: start.options, settings };
              const row = await this.#train(member, cell, signal, along);
              scores.push(row.score);
              rows.push(row);
              this.found = { relus: start.relus, layers: start.layers, rows: [...rows] };
            }
          }
        });
      } finally {
        this.left = null;
      }
    });
  }

  /** The network of a cell with the numbers that it was trained to, in Score. */
  open({ nodes, width, numbers, by, seed }: Row): Promise<void> {
    return this.opening.do('Opening the cell', async (_, signal) => {
      const ask = { nodes, width, numbers, settings: null };
      const { file } = await designers.call('cell', ask, { signal, brief: true });
      location.hash = '#/score';
      await session.openFiles([new File([file], `cell-${by}-${seed}.onnx`)]);
    });
  }

  /** Trains the network of a cell to its end. Throws a `Fault` where it is cancelled. */
  async #train(
    member: Bridge<TrainVerbs>,
    { next, width, seed, images, options, settings }: Trial,
    signal: AbortSignal,
    along: (share: number) => void,
  ): Promise<Row> {
    const nodes = flat(next.cell);
    const none = new Float32Array();
    const made = await designers.call('cell', { nodes, width, numbers: none, settings }, { signal, brief: true });
    await member.call('begin', { images, run: { kind: 'base', net: made.net, options, seed } }, { signal });
    for (let done = false; !done;) {
      const { progress } = await member.call('advance', SLICE_MS, { signal });
      along(progress.share);
      ({ done } = progress);
    }
    const { network, outcome } = await member.call('end', null, { signal });
    const numbers = await member.call('numbers', network, { signal });
    return {
      seed,
      by: next.by,
      nodes,
      width,
      view: made.view,
      score: outcome.validation_accuracy,
      test: outcome.test_accuracy,
      estimate: made.estimates[0] ?? null,
      numbers,
    };
  }
}

export const cells = new Cells();
