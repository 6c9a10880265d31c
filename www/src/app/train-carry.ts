/** A run carried out by a worker, a slice at a time, so that a pause or a cancel takes effect at once. */
import type { Begin, Bridge, ImagesOf, Progress, TrainVerbs } from '../worker/train-client';
import type { Look, Run, Status } from './train-run.svelte';

/** How long a worker goes on before it says how it stands. */
export const SLICE_MS = 250;
/** Times that a run is begun again after its worker stopped. */
export const AGAIN = 2;
/** A closed tab loses no more than this. */
const KEEP_MS = 3000;

type Member = Bridge<TrainVerbs>;

/** Who has the runs. */
export interface Host {
  /** Whether the run is still one of theirs. */
  has(run: Run): boolean;
  /** A run begins. */
  begun(run: Run): void;
  /** Which activation of the run is looked at; null where another run is. */
  looksAt(run: Run): number | null;
  /** Writes down what the run holds. */
  keep(run: Run): Promise<void>;
}

export async function lookAt(member: Member, site: number): Promise<Look> {
  return { site, ...(await member.call('look', site)) };
}

/** All activations of what a worker holds. */
export async function looksOf(member: Member, sites: readonly unknown[]): Promise<Look[]> {
  const looks: Look[] = [];
  for (const [site] of sites.entries()) looks.push(await lookAt(member, site));
  return looks;
}

function take(run: Run, progress: Progress, masks: Uint8Array[] | null): void {
  run.flipping += progress.flips;
  run.progress = progress;
  if (masks) run.masks = masks;
  const { ended } = progress;
  if (ended) [run.flips, run.flipping] = [run.flipping, 0];
  if (ended) run.curve = [...run.curve, [ended.loss, ended.validation, ended.relus]];
}

async function checkpoint(run: Run, member: Member, host: Host): Promise<void> {
  run.bytes = { ...run.bytes, checkpoint: await member.call('checkpoint', null), told: run.curve.length };
  await host.keep(run);
}

async function end(run: Run, member: Member, host: Host): Promise<void> {
  const { network, outcome, hits } = await member.call('end', null);
  const looks = await looksOf(member, run.sites);
  // Cancelled meanwhile, or another training's turn.
  if (!run.open || !host.has(run)) return;
  run.looks = looks;
  run.bytes = { checkpoint: null, network, hits, told: run.curve.length };
  run.whole = true;
  run.outcome = {
    relus: outcome.relus,
    test: outcome.test_accuracy,
    validation: outcome.validation_accuracy,
    before: outcome.accuracy_before_finetune,
  };
  run.status = 'done';
  await host.keep(run);
}

/** From its beginning to its end, or until it is told otherwise. */
export async function carryOut(run: Run, begin: Begin, images: ImagesOf, member: Member, host: Host): Promise<void> {
  run.status = 'running';
  run.fault = null;
  // What was told after the checkpoint comes again.
  if (begin.kind !== 'resume') run.curve = [];
  else run.curve = run.curve.slice(0, run.bytes.told);
  run.sites = await member.call('begin', { images, run: begin });
  host.begun(run);
  run.masks = await member.call('masks', null);
  let kept = performance.now();
  const going = (): boolean => run.status === 'running' && host.has(run);
  for (let done = false; going() && !done;) {
    const from = performance.now();
    const { progress, masks } = await member.call('advance', SLICE_MS);
    run.seconds += (performance.now() - from) / 1000;
    take(run, progress, masks);
    const site = host.looksAt(run);
    if (progress.ended && site !== null) run.looks = [await lookAt(member, site)];
    done = progress.done;
    if (performance.now() - kept > KEEP_MS && !done && going()) {
      await checkpoint(run, member, host);
      kept = performance.now();
    }
    if (done && going()) await end(run, member, host);
  }
  const left: Status = run.status as Status;
  if (left === 'paused' || left === 'waiting') await checkpoint(run, member, host);
}
