/** Models made for one test each. */
import { field, ints, message, model, node, value, zeros } from './onnx.ts';

/** A convolution and a ReLU, with `mark` inside every name and text that ONNX has room for. */
export function markedModel(mark: string): Buffer {
  const m = (what: string) => `${mark}_${what}`;
  return model({
    name: m('graph'),
    nodes: [
      node('Conv', m('conv'), [m('image'), m('weight')], [m('features')], [ints('kernel_shape', [3, 3]), ints('pads', [1, 1, 1, 1])]),
      node('Relu', m('relu'), [m('features')], [m('active')]),
      Buffer.concat([node(m('Op'), m('custom'), [m('active')], [m('out')], [ints(m('attribute'), [1])]), field(7, m('domain')), field(6, m('doc'))]),
    ],
    initializers: [zeros(m('weight'), [4, 3, 3, 3])],
    inputs: [value(m('image'), [m('batch'), 3, 8, 8])],
    outputs: [value(m('out'), [m('batch'), 4, 8, 8])],
    graph: [[10, m('doc')], [13, value(m('features'), [m('batch'), 4, 8, 8])]],
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

export interface Bad {
  name: string;
  bytes: Buffer;
  code: string;
  /** Words that the page must show of the hint or the place. */
  says: RegExp;
}

/** Graphs inside graphs: an attribute of a node holds a graph, whose node has an attribute, ... */
function nested(depth: number): Buffer {
  let graph = message([2, 'innermost']);
  for (let level = 0; level < depth; level++) {
    graph = message([1, message([4, 'If'], [5, message([1, 'then_branch'], [6, graph], [20, 5])])]);
  }
  return message([1, 8], [7, graph], [8, message([1, ''], [2, 17])]);
}

const whole = model({ nodes: [relu('x', 'y')], inputs: [x], outputs: [y] });

/** Files that are no model, or a broken one, with what the page must say of each. */
export const badFiles: Bad[] = [
  { name: 'nothing.onnx', bytes: Buffer.alloc(0), code: 'empty-file', says: /nothing\.onnx/ },
  { name: 'notes.onnx', bytes: Buffer.from('These are notes about a model, not a model.\n'.repeat(20)), code: 'not-onnx', says: /text/i },
  { name: 'weights.pt', bytes: Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(200)]), code: 'not-onnx', says: /torch\.onnx\.export/ },
  // SavedModel: schema version 1, then a MetaGraphDef.
  { name: 'saved_model.pb', bytes: message([1, 1], [2, message([1, message([4, 'serve'], [5, '2.16.1'], [6, 'v2.16.1']), ], [2, message([1, message([1, 'x'], [2, 'Placeholder'])])])]), code: 'not-onnx', says: /TensorFlow|tf2onnx/ },
  { name: 'cut.onnx', bytes: whole.subarray(0, whole.length - 30), code: 'truncated', says: /byte|offset/i },
  { name: 'deep.onnx', bytes: nested(1000), code: 'limit-exceeded', says: /byte|deep|depth|nest/i },
  { name: 'cycle.onnx', bytes: model({ nodes: [relu('b', 'a'), relu('a', 'b')], inputs: [x], outputs: [value('b', [1, 4])] }), code: 'invalid-graph', says: /relu_/ },
  { name: 'missing.onnx', bytes: model({ nodes: [relu('nowhere', 'y')], inputs: [x], outputs: [y] }), code: 'invalid-graph', says: /nowhere/ },
];

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
