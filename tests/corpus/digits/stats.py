"""Writes stats.json: what numpy says of the activations of digits_cnn.onnx on the test images.

    pip install onnx==1.23.2 onnxruntime numpy
    python tests/corpus/digits/stats.py

Of what goes into and comes out of each ReLU, computed by ONNX Runtime without optimisations: numpy's mean,
std, min, max and share of zeros by channel, and the histogram of the first channel.
"""

import json
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent


def bins(values, most=128):
    """Equal bins of a power-of-two width at its multiples, as few widths wider than needed as fit."""
    exponent = -100
    while True:
        width = 2.0**exponent
        first, last = np.floor(values.min() / width), np.floor(values.max() / width)
        if last - first < most:
            counts = np.bincount((np.floor(values / width) - first).astype(int))
            return {"low": first * width, "width": width, "counts": counts.tolist()}
        exponent += 1


def stats():
    import onnx
    import onnxruntime

    model = onnx.load(FOLDER / "digits_cnn.onnx")
    relus = [node for node in model.graph.node if node.op_type == "Relu"]
    names = [name for node in relus for name in (node.input[0], node.output[0])]
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found = session.run(names, {"input": np.load(FOLDER / "digits.npz")["x"]})
    values = {}
    for name, value in zip(names, found):
        channels = np.moveaxis(value.astype(np.float64), 1, 0).reshape(value.shape[1], -1)
        values[name] = {
            "mean": channels.mean(1).tolist(),
            "std": channels.std(1).tolist(),
            "min": channels.min(1).tolist(),
            "max": channels.max(1).tolist(),
            "zeros": (channels == 0).mean(1).tolist(),
            "histogram": bins(channels[0]),
        }
    return (json.dumps({"values": values}, separators=(",", ":")) + "\n").encode()


if __name__ == "__main__":
    (FOLDER / "stats.json").write_bytes(stats())
