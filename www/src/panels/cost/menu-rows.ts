/** The core's table of settings as a menu shows it under one protocol: which rows, what each offers and holds. Pure. */
import type { Machine, Protocol, Setting, Value } from '../../contract/core';
import { machineOf } from '../../lib/cost-view';
import type { Costing } from '../../lib/costing';
import { counts } from '../../lib/costing';

type Option = { value: Value; title: string };
type Chosen = Pick<Costing, 'chosenTerms' | 'chosenActivations'>;

export interface Row {
  setting: Setting;
  /** null: nothing is set, and nothing stands for that. */
  value: Value | null;
  /** Of a choice. */
  options: readonly Option[];
}

/** A share is held in millionths, as a link holds it: 12.5 % is 0.125, and 33.3333 % what is left of a third. */
export const shareOf = (percent: number): number => Math.round(percent * 1e4) / 1e6;
export const percentOf = (share: number): number => Math.round(share * 1e6) / 1e4;

const partOf = ({ of }: Setting): keyof Chosen => (of === 'terms' ? 'chosenTerms' : 'chosenActivations');

/** What a setting is while nobody chooses; no share is a share of nothing, no factor is 1. */
const alwaysOf = ({ default: always, kind }: Setting): Value | null =>
  always ?? { share: 0, factor: 1, number: null, amount: null, choice: null }[kind.type];

function offered({ key, kind }: Setting, { machines }: Pick<Protocol, 'machines'>): readonly Option[] {
  if (kind.type !== 'choice') return [];
  // In the profile's order: the one that stands for none comes first.
  return key === 'machine'
    ? machines.flatMap((id) => kind.options.find(({ value }) => value === id) ?? [])
    : kind.options;
}

export function rowsOf(
  table: readonly Setting[],
  profile: Pick<Protocol, 'knobs' | 'machines'>,
  chosen: Chosen,
): Row[] {
  return table.flatMap((setting): Row[] => {
    const { key, kind, knob } = setting;
    const set = chosen[partOf(setting)];
    const options = offered(setting, profile);
    if (
      (knob !== null && !profile.knobs.includes(knob)) ||
      !counts(key, set) ||
      (kind.type === 'choice' && options.length === 0)
    )
      return [];
    const value = set[key] ?? alwaysOf(setting);
    return [
      { setting, value: key === 'machine' ? (machineOf(value as Machine, profile.machines) ?? null) : value, options },
    ];
  });
}

/** What is set with one more choice; one that is as always is taken out, and so is a price that is nothing. */
export function chosenWith(chosen: Chosen, setting: Setting, value: Value | null): Partial<Chosen> {
  const part = partOf(setting);
  const { [setting.key]: _, ...rest } = chosen[part];
  return { [part]: value === null || value === alwaysOf(setting) ? rest : { ...rest, [setting.key]: value } };
}

/** What was typed into a field; null where it does not fit. */
export function typed({ kind }: Setting, n: number): Value | null {
  if (kind.type === 'share') return n >= 0 && n <= 100 ? shareOf(n) : null;
  if (kind.type === 'amount') return n >= 0 && n <= kind.most ? n : null;
  if (kind.type === 'factor') return n > 0 && n <= kind.most ? n : null;
  return kind.type === 'number' && Number.isInteger(n) && n >= kind.least && n <= kind.most ? n : null;
}
