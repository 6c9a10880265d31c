/** The equaliser's fields and the chosen network as pairs of a link, and back. Nothing of a link is trusted: the core reads specs. */
import type { Block, Spec } from '../contract/core';
import type { Pairs } from './plan-link';

/** The fields of the equaliser, as they are written. */
export interface Equalising {
  readonly blocks: string;
  readonly order: string;
  /** What the order was measured on; empty where it was written, or is the published one. */
  readonly orderFrom: string;
  /** The model that it was measured on: a name, which goes where names go. */
  readonly orderOf: string;
  readonly base: number;
  readonly side: number;
  readonly classes: number;
  readonly block: Block;
  readonly most: number | null;
  readonly alpha: boolean;
}

export const BLOCKS: readonly Block[] = ['basic', 'bottleneck', 'wide', 'vgg'];

/** The equaliser before anybody changed it. */
export const FIRST: Equalising = {
  blocks: '2,2,2,2',
  order: '3,2,4,1',
  orderFrom: '',
  orderOf: '',
  base: 16,
  side: 32,
  classes: 100,
  block: 'basic',
  most: null,
  alpha: false,
};

/** A spec that is longer stays out of links: lists of widths of each block are the longest there is. */
const LONGEST_SPEC = 16_000;

export interface Designed {
  readonly equalising: Equalising;
  /** The chosen network: its name and its spec as text, to be read by the core. */
  readonly chosen: { readonly name: string; readonly text: string } | null;
}

const LONGEST_NAME = 200;
/** Of a link that says no names it is left out. */
const ORDER_OF = 'name.design.order';

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 200;
const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

const FIELDS: { [K in keyof Equalising]: (value: unknown) => value is Equalising[K] } = {
  blocks: isText,
  order: isText,
  orderFrom: (value): value is string => typeof value === 'string' && value.length <= 1000,
  orderOf: isText,
  base: isSize,
  side: isSize,
  classes: isSize,
  block: (value): value is Block => BLOCKS.some((block) => block === value),
  most: (value): value is number | null => value === null || isSize(value),
  alpha: (value): value is boolean => typeof value === 'boolean',
};

/** What was changed of the equaliser, and the chosen network. */
export function designPairs(equalising: Equalising, chosen: { name: string; spec: Spec } | null): Pairs {
  const { orderOf, ...told } = equalising;
  const changed = Object.entries(told).filter(([key, value]) => FIRST[key as keyof Equalising] !== value);
  const pairs: Pairs = changed.length > 0 ? [['design.equalise', JSON.stringify(Object.fromEntries(changed))]] : [];
  if (orderOf) pairs.push([ORDER_OF, orderOf]);
  const text = chosen && JSON.stringify(chosen.spec);
  if (chosen && text && text.length <= LONGEST_SPEC) pairs.push(['design.name', chosen.name], ['design.network', text]);
  return pairs;
}

function fields(text: string | undefined): Partial<Equalising> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([key, one]) => FIELDS[key as keyof Equalising]?.(one)));
  } catch {
    return {};
  }
}

/** What the pairs of a link say; what does not fit is passed over. */
export function designedOf(pairs: Pairs): Designed {
  const get = (key: string): string | undefined => pairs.find(([known]) => known === key)?.[1];
  const text = get('design.network');
  return {
    equalising: { ...FIRST, ...fields(get('design.equalise')), orderOf: (get(ORDER_OF) ?? '').slice(0, LONGEST_NAME) },
    chosen:
      text && text.length <= LONGEST_SPEC ? { name: (get('design.name') ?? 'network').slice(0, 100), text } : null,
  };
}
