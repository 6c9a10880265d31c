import { describe, expect, it } from 'vitest';
import type { ExploreReport, Spec } from '../../contract/core';
import { axesOf, sizeOf, sweepOf } from './sweep';

const stage = { block: 'basic', blocks: 2, channels: 16, stride: 1 } as unknown as Spec['stages'][number];
const spec: Spec = { input: [3, 32, 32], classes: 10, stages: [stage, stage, stage], head: 'gap' };
const ranges = { base: '8, 16,x', from: 2, to: 4, blocks: null, mostRelus: null, against: 'macs' } as const;

const terms = { protocols: ['semi2k'] };

describe('a sweep', () => {
  it('varies the first width and a multiplier of each later stage', () => {
    const asked = sweepOf(spec, ranges, 'semi2k', terms);
    expect(asked.vary.map(({ what }) => what)).toEqual(['base', 'multiplier.2', 'multiplier.3']);
    expect(sizeOf(asked)).toBe(2 * 3 * 3);
    expect(asked.objectives).toEqual([
      { of: 'relus', sense: 'min' },
      { of: 'macs', sense: 'max' },
    ]);
  });

  it('asks for a price under the protocol, beside size', () => {
    const asked = sweepOf(spec, { ...ranges, blocks: [1, 2], mostRelus: 5, against: 'bytes' }, 'semi2k', terms);
    expect(sizeOf(asked)).toBe(2 * 3 * 3 * 2 * 2 * 2);
    expect(asked.objectives?.map(({ of }) => of)).toEqual(['bytes:semi2k', 'macs']);
    expect(asked.constraints).toEqual([{ of: 'relus', most: 5 }]);
  });

  it('finds its objectives among the figures', () => {
    const settings = sweepOf(spec, ranges, 'semi2k', terms);
    const report = { settings, figures: ['relus', 'macs', 'params'] } as unknown as ExploreReport;
    expect(axesOf(report)).toEqual({ x: 0, y: 1, titles: ['relus', 'macs'] });
    expect(axesOf({ ...report, figures: ['relus'] })).toBeNull();
  });
});
