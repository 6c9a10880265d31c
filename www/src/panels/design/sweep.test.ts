import { describe, expect, it } from 'vitest';
import type { ExploreReport, Spec } from '../../contract/core';
import { axesOf, choicesOf, moreOf, noteOf, pricedUnder, sizeOf, sweepOf, textOf, titleOf } from './sweep';

const stage = { block: 'basic', blocks: 2, channels: 16, stride: 1 } as unknown as Spec['stages'][number];
const spec: Spec = { input: [3, 32, 32], classes: 10, stages: [stage, stage, stage], head: 'gap' };
const ranges = { base: '8, 16,x', from: 2, to: 4, blocks: null, more: '', mostRelus: null, against: 'macs' } as const;

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

  it('reads what else varies, a line each', () => {
    expect(moreOf('side = 32, 64\nstages.2.mid=8..12; stages.1.relu = all none\n\nwhat')).toEqual([
      { what: 'side', values: [32, 64] },
      { what: 'stages.2.mid', from: 8, to: 12 },
      { what: 'stages.1.relu', values: ['all', 'none'] },
      { what: 'what', values: [] },
    ]);
    const asked = sweepOf(spec, { ...ranges, more: 'side = 32, 64' }, 'semi2k', terms);
    expect(sizeOf(asked)).toBe(2 * 3 * 3 * 2);
    expect(sizeOf(sweepOf(spec, { ...ranges, more: 'side' }, 'semi2k', terms))).toBe(0);
    expect(sizeOf({ ...asked, vary: [{ what: 'side', from: 8, to: 15, step: 3 }] })).toBe(3);
  });

  it('counts ranges of any length without making them', () => {
    const asked = sweepOf(spec, ranges, 'semi2k', terms);
    const sized = (more: string): number => sizeOf({ ...asked, vary: moreOf(more) });
    expect(sized('side = 1..5000000000')).toBe(5e9);
    expect(sized('side = 1..1000000000; classes = 1..1000000000')).toBe(1e18);
    expect(sized(`side = 1..1${'0'.repeat(400)}`)).toBe(Number.POSITIVE_INFINITY);
    expect(sized(`side = 1..1${'0'.repeat(400)}; classes = 9..2`)).toBe(0);
    expect(choicesOf({ ...asked, vary: moreOf('side = 8..5000000000; classes = 2, 3') }, 9_000_000_001)).toEqual([
      4_500_000_008, 3,
    ]);
    expect(choicesOf({ ...asked, vary: [{ what: 'side', from: 8, to: 5e9, step: 3 }] }, 1e9)).toEqual([3_000_000_008]);
  });

  it('says under what prices are', () => {
    const priced = sweepOf(spec, { ...ranges, against: 'seconds' }, 'delphi:server-garbler', terms);
    expect(pricedUnder(priced)).toEqual({ protocol: 'delphi:server-garbler', link: 'lan' });
    expect(pricedUnder({ ...priced, cost: { ...terms, link: 'wan' } })?.link).toBe('wan');
    expect(pricedUnder({ ...priced, cost: { ...terms, up: 1, down: 2 } })?.link).toBe('custom');
    expect(pricedUnder(sweepOf(spec, ranges, 'semi2k', terms))).toBeNull();
    expect(titleOf('seconds:delphi:server-garbler', (id) => id.toUpperCase())).toBe('time under DELPHI:SERVER-GARBLER');
    expect([titleOf('relus', String), titleOf('bytes:semi2k'), titleOf('what:semi2k')]).toEqual([
      'ReLUs',
      'traffic',
      'what:semi2k',
    ]);
  });

  it('knows what a candidate is by its place, the last number changing fastest', () => {
    const asked = sweepOf(spec, ranges, 'semi2k', terms);
    const all = [8, 16].flatMap((base) => [2, 3, 4].flatMap((a) => [2, 3, 4].map((b) => [base, a, b])));
    expect(all.map((_, place) => choicesOf(asked, place))).toEqual(all);
    expect(noteOf(asked, 17)).toBe('base 16, multiplier.2 4, multiplier.3 4');
  });

  it('says figures with their units, and what is not known', () => {
    expect([textOf('bytes:semi2k', 2e6), textOf('relus', 1234), textOf('relus', Number.NaN)]).toEqual([
      '2.00\u00a0MB',
      '1.23\u00a0k',
      'not known',
    ]);
  });
});
