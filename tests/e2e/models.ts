/** Models made for one test each. */
import { field, ints, message, model, node, value, zeros } from './onnx.ts';

/** A convolution and a ReLU, with `mark` inside every name and text that ONNX has room for. */
export function markedModel(mark: string): Buffer {
  const m = (what: string) => `${mark}_${what}`;
  return model({
    name: m('graph'),
    nodes: [
      node(
        'Conv',
        m('conv'),
        [m('image'), m('weight')],
        [m('features')],
        [ints('kernel_shape', [3, 3]), ints('pads', [1, 1, 1, 1])],
      ),
      node('Relu', m('relu'), [m('features')], [m('active')]),
      Buffer.concat([
        node(m('Op'), m('custom'), [m('active')], [m('out')], [ints(m('attribute'), [1])]),
        field(7, m('domain')),
        field(6, m('doc')),
      ]),
    ],
    initializers: [zeros(m('weight'), [4, 3, 3, 3])],
    inputs: [value(m('image'), [m('batch'), 3, 8, 8])],
    outputs: [value(m('out'), [m('batch'), 4, 8, 8])],
    graph: [
      [10, m('doc')],
      [13, value(m('features'), [m('batch'), 4, 8, 8])],
    ],
    model: [
      [2, m('producer')],
      [3, m('version')],
      [4, m('domain')],
      [6, m('doc')],
      [14, message([1, m('key')], [2, m('value')])],
      [8, message([1, m('domain')], [2, 1])],
    ],
  });
}

const relu = (from: string, to: string) => node('Relu', `relu_${to}`, [from], [to]);
const x = value('x', [1, 4]);
const y = value('y', [1, 4]);

/** Two ReLUs that feed each other. */
export const cycle = model({
  nodes: [relu('b', 'a'), relu('a', 'b')],
  inputs: [x],
  outputs: [value('b', [1, 4])],
});

/** A Gemm whose weight is nowhere. */
export const missing = model({
  nodes: [node('Gemm', 'linear', ['x', 'nowhere'], ['y'])],
  inputs: [x],
  outputs: [y],
});

/** Sizes whose product leaves 63 bits: scored as unknown, or refused; never a wrong number. */
export const overflowing = model({
  nodes: [node('Relu', 'huge', ['x'], ['y'])],
  inputs: [value('x', [2 ** 40, 2 ** 40])],
  outputs: [value('y', [2 ** 40, 2 ** 40])],
});

/** An operator of a foreign domain between two ReLUs, under names with markup and hidden characters. */
export const strange = model({
  nodes: [
    node('Relu', '<img src=x onerror=alert(1)>', ['x'], ['a']),
    Buffer.concat([node('Mystery', 'odd\u202Ename', ['a'], ['b']), field(7, 'org.example')]),
    node('Relu', 'last', ['b'], ['y']),
  ],
  inputs: [x],
  outputs: [y],
  model: [[8, message([1, 'org.example'], [2, 1])]],
});
