/** Just enough of protobuf to write small ONNX models by hand, with every name chosen by the test. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

const utf8 = (text: string) => Buffer.from(text, 'utf8');

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

export type Field = string | number | Buffer;

/** One field: numbers as varints, text and bytes with their length. */
export function field(tag: number, value: Field): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(tag << 3), varint(value)]);
  const bytes = typeof value === 'string' ? utf8(value) : value;
  return Buffer.concat([varint((tag << 3) | 2), varint(bytes.length), bytes]);
}

/** A message from its fields, in order: `[tag, value]`. */
export const message = (...fields: [number, Field][]): Buffer =>
  Buffer.concat(fields.map(([tag, value]) => field(tag, value)));

const FLOAT = 1;

/** ValueInfoProto of a float tensor. A text extent is a symbol. */
export function value(name: string, extents: (number | string)[]): Buffer {
  const dims = extents.map((extent): [number, Buffer] => [1, message([typeof extent === 'number' ? 1 : 2, extent])]);
  return message([1, name], [2, message([1, message([1, FLOAT], [2, message(...dims)])])]);
}

export const node = (
  op: string,
  name: string,
  inputs: string[],
  outputs: string[],
  attributes: Buffer[] = [],
): Buffer =>
  message(
    ...inputs.map((input): [number, Field] => [1, input]),
    ...outputs.map((output): [number, Field] => [2, output]),
    [3, name],
    [4, op],
    ...attributes.map((attribute): [number, Field] => [5, attribute]),
  );

/** AttributeProto of a list of integers. */
export const ints = (name: string, values: number[]): Buffer =>
  message([1, name], ...values.map((item): [number, Field] => [8, item]), [20, 7]);

/** TensorProto of floats, all zero. */
export function zeros(name: string, dims: number[]): Buffer {
  const size = dims.reduce((product, dim) => product * dim, 4);
  return message(...dims.map((dim): [number, Field] => [1, dim]), [2, FLOAT], [8, name], [9, Buffer.alloc(size)]);
}

export interface Graph {
  nodes: Buffer[];
  initializers?: Buffer[];
  inputs: Buffer[];
  outputs: Buffer[];
  name?: string;
  opset?: number;
  /** Further fields of ModelProto and GraphProto. */
  model?: [number, Field][];
  graph?: [number, Field][];
}

/** ModelProto, IR 8. */
export function model({
  nodes,
  initializers = [],
  inputs,
  outputs,
  name = 'graph',
  opset = 17,
  model = [],
  graph = [],
}: Graph): Buffer {
  const body = message(
    ...nodes.map((item): [number, Field] => [1, item]),
    [2, name],
    ...initializers.map((item): [number, Field] => [5, item]),
    ...inputs.map((item): [number, Field] => [11, item]),
    ...outputs.map((item): [number, Field] => [12, item]),
    ...graph,
  );
  return message([1, 8], ...model, [7, body], [8, message([1, ''], [2, opset])]);
}

/**
 * Writes a model whose only weight holds `rows` x `columns` floats that are never written: the file
 * is sparse, its size is not. A Gemm and a Relu: `rows * columns` MACs, `columns` ReLUs.
 */
export function writeSparseModel(path: string, rows: number, columns: number): number {
  const payload = rows * columns * 4;
  const head = (bytes: Buffer, tag: number, more: number) =>
    Buffer.concat([varint((tag << 3) | 2), varint(bytes.length + more), bytes]);
  // Lengths are written as if the payload stood there; it ends the tensor, the graph and the file.
  const raw = Buffer.concat([varint((9 << 3) | 2), varint(payload)]);
  const tensor = Buffer.concat([message([1, rows], [1, columns], [2, FLOAT], [8, 'weight']), raw]);
  const graph = Buffer.concat([
    message(
      [1, node('Gemm', 'linear', ['x', 'weight'], ['y'])],
      [1, node('Relu', 'relu', ['y'], ['z'])],
      [2, 'sparse'],
      [11, value('x', [1, rows])],
      [12, value('z', [1, columns])],
    ),
    head(tensor, 5, payload),
  ]);
  const whole = Buffer.concat([message([1, 8], [8, message([1, ''], [2, 17])]), head(graph, 7, payload)]);
  const file = openSync(path, 'w');
  writeSync(file, whole);
  ftruncateSync(file, whole.length + payload);
  closeSync(file);
  return whole.length + payload;
}
