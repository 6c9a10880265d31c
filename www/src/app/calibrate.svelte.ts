/**
 * A profile of one's own: what was pasted, its fit, and the profile once it is in use. Every change
 * fits anew; only the newest answer counts. In use it prices everywhere, as any other protocol.
 */
import type { Calibrated, CalibrationReport, OwnProfile } from '../contract/core';
import { untrack } from 'svelte';
import type { CalibrateSettings } from '../lib/calibrate';
import { CALIBRATED, ownOf, tableOf } from '../lib/calibrate';
import type { Fault } from '../lib/types';
import { core } from '../worker/client';
import { costs, listProtocols } from './cost.svelte';
import type { Asking } from './question.svelte';
import { Question, anywhere } from './question.svelte';
import { session } from './session.svelte';

/** Invented numbers that show the form; the profile's name says so. */
const EXAMPLE = {
  name: 'Example of invented runs',
  base: 'semi2k',
  text: `op\tsize\tbytes\tseconds
relu\t16384\t2359296\t0.021
relu\t65536\t9437184\t0.083
relu\t262144\t37748736\t0.334
matmul\t1x512x100\t828992\t0.0012
matmul\t16x512x100\t975872\t0.0029
matmul\t1x1024x100\t1656384\t0.0021
matmul\t1x2048x1000\t32816768\t0.0385`,
};

type Fit = CalibrationReport & Partial<Calibrated>;

class Calibration {
  text = $state('');
  base = $state('semi2k');
  name = $state('');
  rest = $state<'base' | 'none'>('base');
  onlyColumn = $state('variant');
  onlyValue = $state('');
  readonly #question = new Question<Fit>(anywhere);

  /** Of what is typed: what cannot be fitted has none. */
  get report(): Fit | null {
    return this.#question.fault ? null : this.#question.answer;
  }

  get fault(): Fault | null {
    return this.#question.fault;
  }

  settings = $derived.by((): CalibrateSettings => ({
    text: this.text,
    only: this.onlyValue === '' ? [] : [[this.onlyColumn, this.onlyValue]],
    base: this.base,
    name: this.name,
    rest: this.rest,
  }));

  /** The profile prices as it stands here. */
  inUse = $derived(
    costs.own !== null && this.report !== null && JSON.stringify(ownOf(this.report)) === JSON.stringify(costs.own),
  );

  /** Makes the fit the page's protocol. */
  use(): void {
    if (!this.report) return;
    costs.own = ownOf(this.report);
    costs.protocol = CALIBRATED;
  }

  /** Takes it away again; its base prices in its place. */
  drop(): void {
    if (costs.protocol === CALIBRATED) costs.protocol = costs.own?.base ?? 'semi2k';
    costs.own = null;
  }

  /** Fits measurements that were made here, and puts the profile to use. */
  async takeUp(given: { text: string; base: string; name: string }): Promise<void> {
    Object.assign(this, given, { rest: 'base', onlyValue: '' });
    if (await this.ask((asking) => core.call('calibrate', this.settings, asking))) this.use();
  }

  showExample(): void {
    Object.assign(this, EXAMPLE);
  }

  /** Shows a profile that was made elsewhere. */
  show(report: CalibrationReport): void {
    Object.assign(this, {
      text: tableOf(report.measurements),
      base: report.base,
      name: report.name,
      rest: report.rest,
      onlyValue: '',
    });
    this.#question.accept(report);
  }

  /** The fit that the call gives, where nothing overtook it. */
  async ask(call: (asking: Asking) => Promise<Fit>): Promise<Fit | null> {
    const ended = await this.#question.ask((_, asking) => call(asking));
    return ended && 'answer' in ended ? ended.answer : null;
  }

  /** Nothing is typed; what may be under way is of a profile that came. */
  clear(): void {
    if (this.report || this.fault) this.#question.clear();
  }
}

export const calibration = new Calibration();

/** Opens a saved profile, shows its fit and puts it to use. */
async function open(file: File): Promise<void> {
  const text = await file.text();
  const report = await calibration.ask((asking) => core.call('openProfile', text, asking));
  if (!report) return;
  calibration.show(report);
  calibration.use();
}

/** Shows the profile that prices here: it came with a link. */
async function showOwn(own: OwnProfile): Promise<void> {
  const report = await calibration.ask((asking) => core.call('calibration', own, asking));
  if (report) calibration.show(report);
}

/** Fits what is typed, and takes in what is dropped or came with a link; call inside a component. */
export function watchCalibration(): void {
  void listProtocols();
  $effect(() => {
    const { profile } = session;
    if (!profile) return;
    session.profile = null;
    void open(profile);
  });
  $effect(() => {
    const { own } = costs;
    if (own && untrack(() => calibration.text === '')) void showOwn(own);
  });
  $effect(() => {
    const { settings } = calibration;
    if (settings.text.trim() !== '') void calibration.ask((asking) => core.call('calibrate', settings, asking));
    else untrack(() => calibration.clear());
  });
}
