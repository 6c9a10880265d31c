/**
 * A profile of one's own: what was pasted, its fit, and the profile once it is in use. Every change
 * fits anew; only the newest answer counts. In use it prices everywhere, as any other protocol.
 */
import { untrack } from 'svelte';
import type { Calibrated, CalibrateSettings, CalibrationReport } from '../lib/calibrate';
import { CALIBRATED, ownOf, tableOf } from '../lib/calibrate';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import { core } from '../worker/client';
import { costs, listProtocols } from './cost.svelte';
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

class Calibration {
  text = $state('');
  base = $state('semi2k');
  name = $state('');
  rest = $state<'base' | 'none'>('base');
  onlyColumn = $state('variant');
  onlyValue = $state('');
  report = $state.raw<(CalibrationReport & Partial<Calibrated>) | null>(null);
  fault = $state.raw<Fault | null>(null);

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
      report,
      fault: null,
    });
  }
}

export const calibration = new Calibration();

let asking = new AbortController();

async function ask(
  call: (signal: AbortSignal) => Promise<CalibrationReport & Partial<Calibrated>>,
  then?: (report: CalibrationReport) => void,
): Promise<void> {
  asking.abort();
  const { signal } = (asking = new AbortController());
  try {
    const report = await call(signal);
    if (signal.aborted) return;
    Object.assign(calibration, { report, fault: null });
    then?.(report);
  } catch (error) {
    if (!isFault(error)) throw error;
    if (error.code !== 'cancelled' && !signal.aborted) Object.assign(calibration, { fault: error, report: null });
  }
}

/** Opens a saved profile, shows its fit and puts it to use. */
async function open(file: File): Promise<void> {
  const text = await file.text();
  await ask(
    (signal) => core.call('openProfile', text, { signal, brief: true }),
    (report) => {
      calibration.show(report);
      calibration.use();
    },
  );
}

/** Fits what is typed, and takes in what is dropped or came with a link; call inside a component. */
export function watchCalibration(): void {
  void listProtocols();
  $effect(() => {
    const { profile } = session;
    if (!profile) return;
    session.profile = null;
    untrack(() => void open(profile));
  });
  $effect(() => {
    const { own } = costs;
    if (own && untrack(() => calibration.text === '')) {
      untrack(
        () =>
          void ask(
            (signal) => core.call('calibration', own, { signal, brief: true }),
            (report) => calibration.show(report),
          ),
      );
    }
  });
  $effect(() => {
    const { settings } = calibration;
    untrack(() => {
      if (settings.text.trim() !== '') void ask((signal) => core.call('calibrate', settings, { signal, brief: true }));
      else if (calibration.report || calibration.fault) {
        asking.abort();
        Object.assign(calibration, { report: null, fault: null });
      }
    });
  });
}
