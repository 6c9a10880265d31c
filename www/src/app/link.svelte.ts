/**
 * Links: what is on screen as settings of a link, and back. The core packs them with the score; it
 * leaves keys in `name.` out where names are not asked for. A value that does not fit is passed
 * over: a link must open whatever later versions of the page write into it.
 */
import type { Axis, LinkState, LinkView } from '../contract/core';
import { costingOf } from '../lib/costing';
import { axes } from '../lib/pareto';
import type { Pairs } from '../lib/plan-link';
import type { Fault } from '../lib/types';
import { isFault } from '../lib/types';
import { core } from '../worker/client';
import { costs } from './cost.svelte';
import { pareto } from './pareto.svelte';
import { route, views } from './routes.svelte';
import { session } from './session.svelte';
import { table } from './table.svelte';
import { TRAINING, trained } from './trained.svelte';

/** Whether the person lets names of the model into links; the page's title says them only then. */
class Sharing {
  names = $state(false);
}

export const sharing = new Sharing();

function unfetched(what: string): never {
  const message = `The part of the page that ${what} could not be fetched.`;
  const fault: Fault = {
    code: 'io',
    message,
    place: {},
    hint: 'Check that the page is still being served, then reload it.',
  };
  throw fault;
}
/** With the views that plan and design, which a first visit does without: fetched where a link is made or brings something of theirs. */
const planning = () => import('./replace/link').catch(() => unfetched('plans'));
const designing = () => import('./design-link').catch(() => unfetched('designs'));
const ofDesign = ([key]: [string, string]): boolean => key.startsWith('design.');
const ofPlan = ([key]: [string, string]): boolean => /^(name\.)?plan\./.test(key);

const flag = (on: boolean): string => (on ? '1' : '0');
const listed = (items: Iterable<string>): string => [...items].join('|');

function tablePairs(): Pairs {
  const pairs: Pairs = [];
  if (table.order) pairs.push(['order', `${table.order.column}|${flag(table.order.down)}`]);
  const columns = Object.entries(table.columns).map(([id, on]) => `${flag(on)}${id}`);
  if (columns.length > 0) pairs.push(['columns', listed(columns)]);
  if (table.query) pairs.push(['name.filter', table.query]);
  if (table.picked) pairs.push(['name.picked', table.picked.label]);
  return pairs;
}

function paretoPairs(): Pairs {
  const pairs: Pairs = [['pareto.x', pareto.axis]];
  const put = (on: boolean, key: string, value: string): void => {
    if (on) pairs.push([key, value]);
  };
  put(pareto.chosenDataset !== null, 'pareto.dataset', pareto.dataset);
  put(!pareto.log, 'pareto.log', '0');
  put(pareto.tabled, 'pareto.table', '1');
  put(pareto.verified, 'pareto.verified', '1');
  put(pareto.hidden.size > 0, 'pareto.hidden', listed(pareto.hidden));
  put(pareto.budget !== null, 'pareto.budget', String(pareto.budget));
  put(pareto.target !== null, 'pareto.target', String(pareto.target));
  put(pareto.chosen !== null, 'pareto.chosen', pareto.chosen ?? '');
  const { window } = pareto;
  put(
    window !== null,
    'pareto.window',
    listed([...(window?.x ?? []), ...(window?.y ?? [])].map((value) => value.toPrecision(6))),
  );
  put(pareto.current?.accuracy != null, 'accuracy', String(pareto.current?.accuracy));
  for (const pin of pareto.pins) {
    pairs.push(['pin', `${pin.relus}|${pin.macs}|${pin.accuracy ?? ''}|${pin.dataset}`], ['name.pin', pin.name]);
  }
  return pairs;
}

/** What a link of the page holds beside the score, with the pairs of plan and design. */
export function viewOf(more: Pairs): LinkView {
  return {
    example: session.source?.kind === 'example' ? session.source.id : (session.link?.view.example ?? null),
    view: route.view,
    cost: costs.settings,
    settings: [
      ...tablePairs(),
      ...(costs.measure ? [['measure', costs.measure] as [string, string]] : []),
      ...paretoPairs(),
      ...more,
    ],
    selection: [...(table.picked?.rows ?? [])].sort((a, b) => a - b),
  };
}

/** The address that opens to what is on screen; null without a model. Throws a `Fault`. */
export async function linkNow(names: boolean): Promise<string | null> {
  const [{ planPairs }, { designNow }] = await Promise.all([planning(), designing()]);
  const { source, set } = session;
  if (!source) return null;
  const view = viewOf([...planPairs(), ...designNow(), ...trained.pairs()]);
  const fragment = await core.call('share', { source, set, view, names }, { brief: true });
  return `${location.href.replace(/#.*$/s, '')}${fragment}`;
}

const finite = (text: string | undefined): number | null => {
  const value = Number(text);
  return text === undefined || text === '' || !Number.isFinite(value) ? null : value;
};

function applyPareto(pairs: Pairs, get: (key: string) => string | undefined): void {
  pareto.chosenDataset = get('pareto.dataset') ?? null;
  pareto.axis = axes.find(({ id }) => id === (get('pareto.x') as Axis))?.id ?? pareto.axis;
  pareto.log = get('pareto.log') !== '0';
  pareto.tabled = get('pareto.table') === '1';
  pareto.verified = get('pareto.verified') === '1';
  pareto.hidden = new Set(get('pareto.hidden')?.split('|'));
  pareto.budget = finite(get('pareto.budget'));
  pareto.target = finite(get('pareto.target'));
  pareto.chosen = get('pareto.chosen') ?? null;
  const [x0, x1, y0, y1] = get('pareto.window')?.split('|').map(finite) ?? [];
  pareto.window = x0 != null && x1 != null && y0 != null && y1 != null ? { x: [x0, x1], y: [y0, y1] } : null;
  const accuracy = (text: string | undefined): number | null => {
    const value = finite(text);
    return value === null || value < 0 || value > 100 ? null : value;
  };
  pareto.setAccuracy(accuracy(get('accuracy')));
  const names = pairs.filter(([key]) => key === 'name.pin').map(([, name]) => name);
  pareto.pins = [];
  pairs
    .filter(([key]) => key === 'pin')
    .forEach(([, value], i) => {
      const [relus, macs, typed, dataset = pareto.dataset] = value.split('|');
      const [r, m] = [finite(relus), finite(macs)];
      if (r === null || m === null) return;
      const name = names[i] ?? `pinned ${i + 1}`;
      pareto.keep({ name, relus: r, macs: m, accuracy: accuracy(typed), dataset });
    });
}

/** What a link says of costs and score is on screen without its plan and its design. */
function failed(error: unknown): null {
  if (!isFault(error)) throw error;
  session.work.problem = { doing: 'Opening the link', fault: error };
  return null;
}

/** Puts on screen what a link says was there; `sent`: somebody's, not this browser's own of an earlier visit. */
export async function apply({ view }: LinkState, sent = false): Promise<void> {
  const pairs = view.settings;
  const get = (key: string): string | undefined => pairs.find(([known]) => known === key)?.[1];
  const { replaced, ...costing } = costingOf(view.cost ?? {});
  Object.assign(costs, costing);
  costs.replace(replaced);
  const measure = get('measure');
  costs.measure = measure === 'time' || measure === 'bytes' ? measure : null;
  const [column, down] = get('order')?.split('|') ?? [];
  table.order = column ? { column, down: down !== '0' } : null;
  table.columns = Object.fromEntries(
    (get('columns')?.split('|') ?? []).map((text) => [text.slice(1), text.startsWith('1')]),
  );
  if (view.selection.length > 0) table.pick(get('name.picked') ?? 'the link', view.selection);
  table.query = get('name.filter') ?? '';
  applyPareto(pairs, get);
  trained.linked = get(TRAINING) ?? null;
  const { scene } = session;
  const plan = pairs.some(ofPlan) ? await planning().catch(failed) : null;
  const design = pairs.some(ofDesign) ? await designing().catch(failed) : null;
  // Another model may be here by now: a plan is of its own.
  if (session.scene !== scene) return;
  plan?.openPlan(pairs);
  design?.openDesign(pairs, sent);
  route.view = views.find(({ id }) => id === view.view)?.id ?? 'score';
}

/** Opens a link; a bad one is said so, and the page shows what it shows without one. */
export async function openLink(text: string): Promise<void> {
  const state = await session.openLink(text);
  if (state) await apply(state, true);
  else if (!session.scene && session.work.problem) {
    const { problem } = session.work;
    await session.openExample(session.first);
    session.work.problem ??= problem;
  }
}
