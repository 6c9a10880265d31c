"""Makes a small network of ReActNet's activations, lets `reluctant train` train it, and ONNX Runtime say what came out.

    pip install onnx==1.23.2 onnxruntime numpy
    cargo build --release --bin reluctant && python tests/corpus/react/train.py target/release/reluctant

net.onnx: a convolution, a binary block with a shortcut (Add, Sign, Conv, BatchNorm, Add) and RPReLU (Add, PRelu, Add), a second
block whose Sign and PRelu have no places of their own. Weights are zeros: training draws them. trained.onnx is what the command
line trained on the digits, trained.logits.npy what ONNX Runtime computes of it for the test images.
"""
import subprocess, sys
from pathlib import Path
import numpy as np, onnx, onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh

HERE = Path(__file__).parent
TOOL = Path(sys.argv[1]).resolve()
C = 8
op = lambda kind, inputs, out, **attrs: h.make_node(kind, inputs, [out], **attrs)
tensors = []


def stored(name, value):
    tensors.append(nh.from_array(np.asarray(value, np.float32), name))
    return name


def conv(x, out, name, channels):
    w = stored(f"{name}.weight", np.zeros((C, channels, 3, 3)))
    y = op("Conv", [x, w], f"{name}.y", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    stats = [stored(f"{name}.{part}", np.full(C, value)) for part, value in [("scale", 1), ("shift", 0), ("mean", 0), ("var", 1)]]
    return [y, op("BatchNormalization", [f"{name}.y", *stats], out)]


nodes = [
    *conv("x", "a", "stem", 1),
    op("Add", ["a", stored("sign1.bias", np.full((1, C, 1, 1), 0.05))], "a.moved"),
    op("Sign", ["a.moved"], "a.sign"),
    *conv("a.sign", "b", "block1", C),
    op("Add", ["b", "a"], "b.sum"),
    op("Add", ["b.sum", stored("act1.bias0", np.zeros((1, C, 1, 1)))], "b.moved"),
    op("PRelu", ["b.moved", stored("act1.slope", np.full((C, 1, 1), 0.25))], "b.act"),
    op("Add", [stored("act1.bias1", np.zeros((1, C, 1, 1))), "b.act"], "c"),
    op("MaxPool", ["c"], "d", kernel_shape=[2, 2], strides=[2, 2]),
    op("Sign", ["d"], "d.sign"),
    *conv("d.sign", "e", "block2", C),
    op("PRelu", ["e", stored("act2.slope", np.full((C, 1, 1), 0.25))], "f"),
    op("Flatten", ["f"], "g", axis=1),
    op("Gemm", ["g", stored("fc.weight", np.zeros((10, 16 * C))), stored("fc.bias", np.zeros(10))], "logits", transB=1),
]
graph = h.make_graph(nodes, "react", [h.make_tensor_value_info("x", T.FLOAT, ["batch", 1, 8, 8])],
                     [h.make_tensor_value_info("logits", T.FLOAT, ["batch", 10])], tensors)
model = h.make_model(graph, opset_imports=[h.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
onnx.save(model, HERE / "net.onnx")
subprocess.run([TOOL, "train", "--data", "digits", "--net", HERE / "net.onnx", "--method", "random", "--budget", "0", "--epochs", "6",
                "--seed", "0", "-o", HERE / "trained.onnx"], check=True)
onnx.checker.check_model(onnx.load(HERE / "trained.onnx"), full_check=True)
with np.load(HERE.parent / "digits/digits.npz") as digits:
    x, y = digits["x"].astype(np.float32), digits["y"]
session = ort.InferenceSession(HERE / "trained.onnx", providers=["CPUExecutionProvider"])
logits = session.run(None, {"x": x})[0]
np.save(HERE / "trained.logits.npy", logits)
print(f"{(logits.argmax(1) == y).mean():.3f} right")
