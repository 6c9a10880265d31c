import { expect, test } from 'vitest';
import { sentence, where } from './faults';

const fault = (code: string, message: string) => ({ code, message, place: {}, hint: '' });

test('a message becomes a sentence, and nothing else', () => {
  expect(sentence(fault('empty-file', 'the file is empty'))).toBe('The file is empty.');
  expect(sentence(fault('internal', 'The core stopped.'))).toBe('The core stopped.');
  expect(sentence(fault('not-onnx', 'this is not an ONNX model but a zip archive'))).toBe(
    'This is not an ONNX model but a zip archive.',
  );
  expect(sentence(fault('invalid-graph', 'node a\u202eb is used twice'))).toBe('Node a[U+202E]b is used twice.');
});

test('a place lists every part that is known, offset 0 included', () => {
  expect(where({})).toBe('');
  expect(where({ file: 'a.onnx', offset: 0, node: 'n', op: 'Conv', value: 'v' })).toBe(
    'file a.onnx, byte 0, node n, operator Conv, value v',
  );
});
