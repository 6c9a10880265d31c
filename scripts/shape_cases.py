#!/usr/bin/env python3
"""Writes the table that holds shape rules against ONNX Runtime: one operator a line, run for real.

    pip install onnx==1.23.2 onnxruntime==1.31.1
    python scripts/shape_cases.py > crate/src/ir/infer/rules/nn/cases.txt

A line: operator@opset | attributes | inputs | outputs. An input is dtype[dims], with {elements}
where the rule may see them; `-` is left out. Outputs are what the runtime computed, `refused` where
it would not. Cases where the runtime and the standard differ are not here: rules leave them open.
"""

import sys

import numpy as np
import onnxruntime as ort
from onnx import helper

ort.set_default_logger_severity(4)
NAMES = {"float32": "f32", "uint8": "u8", "int8": "i8", "int32": "i32", "int64": "i64", "bool": "bool"}


def f(*shape):
    return np.ones(shape, np.float32)


def u8(*shape):
    return np.ones(shape, np.uint8)


def ints(*values):
    return Seen(np.array(values, np.int64))


def floats(*values):
    return Seen(np.array(values, np.float32))


class Seen:
    """An input whose elements the rule sees."""

    def __init__(self, array):
        self.array = array


def text(array, seen=False):
    name = NAMES[array.dtype.name]
    dims = ",".join(map(str, array.shape))
    elements = "{" + ",".join(repr(x) for x in array.ravel().tolist()) + "}" if seen else ""
    return f"{name}[{dims}]{elements}"


def attr_text(value):
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, list):
        return "[" + ",".join(map(str, value)) + "]"
    return str(value)


def case(op, inputs, outputs=1, opset=22, **attrs):
    domain, _, name = op.rpartition(":")
    arrays = [x.array if isinstance(x, Seen) else x for x in inputs]
    names = [f"x{i}" if a is not None else "" for i, a in enumerate(arrays)]
    node = helper.make_node(name, names, [f"y{i}" for i in range(outputs)], domain=domain, **attrs)
    given = [(n, a) for n, a in zip(names, arrays) if a is not None]
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in given],
        [helper.make_empty_tensor_value_info(f"y{i}") for i in range(outputs)],
    )
    own = {"": 0, "ai.onnx.ml": 3}.get(domain, 1)
    opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, own)] if own else [])
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    try:
        session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        results = "; ".join(text(y) for y in session.run(None, dict(given)))
    except Exception as error:  # noqa: BLE001 - the runtime raises several kinds
        print(f"{op}: {str(error)[-300:]}".replace("\n", " "), file=sys.stderr)
        if "implement" in str(error):
            return
        results = "refused"
    shown = [
        "-" if a is None else text(a, isinstance(x, Seen)) for x, a in zip(inputs, arrays)
    ]
    settings = " ".join(f"{k}={attr_text(v)}" for k, v in attrs.items())
    print(f"{op}@{opset} | {settings} | {'; '.join(shown)} | {results}")


def windows():
    x3, x5 = f(2, 4, 9), f(1, 2, 5, 6, 7)
    case("Conv", [x3, f(6, 2, 3)], group=2, strides=[2], pads=[1, 0])
    case("Conv", [x5, f(3, 2, 3, 2, 1)], strides=[2, 1, 3], dilations=[1, 2, 1])
    case("Conv", [x3, f(6, 3, 3)])
    case("ConvInteger", [u8(1, 2, 5, 5), u8(3, 2, 3, 3)], pads=[1, 1, 1, 1])
    one = f()
    q = np.array(0, np.uint8)
    case("QLinearConv", [u8(1, 2, 5, 5), one, q, u8(3, 2, 3, 3), one, q, one, q], strides=[2, 2])
    case("com.microsoft:QLinearConv", [u8(1, 5, 5, 2), one, q, u8(3, 2, 3, 3), one, q, one, q], strides=[2, 2], channels_last=1)
    case("com.microsoft:FusedConv", [f(1, 2, 5, 5), f(3, 2, 3, 3)], activation="Relu")
    case("ConvTranspose", [x3, f(4, 3, 3)], group=2, strides=[2], output_padding=[1])
    case("ConvTranspose", [x5, f(2, 3, 3, 2, 1)], strides=[2, 1, 3], dilations=[1, 2, 1], pads=[1, 0, 0, 0, 1, 0])
    case("DeformConv", [f(1, 2, 5, 5), f(3, 2, 3, 3), f(1, 18, 3, 3)])
    for mode in (0, 1):
        case("MaxPool", [x3], 2, kernel_shape=[3], strides=[2], ceil_mode=mode, dilations=[2])
        case("MaxPool", [x5], 2, kernel_shape=[2, 3, 2], strides=[2, 2, 3], ceil_mode=mode, pads=[1, 0, 1, 0, 1, 1])
        case("AveragePool", [x3], kernel_shape=[4], strides=[3], ceil_mode=mode, pads=[1, 1])
        case("LpPool", [f(1, 1, 8, 5)], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=mode)
    case("MaxPool", [f(1, 1, 8, 5)], opset=8, kernel_shape=[3, 3], auto_pad="SAME_UPPER", strides=[2, 2])
    case("AveragePool", [f(1, 1, 8, 5)], opset=7, kernel_shape=[3, 3], auto_pad="VALID", strides=[2, 2])
    case("GlobalAveragePool", [x5])
    case("GlobalMaxPool", [x3])
    case("GlobalLpPool", [x3], opset=21)
    case("MaxUnpool", [f(1, 1, 2, 2), np.zeros((1, 1, 2, 2), np.int64)], kernel_shape=[3, 2], strides=[2, 2], pads=[0, 0, 1, 0])
    case("MaxUnpool", [f(1, 1, 2, 2), np.zeros((1, 1, 2, 2), np.int64), ints(1, 1, 5, 5)], kernel_shape=[2, 2], strides=[2, 2])
    case("MaxRoiPool", [f(1, 3, 9, 9), np.zeros((4, 5), np.float32)], opset=21, pooled_shape=[2, 3])
    case("RoiAlign", [f(1, 3, 9, 9), f(4, 4), np.zeros(4, np.int64)], opset=21, output_height=2, output_width=3)
    case("RoiAlign", [f(1, 3, 9, 9), f(4, 4), np.zeros(4, np.int64)], opset=10)
    case("com.microsoft:QLinearAveragePool", [u8(1, 9, 9, 2), one, q, one, q], kernel_shape=[3, 3], strides=[2, 2], channels_last=1)
    case("com.microsoft:QLinearGlobalAveragePool", [u8(1, 9, 9, 2), one, q, one, q], channels_last=1)


def normalisation():
    x, c = f(2, 3, 4, 5), f(3)
    case("BatchNormalization", [x, c, c, c, c], opset=9)
    case("BatchNormalization", [x, c, c, c, c], 3, opset=15, training_mode=1)
    case("InstanceNormalization", [x, c, c])
    case("LayerNormalization", [x, f(5), f(5)], 3)
    case("LayerNormalization", [x, f(4, 5)], 3, axis=2)
    case("LayerNormalization", [x, f(4, 5)], 3, axis=4)
    case("GroupNormalization", [f(2, 4, 4), f(4), f(4)], num_groups=2)
    case("RMSNormalization", [x, f(5)], opset=23)
    case("LRN", [x], size=3)
    case("LpNormalization", [x], axis=1, p=2)
    case("MeanVarianceNormalization", [x], opset=13)
    case("SimplifiedLayerNormalization", [x, f(5)], 2, axis=-1)
    hidden = f(2, 7, 8)
    case("com.microsoft:SkipLayerNormalization", [hidden, hidden, f(8), f(8)], 1)
    case("com.microsoft:SkipSimplifiedLayerNormalization", [hidden, hidden, f(8)], 1)
    ids = np.zeros((2, 7), np.int32)
    case("com.microsoft:EmbedLayerNormalization", [ids, ids, f(9, 8), f(10, 8), f(2, 8), f(8), f(8), ids], 2)


def recurrent():
    x = f(5, 2, 3)
    for op, gates, states in (("LSTM", 4, 2), ("GRU", 3, 1), ("RNN", 1, 1)):
        case(op, [x, f(1, 4 * gates, 3), f(1, 4 * gates, 4)], 1 + states, hidden_size=4)
        case(op, [x, f(2, 4 * gates, 3), f(2, 4 * gates, 4)], 1 + states, hidden_size=4, direction="bidirectional")


def attention():
    q, kv = f(2, 4, 5, 8), f(2, 2, 7, 8)
    case("Attention", [q, kv, f(2, 2, 7, 6)], opset=23)
    case("Attention", [q, kv, f(2, 2, 7, 6), None, f(2, 2, 3, 8), f(2, 2, 3, 6)], 4, opset=23)
    case("Attention", [f(2, 5, 32), f(2, 7, 16), f(2, 7, 12)], 4, opset=23, q_num_heads=4, kv_num_heads=2)
    case("Attention", [f(2, 5, 32), f(2, 7, 16), f(2, 7, 12)], opset=23)
    case("RotaryEmbedding", [f(2, 4, 5, 8), f(2, 5, 4), f(2, 5, 4)], opset=23)
    m = "com.microsoft:"
    case(m + "Attention", [f(2, 7, 16), f(16, 48), f(48)], num_heads=4)
    case(m + "Attention", [f(2, 7, 16), f(16, 48), f(48), None, f(2, 2, 4, 3, 4)], 2, num_heads=4)
    case(m + "Attention", [f(2, 7, 16), f(16, 40), f(40)], num_heads=4, qkv_hidden_sizes=[16, 16, 8])
    case(m + "MultiHeadAttention", [f(2, 5, 16), f(2, 9, 16), f(2, 9, 8)], num_heads=4)
    case(m + "MultiHeadAttention", [f(2, 5, 16), f(2, 9, 16), f(2, 9, 16)], 3, num_heads=4)
    case(m + "MultiHeadAttention", [f(2, 5, 16), f(2, 5, 16), f(2, 5, 16), None, None, None, f(2, 4, 3, 4), f(2, 4, 3, 4)], 3, num_heads=4)
    case(m + "MultiHeadAttention", [f(2, 5, 16), f(2, 4, 9, 4), f(2, 4, 9, 4)], num_heads=4)
    lengths = np.array([6], np.int32)
    total = Seen(np.array(7, np.int32))
    case(m + "GroupQueryAttention", [f(1, 7, 64), f(1, 7, 16), f(1, 7, 16), None, None, lengths, total], 3, num_heads=8, kv_num_heads=2)
    case(m + "GroupQueryAttention", [f(1, 7, 96), None, None, None, None, lengths, total], 3, num_heads=8, kv_num_heads=2)
    past = f(1, 2, 6, 8)
    case(m + "GroupQueryAttention", [f(1, 1, 64), f(1, 1, 16), f(1, 1, 16), past, past, lengths, total], 3, num_heads=8, kv_num_heads=2)
    past = f(1, 2, 20, 8)
    case(m + "GroupQueryAttention", [f(1, 1, 64), f(1, 1, 16), f(1, 1, 16), past, past, lengths, total], 3, num_heads=8, kv_num_heads=2)
    q = np.array(0, np.uint8)
    merged = [u8(2, 7, 16), u8(16, 48), f(48)]
    case(m + "QAttention", [*merged, f(), f(), None, q, q], num_heads=4)
    case(m + "QAttention", [*merged, f(), f(), None, q, q, f(2, 2, 4, 3, 4)], 2, num_heads=4)
    case(m + "MoE", [f(2, 7, 16), f(14, 3), f(3, 32, 16), None, f(3, 16, 32)], k=2)
    case(m + "RotaryEmbedding", [f(2, 5, 16), np.zeros((2, 5), np.int64), f(9, 8), f(9, 8)])


def resizing():
    for n, scale in ((10, 0.7), (10, 0.6), (7, 1.1), (100, 0.29), (3, 1 / 3), (33, 2.1)):
        case("Resize", [f(1, 1, n, n), None, floats(1, 1, scale, scale)], opset=19, mode="linear")
    case("Upsample", [f(1, 1, 2, 3), floats(1, 1, 2, 3)], opset=9)
    case("Upsample", [f(1, 1, 2, 3)], opset=7, scales=[1.0, 1.0, 2.0, 3.0])
    case("Resize", [f(1, 1, 4, 4), floats(1, 1, 0.6, 0.6)], opset=10)
    case("Resize", [f(1, 1, 4, 4), floats(), floats(), ints(1, 1, 7, 3)], opset=11)
    case("Resize", [f(1, 1, 4, 4), None, None, ints(7, 3)], opset=19, axes=[2, 3])
    case("Resize", [f(1, 1, 4, 4), None, None, ints(7, 3)], opset=19, axes=[-1, -2])
    case("Resize", [f(1, 1, 4, 4), None, floats(2.0, 2.0)], opset=19)
    sizes = ((10, 7, 5, 5), (3, 7, 5, 4), (4, 6, 3, 5), (9, 4, 6, 3), (7, 5, 3, 9))
    for policy in ("not_larger", "not_smaller"):
        for h, w, a, b in sizes:
            case("Resize", [f(1, 1, h, w), None, None, ints(a, b)], opset=19, mode="linear", keep_aspect_ratio_policy=policy, axes=[2, 3])


def images():
    case("GridSample", [f(1, 3, 4, 4), f(1, 6, 5, 2)], opset=16)
    case("GridSample", [f(1, 3, 4, 4, 4), f(1, 6, 5, 7, 3)], opset=20)
    draw = np.random.default_rng(3)
    boxes = Seen(np.round(draw.uniform(0, 3, (2, 6, 4)), 2).astype(np.float32))
    centres = Seen(np.round(draw.uniform(0.5, 2, (1, 10, 4)), 2).astype(np.float32))
    scores = Seen(np.round(draw.uniform(-1, 1, (2, 2, 6)), 1).astype(np.float32))
    more = Seen(np.round(draw.uniform(0, 1, (1, 1, 10)), 1).astype(np.float32))
    case("NonMaxSuppression", [boxes, scores, ints(3), floats(0.2), floats(-0.3)], opset=11)
    case("NonMaxSuppression", [boxes, scores, ints(9), floats(0.0)], opset=11)
    case("NonMaxSuppression", [boxes, scores, ints(6), floats(1.0)], opset=11)
    case("NonMaxSuppression", [boxes, scores], opset=11)
    for share in (0.1, 0.3, 0.6):
        case("NonMaxSuppression", [centres, more, ints(10), floats(share), floats(0.2)], opset=11, center_point_box=1)
    case("AffineGrid", [f(2, 2, 3), ints(2, 3, 5, 6)], opset=20)
    case("AffineGrid", [f(2, 3, 4), ints(2, 3, 4, 5, 6)], opset=20)
    case("Col2Im", [f(1, 10, 5), ints(5, 5), ints(1, 5)], opset=18)


def quantisation():
    one, q, s8 = f(), np.array(0, np.uint8), np.array(0, np.int8)
    case("QuantizeLinear", [f(2, 3), one, s8], opset=13)
    case("QuantizeLinear", [f(2, 3), one], opset=13)
    case("QuantizeLinear", [f(2, 3), one], opset=21, output_dtype=3)
    case("DequantizeLinear", [u8(2, 3), one, q], opset=13)
    case("DynamicQuantizeLinear", [f(2, 3)], 3, opset=11)
    case("QLinearMatMul", [u8(2, 3, 4), one, q, u8(4, 5), one, q, one, q])
    m = "com.microsoft:"
    case(m + "QLinearAdd", [u8(2, 3, 1), one, q, u8(4), one, q, one, q])
    case(m + "QLinearMul", [u8(2, 3, 4), one, q, u8(1, 4), one, q, one, q])
    case(m + "QLinearConcat", [one, q, u8(2, 3), one, q, u8(2, 4), one, q], axis=1)
    case(m + "QLinearLeakyRelu", [u8(2, 3), one, q, one, q])
    case(m + "QLinearSigmoid", [u8(2, 3), one, q, one, q])
    case(m + "QLinearWhere", [np.ones((3, 1), bool), u8(4), one, q, u8(2, 1, 1), one, q, one, q])
    case(m + "QGemm", [u8(4, 2), one, q, u8(3, 4), one, q], transA=1, transB=1, alpha=1.0)
    case(m + "QGemm", [u8(2, 4), one, q, u8(4, 3), one, q, None, one, q])
    case(m + "FusedGemm", [f(4, 2), f(4, 3)], transA=1, activation="Relu")
    case(m + "FusedMatMul", [f(2, 4, 3), f(5, 4)], transA=1, transB=1)
    case(m + "DynamicQuantizeMatMul", [f(2, 4), u8(4, 3), f()])
    case(m + "MatMulIntegerToFloat", [u8(2, 4), u8(4, 3), f(), f()])
    case(m + "MatMulNBits", [f(2, 7, 32), u8(5, 1, 16), f(5, 1)], K=32, N=5, bits=4, block_size=32)
    rows = np.zeros((2, 7), np.int64)
    case(m + "GatherBlockQuantized", [u8(9, 16), rows, f(9, 1)], bits=4, block_size=32)
    case(m + "GatherBlockQuantized", [u8(9, 32), rows, f(9, 1)], bits=8, block_size=32)
    case(m + "Inverse", [np.eye(3, dtype=np.float32)])
    case(m + "Gelu", [f(2, 3)])
    case(m + "FastGelu", [f(2, 3), f(3)])
    case(m + "BiasGelu", [f(2, 3), f(3)])
    case(m + "QuickGelu", [f(2, 3)])


def losses():
    labels = np.zeros((3, 2), np.int64)
    for reduction in ("none", "mean", "sum"):
        case("SoftmaxCrossEntropyLoss", [f(3, 5, 2), labels], 2, opset=13, reduction=reduction)


def classic():
    m = "ai.onnx.ml:"
    rows = f(6, 4)
    case(m + "Scaler", [rows], opset=12, offset=[0.0], scale=[1.0])
    case(m + "Normalizer", [rows], opset=12, norm="L2")
    case(m + "Binarizer", [rows], opset=12, threshold=0.5)
    case(m + "Imputer", [rows], opset=12, imputed_value_floats=[0.0])
    case(m + "LinearRegressor", [rows], opset=12, coefficients=[1.0] * 8, targets=2)
    case(m + "LinearClassifier", [rows], 2, opset=12, coefficients=[1.0] * 12, intercepts=[0.0] * 3, classlabels_ints=[0, 1, 2])
    case(m + "ArrayFeatureExtractor", [rows, ints(1, 3)], opset=12)
    case(m + "ArrayFeatureExtractor", [f(4), ints(1, 3)], opset=12)
    case(m + "OneHotEncoder", [np.zeros(6, np.int64)], opset=12, cats_int64s=[0, 1, 2])
    case(m + "FeatureVectorizer", [rows, f(6, 2)], opset=12, inputdimensions=[4, 2])
    case(m + "LabelEncoder", [np.zeros(6, np.int64)], opset=12, keys_int64s=[0], values_floats=[1.0])
    case(m + "LabelEncoder", [np.zeros((6, 2), np.float32)], opset=12, keys_floats=[0.0], values_int64s=[1])


if __name__ == "__main__":
    for family in (windows, normalisation, recurrent, attention, resizing, images, quantisation, losses, classic):
        family()
