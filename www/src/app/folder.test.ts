import { describe, expect, it } from 'vitest';
import { besideModel, filesOf } from './folder';

const file = (fullPath: string) => {
  const name = fullPath.split('/').at(-1) ?? '';
  const entry = {
    isDirectory: false,
    fullPath,
    file: (done: (file: File) => void) => done(new File([fullPath], name)),
  };
  return entry as unknown as FileSystemEntry;
};

/** Gives its entries one at a time, as browsers give theirs a hundred at a time. */
const folder = (fullPath: string, entries: FileSystemEntry[]) => {
  const left = [...entries];
  const reader = { readEntries: (done: (some: FileSystemEntry[]) => void) => done(left.splice(0, 1)) };
  return { isDirectory: true, fullPath, createReader: () => reader } as unknown as FileSystemEntry;
};

describe('a dropped folder', () => {
  it('gives the model first, and its data by their paths below it', async () => {
    const inner = folder('/net/onnx/w', [file('/net/onnx/w/data.bin'), file('/net/onnx/w/more.bin')]);
    const dropped = folder('/net', [
      file('/net/readme.md'),
      folder('/net/onnx', [inner, file('/net/onnx/model.onnx'), file('/net/onnx/other.onnx')]),
    ]);
    const files = await filesOf([dropped]);
    expect(files.map(({ name }) => name)).toEqual(['model.onnx', 'w/data.bin', 'w/more.bin']);
    expect(await files[1]?.text()).toBe('/net/onnx/w/data.bin');
  });

  it('takes the model that lies highest, and nothing from above its folder', () => {
    const placed = ['a/b/deep.onnx', 'a/top.onnx', 'a/data', 'elsewhere/data'].map((path) => ({
      path,
      file: new File([], 'x'),
    }));
    expect(besideModel(placed).map(({ path }) => path)).toEqual(['top.onnx', 'data']);
  });

  it('without a model is its files', () => {
    expect(besideModel([{ path: 'd/x.npy', file: new File([], 'x.npy') }]).map(({ path }) => path)).toEqual(['x.npy']);
  });
});
