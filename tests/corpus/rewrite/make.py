"""Makes the models of this folder, has them rewritten, and lets ONNX judge the results.

    pip install onnx==1.23.2 onnxruntime numpy
    cargo build --bin reluctant && python tests/corpus/rewrite/make.py target/debug/reluctant

For each case: MODEL.onnx is the original, CASE.plan.json the plan, CASE.out.onnx what the plan makes of
it (it must pass onnx.checker with full_check), CASE.out.npy what ONNX Runtime computes with it on
MODEL.x.npy. tests/replace.rs holds our rewriting to the same bytes and our engine to the same numbers.
`--large` also rewrites a model of 500 MB that is made for it, in a temporary folder.
"""
import json, subprocess, sys, tempfile
from pathlib import Path
import numpy as np, onnx, onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh

HERE = Path(__file__).parent
TOOL = Path(sys.argv[1]).resolve()
rng = np.random.default_rng(7)


def weight(name, *shape, dtype=np.float32):
    return nh.from_array((rng.normal(size=shape) * 0.5).astype(dtype), name)


def save(name, nodes, weights, functions=(), dtype=T.FLOAT, shape=(2, 3, 6, 6), out=(2, 5), ir=8, opset=17):
    graph = h.make_graph(
        nodes, name, [h.make_tensor_value_info("x", dtype, shape)],
        [h.make_tensor_value_info("y", dtype, out)], weights)
    opsets = [h.make_opsetid("", opset)] + ([h.make_opsetid("own", 1)] if functions else [])
    model = h.make_model(graph, opset_imports=opsets, functions=list(functions), ir_version=ir)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, HERE / f"{name}.onnx")
    x = rng.normal(size=shape).astype(np.float16 if dtype == T.FLOAT16 else np.float32)
    np.save(HERE / f"{name}.x.npy", x)


def net(dtype=np.float32):
    weights = [weight("w1", 4, 3, 3, 3, dtype=dtype), weight("b1", 4, dtype=dtype),
               weight("w2", 6, 4, 3, 3, dtype=dtype), weight("w3", 6, 5, dtype=dtype)]
    nodes = [
        h.make_node("Conv", ["x", "w1", "b1"], ["c1"], pads=[1] * 4),
        h.make_node("Relu", ["c1"], ["r1"], name="relu1"),
        h.make_node("Conv", ["r1", "w2"], ["c2"], strides=[2, 2]),
        h.make_node("Sigmoid", ["c2"], ["s2"]),
        h.make_node("Mul", ["c2", "s2"], ["r2"], name="silu"),
        h.make_node("GlobalAveragePool", ["r2"], ["p"]),
        h.make_node("Flatten", ["p"], ["f"]),
        h.make_node("Relu", ["f"], ["r3"], name="relu3"),
        h.make_node("MatMul", ["r3", "w3"], ["y"]),
    ]
    return nodes, weights


def models():
    save("net", *net())
    save("old", *net(), opset=8, ir=4)
    save("half", *net(np.float16), dtype=T.FLOAT16)
    block = h.make_function(
        "own", "Block", ["a", "w"], ["b"],
        [h.make_node("Conv", ["a", "w"], ["c"], pads=[1] * 4), h.make_node("Relu", ["c"], ["b"])],
        [h.make_opsetid("", 17)])
    save("functions", [
        h.make_node("Block", ["x", "u1"], ["h1"], domain="own", name="first"),
        h.make_node("Block", ["h1", "u2"], ["h2"], domain="own", name="second"),
        h.make_node("GlobalAveragePool", ["h2"], ["p"]), h.make_node("Flatten", ["p"], ["y"])],
        [weight("u1", 4, 3, 3, 3), weight("u2", 5, 4, 3, 3)], [block])
    save("residual", *residual())
    model = onnx.load(HERE / "net.onnx")
    model.graph.name = "external"
    onnx.save_model(model, HERE / "external.onnx", save_as_external_data=True, location="external.bin",
                    size_threshold=0)
    np.save(HERE / "external.x.npy", np.load(HERE / "net.x.npy"))


def residual():
    """A block whose sum passes by, BatchNorm behind its convolutions, and a layer of one tap."""
    weights = [weight("w1", 4, 3, 3, 3), weight("w2", 4, 4, 3, 3), weight("w3", 4, 4, 3, 3), weight("w4", 5, 4, 1, 1)]
    for at in "23":
        weights += [weight(f"{part}{at}", 4) for part in ("scale", "shift", "mean")]
        weights.append(nh.from_array(rng.uniform(0.5, 1.5, 4).astype(np.float32), f"var{at}"))
    norm = lambda x, at, y: h.make_node(
        "BatchNormalization", [x] + [f"{part}{at}" for part in ("scale", "shift", "mean", "var")], [y])
    return [
        h.make_node("Conv", ["x", "w1"], ["c1"], pads=[1] * 4),
        h.make_node("Relu", ["c1"], ["r1"], name="relu1"),
        h.make_node("Conv", ["r1", "w2"], ["c2"], pads=[1] * 4), norm("c2", 2, "n2"),
        h.make_node("Relu", ["n2"], ["r2"], name="relu2"),
        h.make_node("Conv", ["r2", "w3"], ["c3"], pads=[1] * 4), norm("c3", 3, "n3"),
        h.make_node("Add", ["n3", "r1"], ["a3"]),
        h.make_node("Relu", ["a3"], ["r3"], name="relu3"),
        h.make_node("Conv", ["r3", "w4"], ["c4"]),
        h.make_node("Relu", ["c4"], ["r4"], name="relu4"),
        h.make_node("GlobalAveragePool", ["r4"], ["p"]),
        h.make_node("Flatten", ["p"], ["y"]),
    ], weights


# case: model, arguments
CASES = {
    "all": ("net", ["--budget", "0", "--policy", "uniform"]),
    "channels": ("net", ["--budget", "0", "--policy", "uniform", "--degree", "3", "--data", "net.x.npy"]),
    "pixels": ("net", ["--budget", "37", "--policy", "random", "--data", "net.x.npy"]),
    "by_channel": ("net", ["--budget", "50%", "--granularity", "channel", "--policy", "random"]),
    "old": ("old", ["--budget", "40%", "--policy", "random", "--data", "old.x.npy"]),
    "half": ("half", ["--budget", "30%", "--policy", "uniform"]),
    "functions": ("functions", ["--budget", "100", "--policy", "random", "--degree", "2"]),
    "dropped": ("residual", ["--budget", "60%", "--policy", "nested", "--granularity", "spatial", "--drop-outputs"]),
    "dropped_old": ("old", ["--budget", "50%", "--policy", "nested", "--granularity", "spatial", "--drop-outputs"]),
    "external": ("external", ["--budget", "0", "--policy", "uniform", "--method", "0.25x2+0.5x"]),
}


def run(*arguments):
    return subprocess.run([TOOL, *map(str, arguments)], cwd=HERE, check=True, capture_output=True, text=True).stdout


def main():
    models()
    for case, (model, arguments) in CASES.items():
        run("replace", f"{model}.onnx", *arguments, "--plan", f"{case}.plan.json")
        run("replace", f"{model}.onnx", "--apply", f"{case}.plan.json", "-o", f"{case}.out.onnx")
        onnx.checker.check_model(str(HERE / f"{case}.out.onnx"), full_check=True)
        session = ort.InferenceSession(str(HERE / f"{case}.out.onnx"), providers=["CPUExecutionProvider"])
        (y,) = session.run(None, {"x": np.load(HERE / f"{model}.x.npy")})
        np.save(HERE / f"{case}.out.npy", y)
        plan = json.loads((HERE / f"{case}.plan.json").read_text())
        print(f"{case}: checked; {plan['kept']} of {plan['total']} stay; outputs up to {abs(y).max():.3f}")
    run("replace", "net.onnx", "--budget", "100%", "--policy", "uniform", "-o", "same.onnx")
    assert (HERE / "same.onnx").read_bytes() == (HERE / "net.onnx").read_bytes()
    (HERE / "same.onnx").unlink()
    print("a plan that keeps everything: the same bytes")
    if "--large" in sys.argv:
        large()


def large():
    with tempfile.TemporaryDirectory() as folder:
        nodes, weights = net()
        weights.append(nh.from_array(np.zeros((125, 1000, 1000), np.float32), "unused_but_large"))
        nodes.append(h.make_node("Identity", ["unused_but_large"], ["ignored"]))
        graph = h.make_graph(nodes, "large", [h.make_tensor_value_info("x", T.FLOAT, (2, 3, 6, 6))],
                             [h.make_tensor_value_info("y", T.FLOAT, (2, 5))], weights)
        path = Path(folder) / "large.onnx"
        onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8), path)
        out = path.with_name("out.onnx")
        report = json.loads(run("replace", path, "--budget", "50%", "--policy", "random", "-o", out, "--json"))
        onnx.checker.check_model(str(out), full_check=True)
        print(f"{path.stat().st_size} bytes: {report['bytes_read']} read to splice, checked")
        assert report["bytes_read"] < 5 << 20


main()
