/** NumPy's array file, just enough for tests: float32, little-endian, row-major. */

export interface Floats {
  shape: number[];
  values: Float32Array;
}

export function readNpy(file: Buffer): Floats {
  const length = file.readUInt16LE(8);
  const header = file.toString('latin1', 10, 10 + length);
  if (!header.includes("'<f4'") || !header.includes("'fortran_order': False"))
    throw new Error(`not float32 rows: ${header}`);
  const shape = /\(([^)]*)\)/
    .exec(header)![1]!
    .split(',')
    .filter((part) => part.trim())
    .map(Number);
  const bytes = file.subarray(10 + length);
  return { shape, values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)) };
}

export function writeNpy({ shape, values }: Floats): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    length,
    header,
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  ]);
}

/** Position of the largest of each row. */
export function best({ shape: [rows = 0, columns = 0], values }: Floats): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const part = values.subarray(row * columns, (row + 1) * columns);
    return part.indexOf(Math.max(...part));
  });
}
