/** ONNX's node tests as the conformance tests keep them (tests/conformance/make_node_*.py say how). */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { field, message, varint } from './onnx.ts';

const folder = resolve(import.meta.dirname, '../conformance');
const inflated = (name: string) => inflateRawSync(readFileSync(resolve(folder, name)));

/** A test: the model reads its first input; the others, which exporters write as constants, lie in it. */
export interface Case {
  name: string;
  relative: number;
  absolute: number;
  model: Buffer;
  /** Name in the model, and a .npy file. */
  input: { name: string; file: Buffer };
  /** The first output as a .npy file. */
  output: Buffer;
}

export interface Numbers {
  dtype: string;
  shape: number[];
  values: number[];
}

const readers: Record<string, [number, (bytes: Buffer, at: number) => number]> = {
  '<f4': [4, (bytes, at) => bytes.readFloatLE(at)],
  '<i4': [4, (bytes, at) => bytes.readInt32LE(at)],
  '<i8': [8, (bytes, at) => Number(bytes.readBigInt64LE(at))],
  '|b1': [1, (bytes, at) => bytes.readUInt8(at)],
};

/** Any .npy file of these tests. */
export function numbers(file: Buffer): Numbers {
  const start = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, start);
  const dtype = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const reader = readers[dtype];
  if (!reader) throw new Error(`not an array of these tests: ${header}`);
  const [size, read] = reader;
  const shape = /\(([^)]*)\)/
    .exec(header)![1]!
    .split(',')
    .filter((part) => part.trim())
    .map(Number);
  return {
    dtype,
    shape,
    values: Array.from({ length: (file.length - start) / size }, (_, i) => read(file, start + i * size)),
  };
}

/** The fields of a message: tag, value and the bytes that it stands in. */
function* fields(bytes: Buffer): Generator<{ tag: number; value: Buffer; whole: Buffer }> {
  let at = 0;
  const number = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(value);
    }
  };
  while (at < bytes.length) {
    const start = at;
    const key = number();
    const kind = key & 7;
    const length = kind === 2 ? number() : kind === 1 ? 8 : kind === 5 ? 4 : 0;
    const from = at;
    if (kind === 0) number();
    else at += length;
    yield { tag: key >> 3, value: bytes.subarray(from, at), whole: bytes.subarray(start, at) };
  }
}

const named = (info: Buffer) => [...fields(info)].find(({ tag }) => tag === 1)!.value.toString('utf8');

/** The array as a TensorProto. */
function tensor(name: string, file: Buffer): Buffer {
  const { dtype, shape } = numbers(file);
  const type = { '<f4': 1, '<i4': 6, '<i8': 7, '|b1': 9 }[dtype]!;
  const raw = file.subarray(10 + file.readUInt16LE(8));
  return message(...shape.map((dim): [number, number] => [1, dim]), [2, type], [8, name], [9, raw]);
}

/** The model with its inputs after the first stored in it, and the first one's name. */
function stored(model: Buffer, inputs: Buffer[]): { model: Buffer; name: string } {
  let name = '';
  const graph = (bytes: Buffer) => {
    let place = 0;
    const parts = [...fields(bytes)].map(({ tag, value, whole }) => {
      if (tag !== 11) return whole;
      const at = place++;
      if (at > 0) return field(5, tensor(named(value), inputs[at]!));
      name = named(value);
      return whole;
    });
    return Buffer.concat(parts);
  };
  const parts = [...fields(model)].map(({ tag, value, whole }) => {
    if (tag !== 7) return whole;
    const body = graph(value);
    return Buffer.concat([varint((7 << 3) | 2), varint(body.length), body]);
  });
  return { model: Buffer.concat(parts), name };
}

/** The tests of these names. */
export function nodeTests(wanted: readonly string[]): Case[] {
  const [models, data] = [inflated('node_tests.bin'), inflated('node_data.bin')];
  let [atModel, atData] = [0, 0];
  const count = () => data.readUInt32LE((atData += 4) - 4);
  const arrays = Array.from({ length: count() }, () => {
    const length = count();
    return data.subarray(atData, (atData += length));
  });
  const list = () => Array.from({ length: count() }, () => arrays[count()]);
  const cases: Case[] = [];
  for (const line of readFileSync(resolve(folder, 'node_tests.jsonl'), 'utf8').trim().split('\n')) {
    const { name } = JSON.parse(line) as { name: string };
    const length = models.readUInt32LE(atModel);
    const bytes = models.subarray(atModel + 4, (atModel += 4 + length));
    // Those with values inside have no data of their own.
    if (name.includes('+')) continue;
    const [relative, absolute] = [data.readDoubleLE(atData), data.readDoubleLE(atData + 8)];
    atData += 16;
    const [inputs, outputs] = [list(), list()];
    if (!wanted.includes(name)) continue;
    const { model, name: input } = stored(bytes, inputs as Buffer[]);
    cases.push({ name, relative, absolute, model, input: { name: input, file: inputs[0]! }, output: outputs[0]! });
  }
  return cases;
}
