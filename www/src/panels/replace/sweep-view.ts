/** Points of a sweep as the chart, the table and the file have them. Pure. */
import type { Estimate, Policy } from '../../contract/core';
import type { SweepAxis } from '../../app/replace/sweep.svelte';
import type { Dot, Line, Mark } from '../../charts/plot';
import type { Cell } from '../../lib/csv';
import { csv } from '../../lib/csv';
import { bytes, exact, seconds } from '../../lib/format';
import type { Points } from '../../lib/plan-link';
import type { SweepPoint } from '../../lib/replace';
import { policyTitle } from '../../lib/replace-view';

export interface Placed {
  key: string;
  policy: Policy;
  point: SweepPoint;
  traffic: number | null;
  /** Offline and online; link alone where the compute time is not known. */
  time: number | null;
  x: number | null;
}

type Shown = 'accuracy' | 'agreement';

const MARKS: readonly Mark[] = ['circle', 'square', 'triangle', 'diamond', 'cross'];

/** Offline and online; link alone where the compute time is not known. */
export function timeOf({ offline, online }: Estimate): number {
  const phase = (one: Estimate['online']): number => one.seconds?.[1] ?? one.link_seconds;
  return phase(offline) + phase(online);
}

/** `estimates`: one a point, in their order; none while they are asked for. */
export function pointsOf(points: Points, estimates: readonly Estimate[], axis: SweepAxis): Placed[] {
  return Object.values(points)
    .flatMap((list) => list ?? [])
    .map((point, i): Placed => {
      const estimate = estimates[i];
      const traffic = estimate?.bytes_total ?? null;
      const time = estimate ? timeOf(estimate) : null;
      return {
        key: `${point.policy} ${point.budget}`,
        policy: point.policy,
        point,
        traffic,
        time,
        x: axis === 'relus' ? point.kept : axis === 'bytes' ? traffic : time,
      };
    });
}

const policiesOf = (points: readonly Placed[]): Policy[] => [...new Set(points.map(({ policy }) => policy))];
const percentOf = (point: SweepPoint, shown: Shown): number | null => {
  const share = point[shown];
  return share === null ? null : 100 * share;
};
const colourOf = (place: number): string => `method-${1 + (place % 7)}`;

/** What was measured of the plan in force: a share, and its interval where it has one. */
export interface Reached {
  share: number;
  interval: readonly [number, number] | null;
}

/** `now`: where the plan in force stands on the axis; `reached`: how high, once it was measured. */
export function dotsOf(
  points: readonly Placed[],
  shown: Shown,
  now: number | null,
  reached: Reached | null = null,
): Dot[] {
  const policies = policiesOf(points);
  const current: Dot[] =
    now === null
      ? []
      : [
          {
            id: 'now',
            x: now,
            y: reached && 100 * reached.share,
            ...(reached?.interval && { span: [100 * reached.interval[0], 100 * reached.interval[1]] as const }),
            series: 'now',
            mark: 'circle',
            colour: 'accent',
            strong: true,
            fill: 'solid',
            own: 'current',
            name: reached
              ? `the plan above, ${shown} ${(100 * reached.share).toFixed(1)}\u00a0%`
              : `the plan above, ${shown} not measured`,
          },
        ];
  const all = points.map(({ key, policy, point, x, traffic, time }): Dot => {
    const place = policies.indexOf(policy);
    const y = percentOf(point, shown);
    const interval = shown === 'accuracy' ? point.accuracy_interval : null;
    const facts = [
      policyTitle(policy),
      `${exact(point.kept)} of ${exact(point.total)} kept`,
      y === null ? `${shown} not known` : `${shown} ${y.toFixed(1)}\u00a0%`,
      ...(interval ? [`95 % interval ${interval.map((end) => (100 * end).toFixed(1)).join(' to ')}\u00a0%`] : []),
      ...(traffic === null ? [] : [bytes(traffic)]),
      ...(time === null ? [] : [seconds(time)]),
    ];
    return {
      id: key,
      x,
      y,
      ...(interval && { span: [100 * interval[0], 100 * interval[1]] as const }),
      series: policy,
      mark: MARKS[place % MARKS.length] ?? 'circle',
      colour: colourOf(place),
      strong: true,
      fill: 'solid',
      name: facts.join(', '),
    };
  });
  return [...all, ...current];
}

export function linesOf(points: readonly Placed[], shown: Shown): Line[] {
  const policies = policiesOf(points);
  return policies.map((policy, place) => ({
    id: policy,
    label: policyTitle(policy),
    colour: colourOf(place),
    dashed: false,
    listed: policies.length > 1,
    points: points
      .filter((one) => one.policy === policy)
      .flatMap(({ point, x }): [number, number][] => {
        const y = percentOf(point, shown);
        return x === null || y === null ? [] : [[x, y]];
      })
      .toSorted((a, b) => a[0] - b[0]),
  }));
}

/** One line a point; the first columns are those of the command line. */
export function sweepCsv(points: Points, estimates: readonly Estimate[], under: string): string {
  const head = [
    'policy',
    'budget',
    'kept',
    'total',
    'accuracy',
    'agreement',
    'kl',
    'relative_error',
    'protocol',
    'link',
    'bytes',
    'seconds',
    'compute_included',
    'under',
    'made_by',
  ];
  const rows = pointsOf(points, estimates, 'relus').map(({ policy, point, traffic, time }, i): Cell[] => {
    const estimate = estimates[i];
    return [
      policy,
      point.budget,
      point.kept,
      point.total,
      point.accuracy,
      point.agreement,
      point.kl,
      point.relative_error,
      estimate?.protocol ?? null,
      estimate?.link ?? null,
      traffic,
      time,
      estimate ? String(estimate.compute_included) : null,
      under,
      `Reluctant ${VERSION}`,
    ];
  });
  return csv(head, rows);
}
