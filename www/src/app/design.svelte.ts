/**
 * Networks that are designed: from the literature, by equalising, from a sweep, or written. One is chosen; it can be set
 * beside the model on the page, opened in its place, and taken away.
 */
import type {
  Claim,
  CostSettings,
  Diff,
  EqualiseReport,
  EqualiseSettings,
  ExploreSettings,
  PresetView,
  Spec,
} from '../contract/core';
import type { Equalising } from '../lib/designing';
import { FIRST } from '../lib/designing';
import type { Fault } from '../lib/types';
import { wholes } from '../lib/wholes';
import { core } from '../worker/client';
import type { Named } from '../worker/design-client';
import { designers } from '../worker/design-client';
import { explore } from './explore.svelte';
import { Question, anywhere } from './question.svelte';
import type { Scene } from './session.svelte';
import { session } from './session.svelte';
import { Work } from './work.svelte';

/** What the equaliser is asked; a list that is none is refused by the core. */
function asked({ blocks, order, base, side, classes, block, most, alpha }: Equalising): EqualiseSettings {
  return {
    blocks: wholes(blocks),
    order: wholes(order),
    base,
    input: [3, side, side],
    classes,
    block,
    max_relus: most,
    ...(alpha && { alpha: 2 }),
  };
}

class Design {
  equalising = $state.raw<Equalising>(FIRST);
  chosen = $state.raw<Named | null>(null);
  /** The candidate that was chosen last: every family has a first one, so its name says little. */
  #candidate = $state.raw<{ of: ExploreSettings | null; named: Named } | null>(null);
  readonly work = new Work();

  readonly #solutions = new Question<{ settings: EqualiseSettings; report: EqualiseReport }>(anywhere);
  readonly #presets = new Question<PresetView[]>(anywhere);
  readonly #written = new Question<Spec>(anywhere);
  readonly #claims = new Question<Claim[]>(anywhere);
  readonly #diff = new Question<{ of: Named; diff: Diff }, Scene>(() => session.scene);

  get solutions(): { settings: EqualiseSettings; report: EqualiseReport } | null {
    return this.#solutions.answer;
  }

  get fault(): Fault | null {
    return this.#solutions.fault;
  }

  /** What was wrong with a spec that was written. */
  get refused(): Fault | null {
    return this.#written.fault;
  }

  get presets(): readonly PresetView[] {
    return this.#presets.answer ?? [];
  }

  get claims(): readonly Claim[] {
    return this.#claims.answer ?? [];
  }

  /** The name of the chosen network where it is a candidate of the family that is looked at now. */
  get candidate(): string | null {
    const { of, named } = this.#candidate ?? {};
    return named && named === this.chosen && of === explore.settings ? named.name : null;
  }

  /** Of the chosen network, beside the model on the page. */
  get diff(): Diff | null {
    return this.#diff.answer?.of === this.chosen ? (this.#diff.answer?.diff ?? null) : null;
  }

  get diffFault(): Fault | null {
    return this.#diff.fault;
  }

  change(part: Partial<Equalising>): void {
    // Another order is not what was measured.
    const other = part.order !== undefined && part.order !== this.equalising.order;
    this.equalising = { ...this.equalising, ...(other && { orderFrom: '', orderOf: '' }), ...part };
  }

  equalise(): void {
    const settings = asked(this.equalising);
    void this.#solutions.ask(async (_, asking) => ({
      settings,
      report: await designers.call('equalise', settings, asking),
    }));
  }

  list(): void {
    if (!this.#presets.answer) void this.#presets.ask((_, asking) => designers.call('presets', null, asking));
    if (!this.#claims.answer) void this.#claims.ask((_, asking) => designers.call('claims', null, asking));
  }

  choose(named: Named): void {
    this.chosen = named;
    this.#written.clear();
  }

  async chooseSolution(name: string, multipliers: number[]): Promise<void> {
    const { settings } = this.#solutions.answer ?? {};
    if (!settings) return;
    await this.work.do(`Building ${name}`, async (_, signal) => {
      const spec = await designers.call('equalised', { settings, multipliers }, { signal });
      if (!signal.aborted) this.choose({ name, spec });
    });
  }

  /** A network of the family that was looked at; whether it is the chosen one now. */
  async chooseCandidate(place: number): Promise<boolean> {
    const { settings: of } = explore;
    let chose = false;
    await this.work.do(`Building candidate ${place}`, async (_, signal) => {
      const named = await explore.network(place);
      if (signal.aborted || !named) return;
      this.choose(named);
      this.#candidate = { of, named };
      chose = true;
    });
    return chose;
  }

  /** A spec that a person wrote; the last good one stays where this is none. */
  async write(name: string, text: string): Promise<void> {
    const ended = await this.#written.ask((_, asking) => designers.call('readSpec', text, asking));
    if (ended && 'answer' in ended) this.choose({ name, spec: ended.answer });
  }

  /** Sets the chosen network beside the model on the page, both as they are: a plan is of the layers of one. */
  compare(settings: CostSettings): void {
    const { chosen } = this;
    if (!chosen) return;
    void this.#diff.ask(async ({ source, set }, asking) => ({
      of: chosen,
      diff: await core.call('diffSpec', { source, set, settings, ...chosen }, asking),
    }));
  }

  /** Puts the chosen network in the place of the model on the page: its structure, which is enough to count and to plan. */
  open(view: 'score' | 'replace'): Promise<void> {
    return this.#file(null, async (file) => {
      await session.openFiles([file]);
      location.hash = `#/${view}`;
    });
  }

  /** The chosen network as an ONNX file with weights. */
  onnx(seed: number, take: (file: File) => void): Promise<void> {
    return this.#file(seed, async (file) => take(file));
  }

  async #file(seed: number | null, then: (file: File) => Promise<void>): Promise<void> {
    const { chosen } = this;
    if (!chosen) return;
    await this.work.do(`Writing ${chosen.name}`, async (_, signal) => {
      const bytes = await designers.call('onnx', { ...chosen, seed }, { signal });
      if (!signal.aborted) await then(new File([bytes], `${chosen.name}.onnx`));
    });
  }

  /** The chosen network as a PyTorch module. */
  async pytorch(take: (code: string) => void): Promise<void> {
    const { chosen } = this;
    if (!chosen) return;
    await this.work.do(`Writing ${chosen.name}`, async (_, signal) => {
      const code = await designers.call('pytorch', chosen.spec, { signal });
      if (!signal.aborted) take(code);
    });
  }
}

export const design = new Design();
