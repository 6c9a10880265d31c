/**
 * What the card of a cost shows: of one row, from the core's card; of a total, from the rows that
 * add up to it. Pure, so that a pinned card stays as it was.
 */
import type {
  CardLine,
  Constant,
  CostCard,
  Estimate,
  Homomorphic,
  Machine,
  Phase,
  Protocol,
  RowCost,
  Status,
} from '../contract/core';
import type { CostColumns } from './cost-columns';
import type { Figure, Range } from './cost';
import { bytes, exact, plural, range, seconds, share } from './format';

export interface Line {
  formula: string;
  /** What follows the equals sign. */
  values: string;
  /** Names of the constants in it. */
  constants?: readonly string[];
}

export interface CostView {
  title: string;
  /** As shown; `no price` where there is none. */
  text: string;
  /** What a copy of it holds; null where there is no price. */
  value: number | null;
  /** `[315-350]`, or nothing. */
  range: string;
  /** What kind of figure it is: `link time only: ...`. */
  note: string;
  /** Protocol, version, link and settings. */
  under: string;
  /** The rule of this figure, and those of the row's other figures. */
  lines: Line[];
  others: Line[];
  constants: Constant[];
  /** Of a total: where the constants of its rows come from. */
  sources?: readonly string[];
  /** Of a total: the dearest rows. */
  terms: { index: number; text: string }[];
  missing: { index: number | null; reason: string }[];
  status: Status | null;
  leavesOut: string;
  /** The rows that sum to it, by their index. */
  rows: number[];
}

export const LINK_ONLY = 'link time only: this protocol\u2019s compute time is not known';

/** `1 piece of work without a price, 17 without a compute time`; nothing where nothing is missing. */
export function gaps({ unpriced, status }: Pick<Estimate, 'unpriced' | 'status'>): string {
  const missing = status['not-supported'].parts;
  const untimed = unpriced.length - missing;
  const parts = [
    missing > 0 && `${plural(missing, 'piece')} of work without a price`,
    untimed > 0 && `${missing > 0 ? exact(untimed) : `${plural(untimed, 'piece')} of work`} without a compute time`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** Some of what the figure counts has no price, or no time: it is a lower bound. */
export function isBound({ unpriced, status }: Pick<Estimate, 'unpriced' | 'status'>, figure: Figure): boolean {
  return figure === 'offline' || figure === 'online' ? unpriced.length > 0 : status['not-supported'].parts > 0;
}

/** A lower bound says so. */
export const boundText = (text: string, bound: boolean): string => (bound ? `>\u00a0${text}` : text);

export const LABELS: Record<Figure, string> = {
  offline: 'offline',
  online: 'online',
  bytes: 'traffic',
  rounds: 'rounds',
  storage: 'client keeps',
};

/** How a figure reads. */
export function figureText(figure: Figure, value: number): string {
  if (figure === 'bytes' || figure === 'storage') return bytes(value);
  return figure === 'rounds' ? exact(value) : seconds(value);
}

/**
 * A figure of a total or a row: its value, its range, and whether it is link time alone. Nothing at all is not known
 * where some of the work has no price, and where the time on the link is all that is known and there is no link.
 */
export function figureOf(
  cost: Pick<RowCost, 'offline' | 'online' | 'bytes_total' | 'client_storage_bytes' | 'partial'>,
  figure: Figure,
): { value: number | null; range: Range | null; linkOnly: boolean } {
  const phase: Phase | null = figure === 'offline' ? cost.offline : cost.online;
  const counted = (value: number | null | undefined): number | null =>
    value == null || (value === 0 && cost.partial) ? null : value;
  switch (figure) {
    case 'offline':
    case 'online':
      if (!phase) return { value: null, range: null, linkOnly: false };
      return phase.seconds
        ? { value: phase.seconds[1], range: phase.seconds, linkOnly: false }
        : { value: phase.link_seconds || null, range: null, linkOnly: true };
    case 'bytes':
      return { value: counted(cost.bytes_total), range: null, linkOnly: false };
    case 'rounds':
      return { value: counted(phase?.rounds), range: null, linkOnly: false };
    case 'storage':
      return { value: counted(cost.client_storage_bytes), range: null, linkOnly: false };
  }
}

export const MACHINES: Record<Machine, string> = {
  epyc: 'EPYC 7502 on both sides',
  atom: 'client Atom Z8350',
  'a100-40': 'A100, 40 GB',
  'a100-80': 'A100, 80 GB',
  h100: 'H100',
  rtx5090: 'RTX 5090',
};

/** The machine of an estimate: one that the protocol has no times of stands for its first. */
export const machineOf = (machine: Machine, machines: readonly Machine[]): Machine | undefined =>
  machines.includes(machine) ? machine : machines[0];

/** `DELPHI, server garbles, version 1; lan: 384 MB/s up, 384 MB/s down, 0.3 ms; ...` and the settings that it heeds. */
export function underOf(
  estimate: Estimate,
  protocol: (Pick<Protocol, 'title' | 'machines'> & { knobs: readonly string[] }) | undefined,
): string {
  const {
    link,
    he_threads,
    gc_threads,
    ring_bits,
    share_bits,
    ot,
    faults,
    adder,
    window,
    fss_bits,
    fraction,
    inferences,
    changed,
    activation,
  } = estimate.settings;
  const factor = estimate.settings.machine_factor;
  const title = protocol?.title ?? estimate.protocol;
  const machine = machineOf(estimate.settings.machine, protocol?.machines ?? []);
  const rate = (value: number | null): string => (value === null ? 'no limit' : `${bytes(value)}/s`);
  const parts = [
    `${title}, version ${estimate.profile_version}`,
    `link ${link.id}: ${rate(link.up_bytes_per_s)} up, ${rate(link.down_bytes_per_s)} down, ${Number(link.rtt_ms.toPrecision(3))} ms round trip (${link.source})`,
  ];
  const heeded: Record<string, string> = {
    he_threads: `HE on ${plural(he_threads, 'thread')}`,
    gc_threads: `circuits on ${plural(gc_threads, 'thread')}`,
    ring_bits: `ring of ${ring_bits ?? 0} bits`,
    share_bits: `shares of ${share_bits} bits`,
    ot: `${ot} OT`,
    faults: `signs err ${faults}`,
    adder: adder === 'ppa' ? 'parallel-prefix adder' : 'ripple-carry adder',
    window: window === 'none' ? 'comparisons at full width' : `comparisons on ${window} bits: wrong outside them`,
    fss_bits: `comparisons on ${fss_bits} bits`,
    fraction: `fraction of ${fraction} bits`,
    ...(factor !== undefined && { machine_factor: `seconds times ${factor}` }),
    ...(inferences > 1 && { inferences: `set-up for ${exact(inferences)} inferences` }),
  };
  parts.push(...(protocol?.knobs ?? []).flatMap((knob) => heeded[knob] ?? []));
  if (machine) parts.push(MACHINES[machine]);
  parts.push(...changed);
  const { activation_share: part, granularity, replaced } = estimate.settings;
  if (activation !== 'keep')
    parts.push(
      `activations: ${activation}${part == null ? '' : `, ${Number((100 * part).toPrecision(3))} % kept by ${granularity ?? 'pixel'}`}`,
    );
  if (replaced) parts.push(`a plan for ${plural(replaced.length, 'activation')}`);
  return parts.join('; ');
}

/** `From level 16 to 2, 1 bootstrap before it; 1 ciphertext, 50 % of its slots; 88 plaintext products, 24 rotations` */
function levelsText({ level, leaves, bootstraps, ciphertexts, slot_use, products, rotations }: Homomorphic): string {
  const parts = [
    `From level ${level} to ${leaves}, ${plural(bootstraps, 'bootstrap')} before it`,
    `${plural(ciphertexts, 'ciphertext')}, ${share(slot_use, 1)} of the slots`,
    products !== null && `${plural(products, 'plaintext product')}, ${plural(rotations ?? 0, 'rotation')}`,
  ];
  return parts.filter(Boolean).join('; ');
}

export function rowView(card: CostCard, figure: Figure, name: string, under: string): CostView {
  const { value, range: span, linkOnly } = figureOf(card.cost, figure);
  const bound =
    figure === 'offline' || figure === 'online' ? card.cost.partial : card.cost.status['not-supported'].parts > 0;
  const read = ({ label, formula, values, constants }: CardLine): Line => ({
    formula: `${label} = ${formula}`,
    values,
    constants,
  });
  return {
    title: `${LABELS[figure]} of ${name}`,
    text: value === null ? 'no price' : boundText(figureText(figure, value), bound),
    value,
    range: span ? range(span) : '',
    note: [
      linkOnly ? LINK_ONLY : '',
      bound && value !== null ? 'A lower bound: some of it has no price' : '',
      card.cost.homomorphic ? levelsText(card.cost.homomorphic) : '',
    ]
      .filter(Boolean)
      .join('. '),
    under,
    lines: card.lines.filter((line) => line.figure === figure).map(read),
    others: card.lines.filter((line) => line.figure !== figure).map(read),
    constants: card.constants,
    terms: [],
    missing: card.missing.map((reason) => ({ index: null, reason })),
    status: card.status,
    leavesOut: card.leaves_out,
    rows: [],
  };
}

/** A layer that asks nothing of the protocol. */
export function freeView(estimate: Estimate, figure: Figure, name: string, under: string): CostView {
  return {
    title: `${LABELS[figure]} of ${name}`,
    text: figureText(figure, 0),
    value: 0,
    range: '',
    note: 'Free: it is local, or folds into another layer, so that nothing is sent or computed for it.',
    under,
    lines: [],
    others: [],
    constants: [],
    terms: [],
    missing: [],
    status: null,
    leavesOut: estimate.leaves_out,
    rows: [],
  };
}

const WRITTEN = 5;

export function totalView(
  estimate: Estimate,
  columns: CostColumns,
  figure: Figure,
  under: string,
  constants: readonly Constant[] = [],
): CostView {
  const { value, range: span, linkOnly } = figureOf(estimate, figure);
  const field = linkOnly ? `${figure}_link` : figure;
  const rows = columns
    .dearest(field)
    .filter(({ index }) => figure !== 'rounds' || columns.value('on_path', index) === 1);
  const shown = rows.slice(0, WRITTEN).map((row) => ({ index: row.index, text: figureText(figure, row.value) }));
  const rest = rows.length - shown.length;
  const sum = [...shown.map((term) => term.text), ...(rest > 0 ? [`${plural(rest, 'more row')}`] : [])].join(' + ');
  const bound = isBound(estimate, figure);
  const text = value === null ? 'not known' : boundText(figureText(figure, value), bound);
  return {
    title: `${LABELS[figure]}, total`,
    text,
    value,
    range: span ? range(span) : '',
    note: [
      linkOnly && LINK_ONLY,
      bound && `partial, a lower bound: ${gaps(estimate)}`,
      figure === 'rounds' && 'the rounds of the longest chain of rows: others answer in the same ones',
    ]
      .filter(Boolean)
      .join('; '),
    under,
    lines: [
      {
        formula: figure === 'rounds' ? 'sum over the rows of the longest chain' : 'sum over the rows',
        values: rows.length === 0 ? text : `${sum} = ${text}`,
      },
    ],
    others: [],
    constants: [],
    sources: [...new Set(constants.map(({ source }) => source))],
    terms: shown,
    missing: estimate.unpriced,
    status: null,
    leavesOut: estimate.leaves_out,
    rows: rows.map((row) => row.index),
  };
}
