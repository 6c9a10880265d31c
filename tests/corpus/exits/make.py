"""Puts two heads into the digits network, and says where samples leave.

    pip install onnx==1.23.2 onnxruntime numpy
    python tests/corpus/exits/make.py

heads.onnx is digits/digits_cnn.onnx with an average and a linear layer behind its first and its third ReLU, fitted by
least squares on the training images; their logits are the outputs exit1 and exit2. sweep.json is what ONNX Runtime says
of the test images: for some thresholds the share that leaves at each exit and at the end, the accuracy, and the share of
the end's classes. tests/exits.rs holds the sweep to it.
"""
import json
from pathlib import Path
import numpy as np, onnx, onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh

HERE = Path(__file__).parent
DIGITS = HERE.parent / "digits"
model = onnx.load(DIGITS / "digits_cnn.onnx")
relus = [node.output[0] for node in model.graph.node if node.op_type == "Relu"]
at = [relus[0], relus[2]]
train, test = (np.load(DIGITS / name) for name in ("digits_train.npz", "digits.npz"))
(entry,) = [v.name for v in model.graph.input if v.name not in {t.name for t in model.graph.initializer}]
(end,) = [v.name for v in model.graph.output]


def run(proto, x, names):
    return ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"]).run(names, {entry: x})


seen = onnx.ModelProto()
seen.CopyFrom(model)
seen.graph.output.extend(h.make_tensor_value_info(name, T.FLOAT, None) for name in at)
rank = []
for number, features in enumerate(run(seen, train["x"], at), 1):
    value = at[number - 1]
    rank.append(features.ndim)
    pooled = features.mean(axis=(2, 3)) if features.ndim == 4 else features
    design = np.concatenate([pooled, np.ones((len(pooled), 1))], axis=1)
    wanted = 10 * np.eye(10)[train["y"]]
    found, *_ = np.linalg.lstsq(design, wanted, rcond=None)
    model.graph.initializer.extend([
        nh.from_array(found[:-1].astype(np.float32), f"exit{number}_w"),
        nh.from_array(found[-1].astype(np.float32), f"exit{number}_b")])
    nodes = []
    if features.ndim == 4:
        nodes = [h.make_node("GlobalAveragePool", [value], [f"exit{number}_p"]),
                 h.make_node("Flatten", [f"exit{number}_p"], [f"exit{number}_f"])]
        value = f"exit{number}_f"
    model.graph.node.extend(
        nodes + [h.make_node("Gemm", [value, f"exit{number}_w", f"exit{number}_b"], [f"exit{number}"])])
    model.graph.output.append(h.make_tensor_value_info(f"exit{number}", T.FLOAT, ["N", 10]))
# Heads stand where their values are made.
order = {name: i for i, node in enumerate(model.graph.node) for name in node.output}
onnx.checker.check_model(model, full_check=True)
onnx.save(model, HERE / "heads.onnx")
last, one, two = run(model, test["x"], [end, "exit1", "exit2"])
points = []
for threshold in (2.0, 4.0, 6.0, 8.0):
    leaves = np.where(one.max(1) > threshold, 0, np.where(two.max(1) > threshold, 1, 2))
    chosen = np.choose(leaves, [one.argmax(1), two.argmax(1), last.argmax(1)])
    points.append({
        "threshold": threshold, "shares": [float((leaves == i).mean()) for i in range(3)],
        "accuracy": float((chosen == test["y"]).mean()), "agreement": float((chosen == last.argmax(1)).mean())})
    print(points[-1])
(HERE / "sweep.json").write_text(json.dumps(points, indent=1) + "\n")
print("accuracy of", (last.argmax(1) == test["y"]).mean(), (one.argmax(1) == test["y"]).mean(), (two.argmax(1) == test["y"]).mean())
