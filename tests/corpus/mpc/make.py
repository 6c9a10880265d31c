"""A network of every operator that the protocol's engine is given, and what onnxruntime answers. Needs onnx, onnxruntime."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(7)
nodes, stored = [], []


def weight(name, shape, scale=0.9, values=None):
    values = random.normal(size=shape) * scale if values is None else values
    stored.append(numpy_helper.from_array(np.asarray(values, dtype=np.float32), name))
    return name


def whole(name, values):
    stored.append(numpy_helper.from_array(np.asarray(values, dtype=np.int64), name))
    return name


def op(kind, inputs, output, **attributes):
    nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
    return output


def norm(x, channels, output):
    positive = weight(f"{output}.var", None, values=random.uniform(0.5, 2, channels))
    names = [weight(f"{output}.{part}", [channels]) for part in ("scale", "shift", "mean")]
    return op("BatchNormalization", [x, *names, positive], output)


# A norm behind a convolution, which takes it in; groups, strides, a clip; a branch.
c = op("Conv", ["x", weight("c.w", [4, 2, 3, 3]), weight("c.b", [4])], "conv", pads=[1] * 4)
r = op("Relu", [norm(c, 4, "folded")], "relu")
d = op("Conv", [r, weight("d.w", [4, 1, 3, 3]), weight("d.b", [4])], "groups", group=4, strides=[2, 2], pads=[1] * 4)
d = op("Clip", [d, weight("low", None, values=0.0), weight("high", None, values=1.5)], "clip")
s = op("Conv", [r, weight("s.w", [4, 4, 1, 1])], "shortcut", strides=[2, 2])
# A norm of its own, then a polynomial by Horner, with a coefficient a channel.
n = norm(op("Add", [d, s], "sum"), 4, "norm")
h = op("Mul", [n, weight("a2", [1, 4, 1, 1])], "horner.2")
h = op("Add", [h, weight("a1", None, values=0.75)], "horner.1")
h = op("Add", [op("Mul", [h, n], "horner.x"), weight("a0", [4, 1, 1])], "horner")
# Pools, products, what is local.
m = op("MaxPool", [h], "maximum", kernel_shape=[2, 2], strides=[2, 2])
a = op("AveragePool", [h], "average", kernel_shape=[2, 2], strides=[2, 2])
p = op("Mul", [op("Sub", [m, a], "difference"), a], "product")
p = op("Sub", [weight("one", None, values=1.0), op("Div", [p, weight("two", None, values=2.0)], "half")], "rest")
# Several rows by a weight; two heads.
t = op("MatMul", [op("Reshape", [p, whole("rows", [1, 4, 4])], "reshape"), weight("t.w", [4, 5])], "matmul")
t = op("Gemm", [op("Flatten", [t], "flat"), weight("g.w", [3, 20]), weight("g.b", [3])], "gemm", transB=1)
g = op("Flatten", [op("GlobalAveragePool", [h], "mean")], "means")
g = op("Gemm", [g, weight("h.w", [4, 3]), weight("h.b", [3])], "head", alpha=0.5, beta=2.0)
op("Add", [t, g], "y")

graph = helper.make_graph(
    nodes,
    "kinds",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 8, 8])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
    stored,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, "kinds.onnx")
x = 2 * random.normal(size=[4, 1, 2, 8, 8]).astype(np.float32)
session = onnxruntime.InferenceSession("kinds.onnx")
np.save("kinds.in0.npy", x[:, 0])
np.save("kinds.out0.npy", np.concatenate([session.run(None, {"x": one})[0] for one in x]))
