/**
 * Numbers and units as text. Exact integers are grouped; everything else keeps three significant
 * figures and its unit. Never rounds a number that is shown as exact.
 */
import type { Extent } from '../contract/core';
import type { Range } from './cost';

const NBSP = '\u00a0';

/** 557056 -> `557,056`. By hand: a browser's own format takes as long to set up as all else that the page starts with. */
export function exact(value: number): string {
  const whole = Math.abs(value) < 1e21 ? value.toFixed(0) : digits(value);
  return whole === '-0' ? '0' : whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Groups the long integers in a formula: `64 * 65536` -> `64 * 65,536`. */
export function groupIntegers(text: string): string {
  return text.replace(/(?<![\w.,])\d{5,15}(?![\w,]|\.\d)/g, (figure) => exact(Number(figure)));
}

/** What a copy of the number holds: its digits, nothing else. 557056 -> `557056`. */
export function digits(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

/** A mantissa with three significant figures, four where a decimal is cheap: 555.5, 11.2, 1.81. */
function mantissa(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value.toFixed(1);
}

function scaled(value: number, base: string, units: readonly string[]): string {
  let power = 0;
  let rest = value;
  // 999.95 would print as 1000.0: it belongs to the next unit.
  while (rest >= 999.95 && power < units.length) {
    rest /= 1000;
    power += 1;
  }
  if (power === 0) return [exact(value), base].filter(Boolean).join(NBSP);
  return `${mantissa(rest)}${NBSP}${units[power - 1]}${base}`;
}

/** 555468800 -> `555.5 M`, 1814073344 -> `1.81 G`; below a thousand exact. */
export function short(value: number): string {
  return scaled(value, '', ['k', 'M', 'G', 'T', 'P', 'E']);
}

/** The headline: exact up to seven figures, then short. */
export function headline(value: number): string {
  return value < 10_000_000 ? exact(value) : short(value);
}

/** 197000 -> `197.0 kB`, decimal units. */
export function bytes(value: number): string {
  return scaled(value, 'B', ['k', 'M', 'G', 'T', 'P']);
}

/** A share of a whole in percent; `<1 %` rather than a false zero, `-` of nothing. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '-';
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 1) return `<1${NBSP}%`;
  if (percent < 100 && percent > 99) return `>99${NBSP}%`;
  return `${Math.round(percent)}${NBSP}%`;
}

/** `1 x 64 x 32 x 32`, with the multiplication sign; null when unknown. */
export function shape(extents: readonly Extent[] | null): string | null {
  if (extents === null) return null;
  return extents.length === 0 ? 'scalar' : extents.join('\u00d7');
}

/** As a person types it back: `1x64x32x32`; `?` keeps what is not a number. */
export function shapeInput(extents: readonly Extent[] | null): string {
  return extents?.map((extent) => (typeof extent === 'number' ? extent : '?')).join('x') ?? '';
}

/** `1 row`, `22 rows`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${exact(count)}${NBSP}${count === 1 ? one : many}`;
}

/** Three significant figures; from a thousand on, whole and grouped: 0.0515, 14.1, 330, 12,300. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  if (Math.abs(rounded) >= 1000) return exact(rounded);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded))));
  return rounded.toFixed(Math.min(decimals, 8));
}

/** The unit of time that a figure reads best in; from a thousand seconds on there is more than one. */
function unitOf(value: number): { scale: number; unit: string } | null {
  const size = Math.abs(value);
  if (size >= 999.5) return null;
  if (size === 0 || size >= 0.1) return { scale: 1, unit: 's' };
  return size >= 1e-4 ? { scale: 1e3, unit: 'ms' } : { scale: 1e6, unit: '\u00b5s' };
}

/** 56,700 -> `15 h 45 min`, 2,200 -> `36 min 40 s`: to three significant figures, as every other figure. */
function clock(value: number): string {
  const whole = Math.round(Number(value.toPrecision(3)));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const parts: [number, string][] =
    whole >= 360_000
      ? [[Math.round(whole / 3600), 'h']]
      : hours > 0
        ? [
            [hours, 'h'],
            [minutes, 'min'],
          ]
        : [
            [minutes, 'min'],
            [rest, 's'],
          ];
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${exact(amount)}${NBSP}${unit}`)
    .join(NBSP);
}

/** 330.1 -> `330 s`; below a tenth of a second in ms, below 0.1 ms in µs; 56,700 -> `15 h 45 min`. */
export function seconds(value: number): string {
  const known = unitOf(value);
  return known ? `${significant(value * known.scale)}${NBSP}${known.unit}` : clock(value);
}

/** The range beside a figure, in its unit: `[315-350]`, or `[2 h-29 h 40 min]`; nothing where low and high read alike. */
export function range([low, mid, high]: Range): string {
  const known = unitOf(mid);
  const text = (value: number): string => (known ? significant(value * known.scale) : seconds(value));
  const [from, to] = [text(low), text(high)];
  return from === to ? '' : `[${from}\u2013${to}]`;
}

/** A change with its sign, in percent: `-31 %`, `+126 %`; null where there was nothing before. */
export function change(before: number, after: number): string | null {
  if (before === 0) return after === 0 ? `\u00b10${NBSP}%` : null;
  const percent = (100 * (after - before)) / before;
  if (percent === 0) return `\u00b10${NBSP}%`;
  const size = Math.abs(percent);
  const text = size < 0.1 ? '<0.1' : size < 10 ? size.toFixed(1) : exact(size);
  return `${percent < 0 ? '\u2212' : '+'}${text}${NBSP}%`;
}
