/** Channels of a value as tiles of one picture, side by side. */

export interface Tiles {
  width: number;
  height: number;
  /** RGBA, grey; what is between tiles is see-through. */
  pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Channels that are drawn, and how many stand in a row. */
const MOST = 16;
const ACROSS = 4;
const GAP = 1;

/** Channels, height and width of sizes with one sample before them; one row where they are of another number of elements. */
export function planesOf(shape: readonly number[], elements: number): [number, number, number] {
  const inner = shape.slice(1);
  const whole = inner.reduce((all, size) => all * size, 1);
  if (inner.length < 2 || inner.length > 3 || whole < 1) return [1, 1, elements];
  const [w = 1, h = 1] = inner.toReversed();
  // Of a large value the first channels are here, or some rows of it.
  return whole === elements || (whole > elements && w * h <= elements)
    ? [Math.floor(elements / (w * h)), h, w]
    : [1, 1, elements];
}

/** Bytes, channel by channel, row by row. A long row is folded. */
export function tilesOf(bytes: Uint8Array, shape: readonly number[]): Tiles {
  let [c, h, w] = planesOf(shape, bytes.length);
  if (h === 1 && w > 64) [h, w] = [Math.ceil(w / 64), 64];
  c = Math.min(c, MOST);
  const across = Math.min(c, ACROSS);
  const width = across * (w + GAP) - GAP;
  const height = Math.ceil(c / across) * (h + GAP) - GAP;
  const pixels = new Uint8ClampedArray(4 * Math.max(width, 1) * Math.max(height, 1));
  for (let channel = 0; channel < c; channel += 1) {
    const [left, top] = [(channel % across) * (w + GAP), Math.floor(channel / across) * (h + GAP)];
    for (let at = 0; at < h * w; at += 1) {
      const value = bytes[channel * h * w + at];
      if (value === undefined) break;
      const to = 4 * ((top + Math.floor(at / w)) * width + left + (at % w));
      pixels.set([value, value, value, 255], to);
    }
  }
  return { width, height, pixels };
}
