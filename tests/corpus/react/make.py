"""Makes ReActNet's pieces as PyTorch exports them, and lets ONNX Runtime judge what `reluctant clean` makes of them.

    pip install onnx==1.23.2 onnxruntime numpy
    cargo build --bin reluctant && python tests/corpus/react/make.py target/debug/reluctant

After liuzechun/ReActNet at a6cd08d: RSign is `S - T + T` with T the polynomial whose gradient stands in for the sign's,
and binary weights are the same with a clip; RPReLU is Add, PRelu, Add. `block.onnx` is one block of 4 channels at 8x8,
`estimators.onnx` two signs, one of which something else reads too, and a convolution whose weights have an estimator.
CASE.x.npy is an input, CASE.out.npy what ONNX Runtime computes of the original; the cleaned file must pass onnx.checker,
give the same to 1e-6 of the largest, and hold no T. tests/react.rs holds our rewriting to these numbers.
"""
import subprocess, sys, tempfile
from pathlib import Path
import numpy as np, onnx, onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh

HERE = Path(__file__).parent
TOOL = Path(sys.argv[1]).resolve()
rng = np.random.default_rng(3)
op = lambda kind, inputs, out, **attrs: h.make_node(kind, inputs, [out], **attrs)
CONSTANTS = [nh.from_array(np.float32(v), n) for n, v in [("one", 1), ("m1", -1), ("zero", 0), ("two", 2)]]


def estimated(a, out, p):
    """sign(a), with the piecewise polynomial of the estimator beside it, as the code writes it."""
    n = lambda name: p + name
    return [
        op("Sign", [a], n("s")),
        op("Less", [a, "m1"], n("l1")), op("Less", [a, "zero"], n("l2")), op("Less", [a, "one"], n("l3")),
        *(op("Cast", [n(f"l{i}")], n(f"c{i}"), to=T.FLOAT) for i in (1, 2, 3)),
        op("Mul", [n("c1"), "m1"], n("t1")),
        op("Mul", [a, a], n("xx")), op("Mul", [a, "two"], n("x2")), op("Add", [n("xx"), n("x2")], n("p1")),
        op("Sub", ["one", n("c1")], n("n1")), op("Mul", [n("p1"), n("n1")], n("q1")),
        op("Add", [n("t1"), n("q1")], n("o1")), op("Mul", [n("o1"), n("c2")], n("u1")),
        op("Neg", [a], n("na")), op("Mul", [n("na"), a], n("nxx")), op("Add", [n("nxx"), n("x2")], n("p2")),
        op("Sub", ["one", n("c2")], n("n2")), op("Mul", [n("p2"), n("n2")], n("q2")),
        op("Add", [n("u1"), n("q2")], n("o2")), op("Mul", [n("o2"), n("c3")], n("v1")),
        op("Sub", ["one", n("c3")], n("n3")), op("Add", [n("v1"), n("n3")], n("o3")),
        op("Sub", [n("s"), n("o3")], n("d")), op("Add", [n("d"), n("o3")], out),
    ]


def channels(name, value):
    return nh.from_array(np.full((1, 4, 1, 1), value, np.float32), name)


def weights(name, *shape):
    return nh.from_array((rng.normal(size=shape) * 0.2).astype(np.float32), name)


def block():
    nodes = [
        op("Add", ["x", "b0"], "a"), *estimated("a", "bin", ""),
        op("Conv", ["bin", "w"], "y0", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        op("Add", ["y0", "x"], "y1"),
        op("Add", ["y1", "b1"], "g"), op("PRelu", ["g", "sl"], "pr"), op("Add", ["pr", "b2"], "out"),
    ]
    slope = nh.from_array(np.full((4, 1, 1), 0.25, np.float32), "sl")
    return nodes, CONSTANTS + [channels("b0", 0.1), channels("b1", 0.2), channels("b2", 0.3), slope, weights("w", 4, 4, 3, 3)]


def estimators():
    nodes = [
        *estimated("x", "bin", "f/"),
        op("Clip", ["real", "m1", "one"], "clipped"), op("Sign", ["real"], "signs"), op("Mul", ["scale", "signs"], "binary"),
        op("Sub", ["binary", "clipped"], "apart"), op("Add", ["clipped", "apart"], "w"),
        # Sums of +-0.15 are 0 now and then, and their sign would be that of a rounding: a bias keeps them apart.
        op("Conv", ["bin", "w", "bias"], "y0", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        *estimated("y0", "bin2", "g/"),
        op("Add", ["bin2", "g/s"], "y1"), op("Add", ["y1", "x"], "out"),
    ]
    bias = nh.from_array(np.full(4, 0.07, np.float32), "bias")
    return nodes, CONSTANTS + [bias, channels("scale", 0.15), weights("real", 4, 4, 3, 3)]


def run(path, x):
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


for name, (nodes, tensors) in [("block", block()), ("estimators", estimators())]:
    shape = (1, 4, 8, 8)
    graph = h.make_graph(nodes, name, [h.make_tensor_value_info("x", T.FLOAT, shape)],
                         [h.make_tensor_value_info("out", T.FLOAT, shape)], tensors)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    path = HERE / f"{name}.onnx"
    onnx.save(model, path)
    x = rng.normal(size=shape).astype(np.float32)
    np.save(HERE / f"{name}.x.npy", x)
    was = run(path, x)
    np.save(HERE / f"{name}.out.npy", was)
    with tempfile.TemporaryDirectory() as folder:
        cleaned = Path(folder) / "cleaned.onnx"
        subprocess.run([TOOL, "clean", path, "-o", cleaned], check=True)
        onnx.checker.check_model(onnx.load(cleaned), full_check=True)
        ops = [node.op_type for node in onnx.load(cleaned).graph.node]
        assert "Less" not in ops and "Sub" not in ops, ops
        apart = np.abs(run(cleaned, x) - was).max() / np.abs(was).max()
    assert apart < 1e-6, apart
    print(f"{name}: {len(nodes)} nodes, {len(ops)} after, {apart:.1e} apart")
