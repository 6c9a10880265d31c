/** What the page says of a point: one list of facts for the tip, the details, the table and the CSV. */
import type { Axis, Published, PublishedPoint } from '../../contract/core';
import type { Kept } from '../../app/pareto.svelte';
import { bytes, exact, seconds, short } from '../../lib/format';
import { visible } from '../../lib/names';
import { statusText } from '../../lib/pareto';

/** A cost on the axis, with its unit. */
export function costText(axis: Axis, cost: number): string {
  switch (axis) {
    case 'relus':
      return cost >= 1e7 ? short(cost) : exact(cost);
    case 'macs':
      return short(cost);
    case 'latency':
      return seconds(cost);
    case 'traffic':
      return bytes(cost);
  }
}

/** The same for an axis: no more digits than the ticks have. */
export function tickText(axis: Axis, cost: number): string {
  const text = axis === 'latency' ? seconds(cost) : axis === 'traffic' ? bytes(cost) : short(cost);
  const [scaled = '', unit = ''] = text.split('\u00a0');
  return `${scaled.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}${unit ? `\u00a0${unit}` : ''}`;
}

export const axisTitle: Record<Axis, string> = {
  relus: 'ReLUs',
  latency: 'ReLU part of latency',
  traffic: 'ReLU part of traffic',
  macs: 'MACs',
};

/** What other sources say of the same count, where they differ. */
export function disputes(index: number, { points, conflicts }: Published): string[] {
  return conflicts
    .filter((conflict) => conflict.points.includes(index))
    .flatMap((conflict) => conflict.points)
    .filter((other) => other !== index)
    .flatMap((other) => {
      const point = points[other];
      return point ? [`${point.accuracy} % according to ${point.source}, ${point.place}`] : [];
    });
}

export function factsOf(point: PublishedPoint, index: number, published: Published): [string, string][] {
  const facts: [string, string][] = [
    ['Network', point.backbone],
    ['ReLUs', point.relus === null ? 'not published' : exact(point.relus)],
    ['ReLUs became', point.replacement],
    ['Teacher', point.distillation],
    ['Status', `${point.status}: ${statusText[point.status]}`],
  ];
  for (const dispute of disputes(index, published)) facts.push(['Disputed', dispute]);
  if (point.computed) {
    facts.push(['MACs', `${exact(point.computed.macs)}, computed here from the released recipe`]);
  }
  if (point.latency_s_as_published !== null) {
    facts.push(['Latency', `${point.latency_s_as_published} s as published, on the authors\u2019 own system`]);
  }
  facts.push(['Source', `${point.source}, ${point.place}`]);
  if (point.note) facts.push(['Note', point.note]);
  return facts;
}

function accuracyText({ accuracy, measured, dataset }: Kept): string {
  if (accuracy === null) return 'not known';
  if (!measured) return `${accuracy} % on ${dataset}, typed in`;
  const [low, high] = measured.interval ?? [measured.top1, measured.top1];
  return `${accuracy} % [${low.toFixed(1)}-${high.toFixed(1)}], measured here on ${visible(measured.test)}`;
}

/** Where the accuracy of an own point comes from. */
export const ownStatus = ({ accuracy, measured }: Kept): string =>
  accuracy === null ? 'not known' : measured ? 'measured here' : 'typed in';

export function ownFacts(own: Kept, current: boolean): [string, string][] {
  return [
    ['Network', `${visible(own.name)}${current ? ', on the page' : ', pinned'}`],
    ['ReLUs', exact(own.relus)],
    ['MACs', exact(own.macs)],
    ['Accuracy', accuracyText(own)],
  ];
}

/** `SNL, 66.53 % at 12,900`. */
export function brief(point: PublishedPoint, axis: Axis, cost: number | null): string {
  const at =
    cost === null ? '' : ` at ${costText(axis, cost)}${axis === 'relus' ? ' ReLUs' : axis === 'macs' ? ' MACs' : ''}`;
  return `${point.method}, ${point.accuracy}\u00a0%${at}`;
}
