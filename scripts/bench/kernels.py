"""Models of one layer, for the speeds of single kernels: `python kernels.py FOLDER` writes them."""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# name: input channels, output channels, kernel, side, groups
CONVS = {
    "conv3x3_16_32": (16, 16, 3, 32, 1),
    "conv3x3_64_8": (64, 64, 3, 8, 1),
    "conv3x3_64_56": (64, 64, 3, 56, 1),
    "conv1x1_256_14": (256, 256, 1, 14, 1),
    "depthwise3x3_144_28": (144, 144, 3, 28, 144),
}
# name: rows (None: the batch), inner size, columns
GEMMS = {"gemm_512": (512, 512, 512), "gemm_1x2048x1000": (1, 2048, 1000), "gemm_64x2048x1000": (64, 2048, 1000)}


def save(folder, name, node, x_shape, weight, batch="batch"):
    value = helper.make_tensor_value_info
    shape = [batch, *x_shape]
    graph = helper.make_graph([node], name, [value("x", TensorProto.FLOAT, shape)], [value("y", TensorProto.FLOAT, None)],
                              [numpy_helper.from_array(weight, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / f"{name}.onnx")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    for name, (cin, cout, k, side, groups) in CONVS.items():
        weight = random.standard_normal((cout, cin // groups, k, k), dtype=np.float32)
        node = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[k, k], pads=[k // 2] * 4, group=groups, name=name)
        save(folder, name, node, [cin, side, side], weight)
    for name, (rows, inner, columns) in GEMMS.items():
        weight = random.standard_normal((inner, columns), dtype=np.float32)
        save(folder, name, helper.make_node("MatMul", ["x", "w"], ["y"], name=name), [inner], weight, rows)


main()
