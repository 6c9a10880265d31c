/**
 * What a model runs on: where the samples come from, which array is which, layout and scale. Guessed
 * from the model's inputs, and the person's to change. The worker reads the files.
 */
import type { Port } from '../contract/core';
import { untrack } from 'svelte';
import type { Layout, Normal, Preset, Roles } from '../lib/arrays';
import { fits, fitsTurned, layoutOf, mayBeLabels, presetOf, presets, rolesOf } from '../lib/arrays';
import type { DataFiles } from './data-files';
import { IMAGE_FILE } from './data-files';
import type { ArrayHead } from '../lib/run';
import { isFault } from '../lib/types';
import type { Data, Prepare } from '../worker/run-client';
import { runner } from '../worker/run-client';
import { session } from './session.svelte';
import type { Problem } from './work.svelte';

export type From = 'digits' | 'files' | 'random';

/** Digits that lie beside the page. */
export interface Digits {
  key: number;
  file: string;
  /** What they are, in words. */
  title: string;
  note: string;
}

/** Seen by no network here: for judging. */
export const TEST_DIGITS: Digits = {
  key: -1,
  file: 'digits.npz',
  title: 'handwritten digits',
  note: '500 handwritten digits of 8\u00d78 that the network has not seen, with labels.',
};

/** Those that the network was trained on: for statistics. */
export const TRAINING_DIGITS: Digits = {
  key: -2,
  file: 'digits_train.npz',
  title: 'training digits',
  note: '1,297 handwritten digits of 8\u00d78 that the network was trained on, with labels.',
};

let keys = -10;

export class Inputs {
  readonly beside: Digits;
  /** null: what suits the model. */
  chosen = $state<From | null>(null);
  seed = $state(1);
  /** null: all there are. */
  take = $state.raw<number | null>(null);
  /** null: guessed. */
  roles = $state.raw<Roles | null>(null);
  layout = $state.raw<Layout | null>(null);
  normal = $state.raw<Normal | 'as-is' | null>(null);
  digits = $state.raw<DataFiles | null>(null);
  heads = $state.raw<{ key: number; heads: readonly ArrayHead[] } | null>(null);
  /** Files for these inputs only; null takes those that were given to the page. */
  own = $state.raw<DataFiles | null>(null);
  #fail: (problem: Problem | null) => void;
  /** The files that were last looked at. */
  #looked: DataFiles | null = null;
  /** The model that settings are for. */
  #of: string | null = null;

  files = $derived<DataFiles | null>(this.own ?? session.data);
  ports = $derived<readonly Port[]>(session.score?.model.inputs ?? []);
  /** The model reads digits: one channel of 8 x 8. */
  readsDigits = $derived(this.ports.length === 1 && this.ports[0]?.shape?.slice(1).join() === '1,8,8');
  /** Digits are for a model that reads them. */
  #suits = $derived(this.chosen === 'digits' && !this.readsDigits ? null : this.chosen);
  from = $derived<From>(this.#suits ?? (this.files ? 'files' : this.readsDigits ? 'digits' : 'random'));
  data = $derived(this.from === 'digits' ? this.digits : this.from === 'files' ? this.files : null);
  images = $derived((this.data?.files ?? []).filter(({ name }) => IMAGE_FILE.test(name)));
  /** The arrays of the chosen files, once they are read. */
  arrays = $derived(this.data && this.heads?.key === this.data.key ? this.heads.heads : []);
  placed = $derived(this.roles ?? rolesOf(this.arrays, this.images.length > 0 ? [] : this.ports));
  /** The array of the first input. */
  main = $derived(this.arrays[this.placed.inputs[this.ports[0]?.name ?? ''] ?? -1]);

  /** Of the model's first input. */
  to = $derived(layoutOf(this.ports[0]?.shape ?? null));
  preset = $derived<Preset>(presetOf(this.ports[0]?.shape ?? null));
  layoutNow = $derived(this.layout ?? layoutOf(this.main?.shape ?? null) ?? this.to);
  /** Images and bytes are scaled unless the person says otherwise, arrays of other types only if. */
  normalNow = $derived.by((): Normal | null => {
    if (this.normal === 'as-is') return null;
    return this.normal ?? (this.images.length > 0 || this.main?.dtype === 'uint8' ? this.preset.normal : null);
  });

  /** Samples there are to run; null: any number. */
  most = $derived(
    this.from === 'random' ? null : this.images.length > 0 ? this.images.length : (this.main?.shape[0] ?? 0),
  );
  samples = $derived(this.most === null ? (this.take ?? 32) : Math.min(this.take ?? this.most, this.most));

  /** Files are chosen, and what they hold is not known yet. */
  reading = $derived(
    (this.from === 'digits' && !this.digits) || (this.data !== null && this.heads?.key !== this.data.key),
  );

  constructor(beside: Digits, fail: (problem: Problem | null) => void) {
    this.beside = beside;
    this.#fail = fail;
  }

  choose(from: From): void {
    Object.assign(this, { chosen: from, roles: null, layout: null, normal: null, take: null });
  }

  /** Takes files for these inputs alone. */
  give(files: readonly File[]): void {
    this.own = { key: --keys, files };
    this.choose('files');
  }

  place(port: string, array: number): void {
    this.roles = { ...this.placed, inputs: { ...this.placed.inputs, [port]: array } };
  }

  label(array: number | null): void {
    this.roles = { ...this.placed, labels: array };
  }

  usePreset(id: string): void {
    this.normal = id === 'as-is' ? 'as-is' : (presets.find((preset) => preset.id === id)?.normal ?? null);
  }

  /** Fetches the digits that lie beside the page. */
  async loadDigits(): Promise<void> {
    if (this.digits) return;
    const { key, file, title } = this.beside;
    try {
      const answer = await fetch(new URL(`examples/${file}`, document.baseURI));
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      this.digits = { key, files: [new File([await answer.blob()], file)] };
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'no answer';
      const hint = 'Check that the page is still being served, then choose the digits again.';
      this.#fail({
        doing: `Fetching the ${title}`,
        fault: { code: 'io', message: `The digits could not be fetched: ${reason}.`, place: { file }, hint },
      });
    }
  }

  /** Reads which arrays the chosen files hold. */
  async look(data: DataFiles): Promise<void> {
    const files = data.files.filter(({ name }) => !IMAGE_FILE.test(name));
    if (this.heads?.key === data.key) return;
    try {
      const heads = files.length > 0 ? await runner.call('arrays', { key: data.key, files }) : [];
      if (this.data?.key !== data.key) return;
      // What was wrong with the files before these is of no matter now.
      if (this.from === 'files') this.#fail(null);
      if (this.from === 'files' && this.#join(data, heads)) return;
      this.#looked = this.from === 'files' ? data : null;
      Object.assign(this, { heads: { key: data.key, heads }, roles: null });
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code === 'cancelled') return;
      // Looked at, and nothing in it.
      if (this.data?.key === data.key) this.heads = { key: data.key, heads: [] };
      this.#fail({ doing: 'Reading the arrays', fault: error });
    }
  }

  /** The arrays that are chosen hold something of the model's shape, as they lie or turned; images are drawn to it. */
  #fits(): boolean {
    const { arrays, images } = this;
    const some = (port: Port): boolean => arrays.some((one) => fits(one, port) || fitsTurned(one, port));
    return images.length > 0 || arrays.length === 0 || this.ports.every(some);
  }

  /** Another model is on the page: what was set for the one before, and data that is of its shape alone, goes. */
  renew(): void {
    Object.assign(this, { roles: null, layout: null, normal: null, take: null });
    this.#fail(null);
    if (this.from !== 'files' || this.#fits()) return;
    this.chosen = null;
    this.own = null;
    session.data = null;
  }

  /** Labels that come after the samples are their labels: both are there then. False where these are no labels. */
  #join(data: DataFiles, heads: readonly ArrayHead[]): boolean {
    const before = this.#looked;
    if (!before || heads.length === 0 || data.files.some(({ name }) => IMAGE_FILE.test(name))) return false;
    if (!heads.every(mayBeLabels) || heads.some((head) => this.ports.some((port) => fits(head, port)))) return false;
    const names = new Set(data.files.map(({ name }) => name));
    // The newest labels first: those are taken.
    const both = { key: --keys, files: [...data.files, ...before.files.filter(({ name }) => !names.has(name))] };
    this.#looked = null;
    if (this.own) this.own = both;
    else session.data = both;
    return true;
  }

  /** Reads what is chosen while it is on the page; call inside a component. */
  watch(follow = true): void {
    $effect(() => {
      const hash = session.score?.model.hash;
      if (hash === undefined) return;
      untrack(() => {
        if (this.#of !== null && this.#of !== hash) this.renew();
        this.#of = hash;
      });
    });
    $effect(() => {
      if (this.from === 'digits') void untrack(() => this.loadDigits());
      const { data } = this;
      if (data) void untrack(() => this.look(data));
    });
    // Files that come in are what the person wants to run on.
    $effect(() => {
      if (follow && session.data) untrack(() => this.choose('files'));
    });
  }

  /** As the worker takes it. */
  source(): Data {
    if (this.from === 'random' || !this.data) return { kind: 'random', seed: this.seed };
    const { key } = this.data;
    if (this.images.length > 0) {
      const margin = presets.find(({ normal }) => normal === this.normalNow)?.margin ?? 1;
      const { labels: place } = this.placed;
      const files = this.data.files.filter((file) => !this.images.includes(file));
      return { kind: 'images', key, files: this.images, margin, labels: place === null ? null : { files, place } };
    }
    return { kind: 'arrays', key, files: this.data.files, roles: this.placed };
  }

  prepare(): Prepare | null {
    if (!this.to || this.from === 'random') return null;
    return { from: this.layoutNow ?? this.to, to: this.to, normal: this.normalNow };
  }

  /** Where they come from, in words. */
  text(): string {
    if (this.from === 'random') return `random numbers, seed ${this.seed}`;
    if (this.from === 'digits') return this.beside.title;
    const [first, ...more] = this.data?.files ?? [];
    return more.length > 0 ? `${first?.name} and ${more.length} more` : (first?.name ?? '');
  }
}
