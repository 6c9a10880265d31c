/** The comparison as files: every protocol over the link of the page, and over every preset. */
import type { Estimate } from '../../contract/core';
import { KINDS } from '../../lib/cost';
import type { Cell } from '../../lib/csv';
import { csv } from '../../lib/csv';
import { latex } from '../../lib/latex';
import { phasedOf } from '../../lib/phased';
import { knownOf, shownOf } from './columns';

type Presets = ReadonlyMap<string, readonly Estimate[]>;

const FIELDS: readonly [string, (estimate: Estimate) => Cell][] = [
  ['protocol', (e) => e.protocol],
  ['profile_version', (e) => e.profile_version],
  ['link', (e) => e.link],
  ['link_up_bytes_per_s', (e) => e.settings.link.up_bytes_per_s],
  ['link_down_bytes_per_s', (e) => e.settings.link.down_bytes_per_s],
  ['link_rtt_ms', (e) => e.settings.link.rtt_ms],
  ...(['offline', 'online'] as const).flatMap((phase): [string, (e: Estimate) => Cell][] => [
    [`${phase}_seconds`, (e) => e[phase].seconds?.[1] ?? null],
    [`${phase}_seconds_low`, (e) => e[phase].seconds?.[0] ?? null],
    [`${phase}_seconds_high`, (e) => e[phase].seconds?.[2] ?? null],
    [`${phase}_link_seconds`, (e) => e[phase].link_seconds],
    [`${phase}_rounds`, (e) => e[phase].rounds],
  ]),
  ['bytes_up', (e) => phasedOf(e, 'up')],
  ['bytes_down', (e) => phasedOf(e, 'down')],
  ['bytes_total', (e) => e.bytes_total],
  ['setup_bytes', (e) => e.setup_bytes],
  ['client_storage_bytes', (e) => e.client_storage_bytes],
  ...KINDS.flatMap((kind): [string, (e: Estimate) => Cell][] => [
    [`${kind}_seconds`, (e) => e.by_kind[kind].seconds],
    [`${kind}_bytes`, (e) => e.by_kind[kind].bytes],
  ]),
  ['validated_bytes_share', (e) => e.status.validated.bytes_share],
  ['measured_bytes_share', (e) => e.status.measured.bytes_share],
  ['estimate_bytes_share', (e) => e.status.estimate.bytes_share],
  ['pieces_without_price', (e) => e.status['not-supported'].parts],
  ['leaves_out', (e) => e.leaves_out],
  ['adversary', (e) => e.trust.adversary],
  ['trusts', (e) => e.trust.trusted.map(({ who }) => who).join('; ')],
  ['money_per_1000', (e) => e.money?.per_1000 ?? null],
  ['made_by', () => `Reluctant ${VERSION}`],
];

/** Those of the page first, then the other links'. */
function all(estimates: readonly Estimate[], presets: Presets): Estimate[] {
  const here = estimates[0]?.link;
  return [...estimates, ...[...presets].filter(([link]) => link !== here).flatMap(([, over]) => over)];
}

export function compareCsv(estimates: readonly Estimate[], presets: Presets): string {
  return csv(
    FIELDS.map(([name]) => name),
    all(estimates, presets).map((estimate) => FIELDS.map(([, cell]) => cell(estimate))),
  );
}

export function compareJson(estimates: readonly Estimate[], presets: Presets): string {
  return `${JSON.stringify({ schema: 'reluctant.cost/1', made_by: `Reluctant ${VERSION}`, estimates: all(estimates, presets) }, null, 2)}\n`;
}

/** The table on screen, ready for a paper. */
export function compareLatex(estimates: readonly Estimate[], title: (id: string) => string): string {
  const [first] = estimates;
  const columns = knownOf(estimates);
  const line = (cells: readonly string[]): string => `${cells.map(latex).join(' & ')} \\\\`;
  const rows = estimates.map((estimate) =>
    line([
      `${title(estimate.protocol)}${estimate.partial ? ' (partial)' : ''}`,
      ...columns.map(({ id }) => {
        const { value, text, linkOnly } = shownOf(estimate, id);
        return value === null ? '--' : `${text}${linkOnly ? ' (link)' : ''}`;
      }),
    ]),
  );
  return [
    `% Reluctant ${VERSION}; link ${first?.link ?? ''}; (link): link time alone, compute not known; (partial): some work has no price`,
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    line(['Protocol', ...columns.map(({ title }) => title)]),
    ...rows,
    '\\end{tabular}',
    '',
  ].join('\n');
}
