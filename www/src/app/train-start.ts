/** What a training begins from: images, a network for them, sizes and rates, made by the workers. No state. */
import type { TrainingView } from '../contract/core';
import type { Form, Shape } from '../lib/train';
import { askOf } from '../lib/train';
import type { TrainFrom } from '../worker/design-client';
import { designers } from '../worker/design-client';
import type { About, Begin, ImagesOf } from '../worker/train-client';
import { trainers } from '../worker/train-client';
import type { Given } from './kept/training';
import type { OwnFiles } from './train-images';
import { imagesOf } from './train-images';
import type { Run } from './train-run.svelte';

/** What all runs of a training begin from. */
export interface Start {
  of: ImagesOf;
  about: About;
  from: TrainFrom;
  view: TrainingView;
  net: Uint8Array;
}

/** What a person brought for a training: files to train on, a network of Replace. */
export interface Brought {
  own: OwnFiles | null;
  given: Given | null;
}

/** A form with what was brought for it; `only`: with the ReLUs of these stages alone. */
export type Asked = { form: Form; only?: number[] | null } & Brought;

export async function prepared({ form, only = null, own, given }: Asked, signal: AbortSignal): Promise<Start> {
  const of = await imagesOf(form.data, own);
  const about = await trainers.call('about', of, { signal, brief: true });
  const shape: Shape = about;
  const from: TrainFrom = {
    of: { ...askOf(form, shape), only },
    file: given?.file ?? new Uint8Array(),
    plan: (form.methods.includes('plan') && given?.plan) || '',
  };
  const { view, net } = await designers.call('trainStart', from, { signal, brief: true });
  return { of, about, from, view, net };
}

/** Seconds that so many passes over the training images take one worker, about: timed on a few steps. */
export async function paced({ of, about, view, net }: Start, passes: number, signal: AbortSignal): Promise<number> {
  const ask = { images: of, net, options: view.options };
  const step = await trainers.call('pace', ask, { signal, brief: true });
  const { batch } = JSON.parse(view.options) as { batch: number };
  return passes * Math.ceil(about.images[0] / batch) * step;
}

/** How a run begins, from its checkpoint where it has one; null where the network that it begins from is not kept. */
export function beginOf(run: Run, { from, view, net }: Start, base: Uint8Array | null): Begin | null {
  const { options } = view;
  if (run.bytes.checkpoint) return { kind: 'resume', bytes: run.bytes.checkpoint };
  const { method, budget, seed } = run;
  if (method === null || budget === null)
    return from.of.net.kind === 'given' ? { kind: 'given', net } : { kind: 'base', net, options, seed };
  if (!base) return null;
  const masks = view.held?.masks;
  if (method === 'plan') return masks === undefined ? null : { kind: 'hold', net: base, options, masks, seed };
  return { kind: 'reduce', net: base, options, method, budget, seed };
}
