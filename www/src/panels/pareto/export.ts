/** The chart as files: each says what it shows, from where, and what made it. */
import type { ParetoReport, Published } from '../../contract/core';
import type { Kept } from '../../app/pareto.svelte';
import type { Cell } from '../../lib/csv';
import { csv } from '../../lib/csv';
import { ownStatus } from './facts';

export const madeBy = `Reluctant ${VERSION}`;
const SOURCES =
  'Published points: SNL, AutoReP, ReLUPruner, SENet, DeepReDuce, Sphynx, CryptoNAS and others, each read in the source that its row in the CSV names';

/** Properties that make the picture; everything else about it is in attributes. */
const KEPT = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'opacity',
  'paint-order',
  'font-size',
  'font-family',
];
const FOOT = 56;

/** The drawing with its styles written into it, a title above and the sources under it. */
export function svgText(svg: SVGSVGElement, title: string, note: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const [from, to] = [
    [svg, ...svg.querySelectorAll('*')],
    [copy, ...copy.querySelectorAll('*')],
  ];
  from.forEach((element, i) => {
    const other = to[i];
    if (!other) return;
    const style = getComputedStyle(element);
    for (const name of KEPT) other.setAttribute(name, style.getPropertyValue(name));
    for (const { name } of [...other.attributes]) {
      if (/^(class|style|role|tabindex|data-|aria-)/.test(name)) other.removeAttribute(name);
    }
  });
  const [width, height] = [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];
  const root = getComputedStyle(document.body);
  const make = (name: string, attributes: Record<string, string>, text = ''): SVGElement => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };
  const text = { 'font-family': root.fontFamily, fill: root.color };
  copy.prepend(
    make('title', {}, title),
    make('desc', {}, [note.replace(/\.$/, ''), SOURCES, madeBy].filter(Boolean).join('. ')),
    make('rect', {
      x: '0',
      y: '-32',
      width: String(width),
      height: String(height + 32 + FOOT),
      fill: root.backgroundColor,
    }),
  );
  copy.append(make('text', { ...text, x: '12', y: '-10', 'font-size': '15', 'font-weight': '600' }, title));
  const lines = [note, `${SOURCES}.`, `Made by ${madeBy}.`].filter(Boolean);
  lines.forEach((line, i) => {
    // A line that is too long for the picture is made narrower, not cut.
    const squeeze =
      line.length * 5.2 > width - 24 ? { textLength: String(width - 24), lengthAdjust: 'spacingAndGlyphs' } : {};
    copy.append(
      make('text', { ...text, ...squeeze, x: '12', y: String(height + 14 + 16 * i), 'font-size': '10' }, line),
    );
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `0 -32 ${width} ${height + 32 + FOOT}`);
  copy.setAttribute('height', String(height + 32 + FOOT));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** The same as pixels, twice as fine; null where the browser cannot draw it. */
export async function pngOf(svg: string): Promise<Blob | null> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth * 2, image.naturalHeight * 2];
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, 'image/png'));
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Every point with its facts, own ones first. */
export function paretoCsv(report: ParetoReport, published: Published, own: readonly Kept[]): string {
  const front = new Set(report.fronts.flatMap(({ points }) => points));
  const axis = report.price
    ? `${report.axis}_of_relus_${report.unit} (${report.price.protocol} v${report.price.profile_version}, ${report.price.link})`
    : `x_${report.unit}`;
  const head = [
    'dataset',
    'method',
    'backbone',
    'relu_count',
    axis,
    'accuracy_top1',
    'on_front',
    'replacement',
    'latency_s_as_published',
    'distillation',
    'source',
    'source_place',
    'status',
    'note',
    'made_by',
  ];
  const mine = report.own.flatMap(({ cost }, i): Cell[][] => {
    const point = own[i];
    if (!point) return [];
    const kind = point.id === 0 ? 'own, on the page' : 'own, pinned';
    return [
      [
        report.dataset,
        kind,
        point.name,
        point.relus,
        cost,
        point.accuracy,
        null,
        null,
        null,
        null,
        ownStatus(point),
        null,
        'own',
        null,
        madeBy,
      ],
    ];
  });
  const theirs = report.points.flatMap(({ index, cost }): Cell[][] => {
    const p = published.points[index];
    if (!p) return [];
    const onFront = cost === null ? null : front.has(index) ? 'yes' : 'no';
    return [
      [
        p.dataset,
        p.method,
        p.backbone,
        p.relus,
        cost,
        p.accuracy,
        onFront,
        p.replacement,
        p.latency_s_as_published,
        p.distillation,
        p.source,
        p.place,
        p.status,
        p.note,
        madeBy,
      ],
    ];
  });
  return csv(head, [...mine, ...theirs]);
}
