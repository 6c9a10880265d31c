/**
 * What happens to arrays and images before they enter a model: their layout, their scale, which array
 * is which input. Plain numbers in and out; reads no file.
 */
import type { ArrayHead } from './run';

/** Where the channels of an image stand. */
export type Layout = 'nchw' | 'nhwc';

export interface Normal {
  /** Divides first: 255 brings bytes to 0..1. */
  divide: number;
  /** Then these are taken away and divided by, for each channel; one stands for all. */
  mean: readonly number[];
  std: readonly number[];
}

export interface Preset {
  id: string;
  title: string;
  normal: Normal;
  /** The shorter side before the middle is cut out, as a multiple of the model's; 1 keeps all of it. */
  margin: number;
}

export const presets: readonly [Preset, ...Preset[]] = [
  { id: 'none', title: 'None: 0 to 1', margin: 1, normal: { divide: 255, mean: [0], std: [1] } },
  {
    id: 'imagenet',
    title: 'ImageNet',
    margin: 256 / 224,
    normal: { divide: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  },
  {
    id: 'cifar',
    title: 'CIFAR-10',
    margin: 1,
    normal: { divide: 255, mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  },
  { id: 'digits', title: 'Digits', margin: 1, normal: { divide: 255, mean: [0.3052], std: [0.376] } },
  { id: 'centred', title: 'Centred: -1 to 1', margin: 1, normal: { divide: 255, mean: [0.5], std: [0.5] } },
];

/** What images of this size are most often trained with. */
export function presetOf(shape: readonly (number | string)[] | null): Preset {
  const [, a, b, c] = shape ?? [];
  const side = layoutOf(shape) === 'nhwc' ? a : b;
  const channels = layoutOf(shape) === 'nhwc' ? c : a;
  const id =
    side === 8 && channels === 1
      ? 'digits'
      : side === 32 && channels === 3
        ? 'cifar'
        : channels === 3
          ? 'imagenet'
          : 'none';
  return presets.find((preset) => preset.id === id) ?? presets[0];
}

/** The layout of a model's image input: three channels or one, first or last; null for other arrays. */
export function layoutOf(shape: readonly (number | string)[] | null): Layout | null {
  if (shape?.length !== 4) return null;
  const image = (extent: number | string | undefined): boolean => extent === 1 || extent === 3;
  if (image(shape[1])) return 'nchw';
  return image(shape[3]) ? 'nhwc' : null;
}

/** Channels, height and width of a shape under a layout. */
export function sizesOf(shape: readonly number[], layout: Layout): { channels: number; height: number; width: number } {
  const [, a = 1, b = 1, c = 1] = shape;
  return layout === 'nchw' ? { channels: a, height: b, width: c } : { channels: c, height: a, width: b };
}

/** Moves the channels to where `to` has them; other arrays stay. */
export function transposed(
  values: Float32Array<ArrayBuffer>,
  shape: readonly number[],
  from: Layout,
  to: Layout,
): { values: Float32Array<ArrayBuffer>; shape: number[] } {
  if (from === to || shape.length !== 4) return { values, shape: [...shape] };
  const samples = shape[0] ?? 0;
  const { channels, height, width } = sizesOf(shape, from);
  const area = height * width;
  const out = new Float32Array(values.length);
  for (let n = 0; n < samples; n++) {
    const base = n * channels * area;
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) {
        const [first, last] = [base + c * area + p, base + p * channels + c];
        if (from === 'nhwc') out[first] = values[last] ?? 0;
        else out[last] = values[first] ?? 0;
      }
    }
  }
  return {
    values: out,
    shape: to === 'nchw' ? [samples, channels, height, width] : [samples, height, width, channels],
  };
}

/** Scales in place: (x / divide - mean) / std by channel. */
export function normalise(
  values: Float32Array,
  shape: readonly number[],
  layout: Layout,
  { divide, mean, std }: Normal,
): void {
  const { channels, height, width } = sizesOf(shape, layout);
  const area = height * width;
  const at = (list: readonly number[], c: number, otherwise: number): number =>
    list[list.length === 1 ? 0 : c] ?? otherwise;
  for (let i = 0; i < values.length; i++) {
    const c = layout === 'nchw' ? Math.floor(i / area) % channels : i % channels;
    values[i] = ((values[i] ?? 0) / divide - at(mean, c, 0)) / at(std, c, 1);
  }
}

/** Pixels as they come from a canvas (RGBA, bytes) as one sample of 1 or 3 channels, 0..255. */
export function fromPixels(
  pixels: ArrayLike<number>,
  channels: number,
  layout: Layout,
  out: Float32Array,
  offset: number,
): void {
  const area = pixels.length / 4;
  for (let p = 0; p < area; p++) {
    const rgb = [pixels[4 * p] ?? 0, pixels[4 * p + 1] ?? 0, pixels[4 * p + 2] ?? 0] as const;
    // Luma as in ITU-R 601, which image libraries use for grey.
    const grey = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    for (let c = 0; c < channels; c++) {
      const value = channels === 1 ? grey : (rgb[c] ?? 0);
      out[offset + (layout === 'nchw' ? c * area + p : p * channels + c)] = value;
    }
  }
}

export interface Thumbnail {
  width: number;
  height: number;
  /** RGBA. */
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Side of a thumbnail at most: larger images are thinned out. */
const SIDE = 64;

/** A sample as a picture, its own range stretched from black to white; null for what is no image. */
export function thumbnail(
  values: Float32Array,
  shape: readonly number[],
  layout: Layout,
  sample: number,
): Thumbnail | null {
  if (shape.length !== 4) return null;
  const { channels, height, width } = sizesOf(shape, layout);
  if ((channels !== 1 && channels !== 3) || width < 2 || height < 2) return null;
  const size = channels * height * width;
  const part = values.subarray(sample * size, (sample + 1) * size);
  let [low, high] = [Infinity, -Infinity];
  for (const value of part) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const step = Math.max(1, Math.ceil(Math.max(width, height) / SIDE));
  const [w, h] = [Math.ceil(width / step), Math.ceil(height / step)];
  const pixels = new Uint8ClampedArray(4 * w * h);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const p = y * step * width + x * step;
      for (let c = 0; c < 3; c++) {
        const channel = channels === 1 ? 0 : c;
        const place = layout === 'nchw' ? channel * height * width + p : p * channels + channel;
        pixels[4 * (y * w + x) + c] = ((part[place] ?? low) - low) * scale;
      }
      pixels[4 * (y * w + x) + 3] = 255;
    }
  }
  return { width: w, height: h, pixels };
}

export interface Port {
  name: string;
  shape: readonly (number | string)[] | null;
}

/** Which array goes where: positions in the list. */
export interface Roles {
  inputs: Record<string, number>;
  labels: number | null;
}

const whole = (head: ArrayHead): boolean => /^u?int/.test(head.dtype);
const LABELS = /^(y|ys|y_test|labels?|targets?|classes)$|_(y|labels?|targets?)$/i;
const stemOf = (name: string): string =>
  name
    .split('/')
    .at(-1)
    ?.replace(/\.np[yz]$/i, '') ?? name;

/** Labels: one whole number a sample. */
export const mayBeLabels = (head: ArrayHead): boolean =>
  whole(head) && head.shape.length > 0 && head.shape.slice(1).every((extent) => extent === 1);

/** How well an array fits an input: its inner shape, its rank, its name. */
function fit(head: ArrayHead, port: Port): number {
  const shape = port.shape ?? [];
  const same = head.shape.length === shape.length && head.shape.every((extent, i) => i === 0 || extent === shape[i]);
  return (same ? 4 : 0) + (head.shape.length === shape.length ? 2 : 0) + (stemOf(head.name) === port.name ? 1 : 0);
}

/** An array can be an input: as many axes, and each of them as long, but for the samples and what the model leaves open. */
export const fits = (head: ArrayHead, { shape }: Port): boolean =>
  shape === null ||
  (head.shape.length === shape.length &&
    head.shape.every((extent, i) => i === 0 || typeof shape[i] !== 'number' || extent === shape[i]));

/** It can be one once its channels are moved to where the model has them: to the front, or to the end. */
export function fitsTurned(head: ArrayHead, port: Port): boolean {
  const [n, a, b, c, ...more] = head.shape;
  if (n === undefined || a === undefined || b === undefined || c === undefined || more.length > 0) return false;
  return [
    [n, c, a, b],
    [n, b, c, a],
  ].some((shape) => fits({ ...head, shape }, port));
}

/** A guess that the person can change: labels by name or by what they are, inputs by shape, then name. */
export function rolesOf(heads: readonly ArrayHead[], ports: readonly Port[]): Roles {
  const named = heads.findIndex((head) => mayBeLabels(head) && LABELS.test(stemOf(head.name)));
  const plain = heads.findIndex((head) => mayBeLabels(head) && ports.every((port) => fit(head, port) < 4));
  const labels = named >= 0 ? named : plain >= 0 && heads.length > ports.length ? plain : null;
  const free = new Set(heads.keys());
  if (labels !== null) free.delete(labels);
  const inputs: Record<string, number> = {};
  for (const port of ports) {
    const [best] = [...free].sort((a, b) => fit(heads[b] as ArrayHead, port) - fit(heads[a] as ArrayHead, port));
    if (best === undefined) break;
    inputs[port.name] = best;
    free.delete(best);
  }
  return { inputs, labels };
}
