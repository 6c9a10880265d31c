// @ts-nocheck: a stand-in
import type { Card, Layer, Score, Stage } from '../lib/types';
/** Stand-in until the core is there. */
function build(big: number): Score {
  const layers: Layer[] = [];
  const add = (p: Partial<Layer> & { name: string; op: string; shape: number[]; stage: string }): void => {
    layers.push({
      index: layers.length, output: p.name + '_out', macs: 0, macs_valid: 0, params: 0, params_shared: 0, activation: null,
      average_pool: 0, truncations: 0, products: 0, adds: 0, bias: 0, batch_norm: 0, weight_bytes: 4 * (p.params ?? 0),
      activation_bytes: 4 * p.shape.reduce((a, b) => a * b, 1), block: 0, status: 'counted', ...p,
    });
  };
  const conv = (name: string, stage: string, block: number, cin: number, cout: number, s: number, k = 3): void =>
    add({ name, op: 'Conv', shape: [1, cout, s, s], stage, block, macs: cout * s * s * cin * k * k, macs_valid: cout * cin * (k === 1 ? s * s : (3 * s - 2) ** 2), params: cin * cout * k * k + cout, bias: cout * s * s, truncations: cout * s * s });
  const relu = (name: string, stage: string, block: number, c: number, s: number): void =>
    add({ name, op: 'Relu', shape: [1, c, s, s], stage, block, activation: { kind: 'ReLU', elements: c * s * s, rows: 0, row_length: 0, comparisons: c * s * s, folded: false } });
  conv('conv1', 'stem', 0, 3, 64, 32); relu('relu1', 'stem', 0, 64, 32);
  const ch = [64, 128, 256, 512]; let cin = 64;
  for (let r = 0; r < big; r++)
  ch.forEach((c, i) => {
    const s = 32 >> i; const st = `S${i + 1}`;
    for (let b = 1; b <= 2; b++) {
      const n = `layer${i + 1}.${b - 1}`;
      conv(`${n}.conv1`, st, b, b === 1 ? cin : c, c, s); relu(`${n}.relu_a`, st, b, c, s);
      conv(`${n}.conv2`, st, b, c, c, s);
      if (b === 1 && i > 0) conv(`${n}.downsample`, st, b, cin, c, s, 1);
      add({ name: `${n}.add`, op: 'Add', shape: [1, c, s, s], stage: st, block: b, adds: c * s * s });
      relu(`${n}.relu_b`, st, b, c, s);
    }
    cin = c;
  });
  add({ name: 'avgpool', op: 'GlobalAveragePool', shape: [1, 512, 1, 1], stage: 'head', average_pool: 512, truncations: 512 });
  add({ name: 'fc', op: 'Gemm', shape: [1, 100], stage: 'head', macs: 51200, macs_valid: 51200, params: 51300, bias: 100, truncations: 100 });
  add({ name: 'odd\u202Ename <b>x</b>', op: 'ai.example.Mystery', shape: [1, 100], stage: 'head', macs: null, macs_valid: null, params: null, status: 'unknown', reason: 'no rule for ai.example.Mystery', activation_bytes: null });
  add({ name: 'softmax', op: 'Softmax', shape: [1, 100], stage: 'head', activation: { kind: 'Softmax', elements: 100, rows: 1, row_length: 100, comparisons: 99, folded: false } });
  const sum = (ls: Layer[], f: (l: Layer) => number): number => ls.reduce((a, l) => a + f(l), 0);
  const tally = (ls: Layer[], k: string) => ({ nodes: ls.filter((l) => l.activation?.kind === k).length, elements: sum(ls, (l) => (l.activation?.kind === k ? l.activation.elements : 0)) });
  const stages: Stage[] = ['stem', 'S1', 'S2', 'S3', 'S4', 'head'].map((name, i) => {
    const ls = layers.filter((l) => l.stage === name);
    return { name, resolution: i === 5 ? null : [32 >> Math.max(0, i - 1), 32 >> Math.max(0, i - 1)], blocks: i === 0 || i === 5 ? 0 : 2, layers: ls.length, params: sum(ls, (l) => l.params ?? 0), macs: sum(ls, (l) => l.macs ?? 0), relu: tally(ls, 'ReLU'), activations: i === 5 ? { Softmax: tally(ls, 'Softmax') } : {} };
  });
  return {
    schema: 'reluctant.score/1',
    model: { name: big > 1 ? 'big.onnx' : 'ResNet-18, CIFAR-100', file_bytes: 44_900_000, bytes_read: 12_345, ir_version: 8, opset: 13, opsets: { '': 13 }, producer: 'pytorch 2.4', inputs: [{ name: 'input', dtype: 'float32', shape: [1, 3, 32, 32], declared: ['batch', 3, 32, 32], set: false }], outputs: [{ name: 'logits', dtype: 'float32', shape: [1, 100], declared: ['batch', 100], set: false }], symbols: [{ name: 'batch', value: 1, origin: 'guessed' }], hash: 'b5d1a2c49e7780f3c1b5d1a2c49e7780f3c1aa', weights: { inside_bytes: 44_861_328, external_bytes: 0, missing_files: ['model.onnx.data'] } },
    coverage: { nodes: layers.length + 3, counted: layers.length + 2, unknown: [{ node: 'odd\u202Ename <b>x</b>', op: 'ai.example.Mystery', reason: 'no rule for ai.example.Mystery' }] },
    totals: { params: sum(layers, (l) => l.params ?? 0), macs: sum(layers, (l) => l.macs ?? 0), macs_valid: sum(layers, (l) => l.macs_valid ?? 0), relu: tally(layers, 'ReLU'), activations: { Softmax: tally(layers, 'Softmax') }, average_pool: { nodes: 1, elements: 512 }, truncations: sum(layers, (l) => l.truncations), products: 0, adds: sum(layers, (l) => l.adds), bias: sum(layers, (l) => l.bias), batch_norm: 0, weight_bytes: sum(layers, (l) => l.weight_bytes), activation_bytes: sum(layers, (l) => l.activation_bytes ?? 0) },
    stages, layers,
  };
}
export default async function init(): Promise<void> {}
export class Model {
  s: Score;
  constructor(s: Score) { this.s = s; }
  static open(files: File[], progress: (d: number, t: number) => void): Model {
    const name = files[0]?.name ?? '';
    if (name.endsWith('.txt')) throw { code: 'not-onnx', message: 'This is a text file, not an ONNX model.', place: { file: name, offset: 0 }, hint: 'Export the model with torch.onnx.export and drop the .onnx file.' };
    if (name.startsWith('trap')) throw new Error('unreachable');
    if (name.startsWith('slow')) { const t = Date.now(); while (Date.now() - t < 8000) { if ((Date.now() - t) % 200 === 0) progress(Date.now() - t, 8000); } }
    return new Model(build(name.startsWith('big') ? 2500 : 1));
  }
  static example(_id: string): Model { return new Model(build(1)); }
  score(s: { set: Record<string, string> }): Score {
    if (s.set['batch'] === '0') throw { code: 'invalid-setting', message: 'batch cannot be 0.', place: { value: 'batch' }, hint: 'Give a whole number from 1.' };
    return this.s; }
  card(index: number | undefined, column: string): Card {
    const rows = index === undefined ? this.s.layers.map((_, i) => i).filter((i) => { const l = this.s.layers[i]!; return column === 'relu' ? l.activation?.kind === 'ReLU' : column === 'macs' ? (l.macs ?? 0) > 0 : true; }) : [];
    const l = index === undefined ? null : this.s.layers[index]!;
    const t = this.s.totals;
    return { title: `${column}${l ? ` of ${l.name}` : ', total'}`, value: l ? (column === 'relu' ? l.activation?.elements ?? 0 : (l as unknown as Record<string, number>)[column] ?? null) : column === 'relu' ? t.relu.elements : (t as unknown as Record<string, number>)[column] ?? null, unit: column, formula: 'N * Cout * Hout * Wout * (Cin / groups) * kh * kw', with_values: '1 * 64 * 32 * 32 * (3 / 1) * 3 * 3 = 1,769,472', source: 'Dense convention: padded zeros included.', leaves_out: 'Bias, BatchNorm, pooling and adds, which have their own columns.', rows };
  }
  free(): void {}
}
export const examples = () => [{ id: 'resnet18-cifar100', title: 'ResNet-18', dataset: 'CIFAR-100', note: 'The ReLU after the stem is counted.' }, { id: 'resnet50-imagenet', title: 'ResNet-50', dataset: 'ImageNet', note: '' }];
export function memory_bytes(): number { return 1_310_720; }
