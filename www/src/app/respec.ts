/** Widths that were moved in a network, written into the spec that it was made from. */
import type { Spec, SpecSizes, SpecStage } from '../contract/core';

/** Convolutions that share a width, by the names of their weights, and the width. */
interface Width {
  readonly names: readonly string[];
  readonly to: number;
}

/** The convolution whose outputs are the block's; before it stand those inside. */
const LAST: Record<SpecStage['block'], string> = {
  basic: 'conv2',
  wide: 'conv2',
  bottleneck: 'conv3',
  vgg: 'conv',
  inverted: 'conv3',
};

const sizesOf = (sizes: SpecSizes, blocks: number): number[] =>
  Array.from({ length: blocks }, (_, block) => (typeof sizes === 'number' ? sizes : (sizes[block] ?? 0)));

/** One number where all are alike. */
const packed = (sizes: number[]): SpecSizes => (new Set(sizes).size === 1 ? (sizes[0] ?? 0) : sizes);

/** `layer2.0.conv1.weight` is inside the first block of the second stage; `conv1.weight` is the stem's. */
export function respec(spec: Spec, widths: readonly Width[]): Spec {
  const of = new Map(widths.flatMap(({ names, to }) => names.map((name) => [name, to] as const)));
  const stem = of.get('conv1.weight');
  const stages = spec.stages.map((stage, at): SpecStage => {
    const { block, blocks } = stage;
    const width = (place: number, part: string): number | undefined => of.get(`layer${at + 1}.${place}.${part}.weight`);
    const before = sizesOf(stage.channels, blocks);
    const channels = before.map((now, place) => width(place, LAST[block]) ?? now);
    if (block === 'vgg' || block === 'inverted') return { ...stage, channels: packed(channels) };
    const usual = before.map((now) => (block === 'bottleneck' ? Math.floor(now / 4) : now));
    const mid = (stage.mid === undefined ? usual : sizesOf(stage.mid, blocks)).map((now, place) => {
      // Two convolutions inside a bottleneck have one width in a spec: their mean.
      const inside = ['conv1', ...(block === 'bottleneck' ? ['conv2'] : [])].map((part) => width(place, part) ?? now);
      return Math.round(inside.reduce((sum, one) => sum + one, 0) / inside.length);
    });
    return { ...stage, channels: packed(channels), mid: packed(mid) };
  });
  return { ...spec, ...(spec.stem && stem !== undefined && { stem: { ...spec.stem, channels: stem } }), stages };
}
