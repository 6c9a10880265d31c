/**
 * Which requests the core of a first visit cannot answer. It lists what that core knows: whatever is added
 * elsewhere, a verb, a setting or a protocol, goes to the whole core by itself.
 */
import type { CostSettings, Terms } from '../lib/cost';
import type { Request, Verb } from './protocol';

const VERBS: readonly Verb[] = [
  'examples', 'score', 'card', 'cost', 'costEach', 'costReport', 'costCard', 'typedCost', 'typedCard', 'protocols', 'links', 'reluPrice', 'compare',
];
const PROTOCOLS: readonly string[] = ['delphi:server-garbler', 'delphi:client-garbler', 'semi2k', 'aby3'];
const KEYS: readonly string[] = ['protocols', 'link', 'up', 'down', 'rtt', 'he_threads', 'gc_threads', 'machine', 'ring_bits', 'activation'];

const isFirst = (settings: CostSettings | Terms): boolean =>
  settings.protocols.every((id) => PROTOCOLS.includes(id)) && Object.keys(settings).every((key) => KEYS.includes(key));

export function needsAll({ verb, ask }: Request): boolean {
  if (!VERBS.includes(verb)) return true;
  if (ask === null || typeof ask === 'string') return false;
  if ('all' in ask && ask.all) return true;
  if ('source' in ask && ask.source.kind === 'link') return true;
  const asked = 'terms' in ask ? [ask.terms] : 'settings' in ask ? [ask.settings] : 'each' in ask ? ask.each : [];
  return !asked.every(isFirst);
}
