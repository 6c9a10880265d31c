"""Further cases of each kind, with ONNX Runtime's outputs (onnxruntime 1.32.0, onnx 1.23.2):

    python tests/cases/make.py

writes more/NAME.onnx, NAME.npz (inputs) and NAME.out.npz. What is counted stands in more.csv, by hand or by the sums in
its `how` column. Seeded; a second run writes the same models.
"""
import os
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as h, numpy_helper as nh

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "more")
R = np.random.default_rng(7)


def w(*shape, scale=0.4):
    return (R.standard_normal(shape) * scale).astype(np.float32)


def save(name, nodes, inputs, outputs, weights, opset=17, ms=False, run=True, ir=9, ml=False, data=None):
    ins = [h.make_tensor_value_info(n, t, s) for n, t, s in inputs]
    outs = [h.make_tensor_value_info(n, t, s) for n, t, s in outputs]
    graph = h.make_graph(nodes, name, ins, outs, [nh.from_array(v, k) if isinstance(v, np.ndarray) else v for k, v in weights.items()])
    sets = [h.make_opsetid("", opset)] + ([h.make_opsetid("com.microsoft", 1)] if ms else [])
    sets += [h.make_opsetid("ai.onnx.ml", 3)] if ml else []
    model = h.make_model(graph, opset_imports=sets, ir_version=ir)
    path = os.path.join(HERE, name + ".onnx")
    onnx.save(model, path)
    if not run:
        return
    data = data or {}
    for n, t, s in inputs:
        if n not in data:
            shape = [2 if isinstance(d, str) else d for d in s]
            data[n] = np.asarray(w(*shape, scale=1.0)).reshape(shape)
    # As the file says: fused int4 products are computed in 8 bits.
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    result = ort.InferenceSession(path, options).run(None, data)
    np.savez(os.path.join(HERE, name + ".npz"), **data)
    np.savez(os.path.join(HERE, name + ".out.npz"), **dict(zip([o[0] for o in outputs], result)))


def n(op, ins, outs, **attrs):
    return h.make_node(op, ins, outs, **attrs)


def body(name, nodes, inputs, outputs, weights=()):
    vi = lambda v: h.make_tensor_value_info(*v)
    return h.make_graph(nodes, name, [vi(v) for v in inputs], [vi(v) for v in outputs], [nh.from_array(v, k) for k, v in weights])


F = T.FLOAT

# Training-mode BatchNormalization: of matrices, and before operator set 14, where the outputs say it.
save("bn_rows", [n("BatchNormalization", ["x", "g", "b", "m", "v"], ["y", "rm", "rv"], training_mode=1)],
     [("x", F, [5, 3])], [("y", F, [5, 3]), ("rm", F, [3]), ("rv", F, [3])],
     {"g": w(3), "b": w(3), "m": w(3), "v": np.abs(w(3))}, opset=15)
save("bn_spatial", [n("BatchNormalization", ["x", "g", "b", "m", "v"], ["z", "rm", "rv"], training_mode=1, momentum=0.7),
                    n("Relu", ["z"], ["y"])],
     [("x", F, [3, 2, 4, 5])], [("y", F, None), ("rm", F, [2]), ("rv", F, [2])],
     {"g": w(2), "b": w(2), "m": w(2), "v": np.abs(w(2))}, opset=17)

# Loops and scans.
loop = body("b", [n("MatMul", ["s", "w"], ["m"]), n("Relu", ["m"], ["r"]), n("Identity", ["c"], ["c2"]), n("Identity", ["r"], ["k"])],
            [("i", T.INT64, []), ("c", T.BOOL, []), ("s", F, [3, 4])], [("c2", T.BOOL, []), ("r", F, [3, 4]), ("k", F, [3, 4])])
save("loop_stacked", [n("Loop", ["trips", "go", "x"], ["last", "all"], body=loop)], [("x", F, [3, 4])],
     [("last", F, [3, 4]), ("all", F, None)],
     {"w": w(4, 4), "trips": np.array(5, np.int64), "go": np.array(True)})
scan = body("b", [n("MatMul", ["s", "w"], ["m"]), n("Add", ["m", "xt"], ["a"]), n("Tanh", ["a"], ["t"]), n("Identity", ["t"], ["o"])],
            [("s", F, [2, 3]), ("xt", F, [2, 3])], [("t", F, [2, 3]), ("o", F, [2, 3])])
save("scan_steps", [n("Scan", ["h", "x"], ["last", "all"], body=scan, num_scan_inputs=1)],
     [("h", F, [2, 3]), ("x", F, [7, 2, 3])], [("last", F, None), ("all", F, None)], {"w": w(3, 3)})
save("scan_axis", [n("Scan", ["h", "x"], ["last", "all"], body=scan, num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1],
                     scan_input_directions=[1], scan_output_directions=[1])],
     [("h", F, [2, 3]), ("x", F, [2, 4, 3])], [("last", F, None), ("all", F, None)], {"w": w(3, 3)})
data_loop = body("b", [n("MatMul", ["s", "w"], ["r"]), n("ReduceSum", ["r"], ["t"], keepdims=0), n("Greater", ["t", "zero"], ["c2"])],
                 [("i", T.INT64, []), ("c", T.BOOL, []), ("s", F, [1, 4])], [("c2", T.BOOL, []), ("r", F, [1, 4])])
save("loop_while", [n("Loop", ["", "go", "x"], ["y"], body=data_loop)], [("x", F, [1, 4])], [("y", F, None)],
     {"w": w(4, 4), "go": np.array(True), "zero": np.array(0, np.float32)}, run=False)

# Recurrent layers that rten does not have.
for name, op, gates, attrs, extra in [
    ("gru_both_ways", "GRU", 3, dict(direction="bidirectional"), {}),
    ("rnn_relu_back", "RNN", 1, dict(direction="reverse", activations=["Relu"]), {}),
    ("lstm_lengths", "LSTM", 4, {}, {"lens": np.array([4, 2, 6], np.int32)}),
    ("lstm_clip_peepholes", "LSTM", 4, dict(direction="bidirectional", clip=0.3), {"p": None}),
    ("gru_after_lengths", "GRU", 3, dict(linear_before_reset=1, direction="reverse"), {"lens": np.array([6, 3, 1], np.int32)}),
]:
    d = 2 if attrs.get("direction") == "bidirectional" else 1
    weights = {"w": w(d, gates * 4, 3), "r": w(d, gates * 4, 4), "b": w(d, 2 * gates * 4)}
    ins = ["x", "w", "r", "b", "lens" if "lens" in extra else ""]
    if "lens" in extra:
        weights["lens"] = extra["lens"]
    if "p" in extra:
        weights["p"] = w(d, 12)
        ins += ["", "", "p"]
    outs = [("y", F, None), ("yh", F, None)] + ([("yc", F, None)] if op == "LSTM" else [])
    save(name, [n(op, ins, [o[0] for o in outs], hidden_size=4, **attrs)], [("x", F, [6, 3, 3])], outs, weights)
q = lambda *s: R.integers(-50, 50, s).astype(np.int8)
for name, back, scale in [("dqlstm_reverse", "reverse", np.array([0.011], np.float32)), ("dqlstm_columns", "forward", None)]:
    sw = scale if scale is not None else np.abs(w(1, 16, scale=0.01)) + 0.005
    sr = scale if scale is not None else np.abs(w(1, 16, scale=0.01)) + 0.005
    z = np.zeros(sw.shape, np.int8)
    save(name, [n("DynamicQuantizeLSTM", ["x", "w", "r", "b", "", "h0", "c0", "", "sw", "zw", "sr", "zr"], ["y", "yh", "yc"],
                  domain="com.microsoft", hidden_size=4, direction=back)],
         [("x", F, [5, 2, 3]), ("h0", F, [1, 2, 4]), ("c0", F, [1, 2, 4])], [("y", F, None), ("yh", F, None), ("yc", F, None)],
         {"w": q(1, 3, 16), "r": q(1, 4, 16), "b": w(1, 32), "sw": sw, "zw": z, "sr": sr, "zr": z}, ms=True)

# Windows over three axes, and padding with a zero point.
save("conv3d_groups", [n("Conv", ["x", "w", "b"], ["y"], group=2, pads=[1, 0, 1, 0, 1, 1], strides=[2, 1, 2], dilations=[1, 2, 1])],
     [("x", F, [2, 4, 5, 7, 6])], [("y", F, None)], {"w": w(6, 2, 3, 2, 3), "b": w(6)})
save("conv3d_same", [n("Conv", ["x", "w"], ["y"], auto_pad="SAME_UPPER")], [("x", F, [1, 2, 4, 5, 3])], [("y", F, None)], {"w": w(3, 2, 2, 3, 2)})
save("avgpool3d", [n("AveragePool", ["x"], ["y"], kernel_shape=[2, 3, 2], strides=[2, 2, 1], pads=[1, 1, 0, 0, 1, 1])],
     [("x", F, [2, 2, 5, 6, 4])], [("y", F, None)], {})
save("maxpool3d", [n("MaxPool", ["x"], ["y"], kernel_shape=[3, 2, 2], strides=[1, 2, 2], pads=[1, 0, 1, 1, 1, 0])],
     [("x", F, [1, 3, 4, 5, 5])], [("y", F, None)], {})
save("convint_same", [n("ConvInteger", ["x", "w", "z"], ["y"], auto_pad="SAME_LOWER")],
     [("x", T.UINT8, [1, 2, 5, 6])], [("y", T.INT32, None)], {"w": R.integers(0, 255, (3, 2, 2, 3)).astype(np.uint8), "z": np.array(9, np.uint8)},
     data={"x": R.integers(0, 255, (1, 2, 5, 6)).astype(np.uint8)})
save("dynquant_matmul", [n("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]), n("MatMulInteger", ["q", "w", "z", "wz"], ["i"]),
                         n("Cast", ["i"], ["f"], to=1), n("Mul", ["s", "ws"], ["ss"]), n("Mul", ["f", "ss"], ["y"])],
     [("x", F, [3, 6])], [("y", F, None)], {"w": q(6, 4), "wz": np.array(0, np.int8), "ws": np.array(0.02, np.float32)})
save("clip_int8", [n("QuantizeLinear", ["x", "s", "z"], ["q"]), n("Clip", ["q", "lo"], ["c"]), n("DequantizeLinear", ["c", "s", "z"], ["y"])],
     [("x", F, [2, 9])], [("y", F, None)], {"s": np.array(0.02, np.float32), "z": np.array(0, np.int8), "lo": np.array(-20, np.int8)})

# Einsums, computed weights.
save("einsum_more", [n("Einsum", ["x", "y", "z"], ["a"], equation="bij,bjk,bkl->bl"), n("Einsum", ["x", "y"], ["b"], equation="...ij,...jk"),
                     n("Einsum", ["x", "x"], ["c"], equation="bij,bij->b")],
     [("x", F, [2, 3, 4]), ("y", F, [2, 4, 5]), ("z", F, [2, 5, 6])], [("a", F, None), ("b", F, None), ("c", F, None)], {})
save("conv_computed", [n("Relu", ["k"], ["w"]), n("Conv", ["x", "w"], ["y"], group=2)],
     [("x", F, [2, 4, 6, 6]), ("k", F, [6, 2, 3, 3])], [("y", F, None)], {})
save("convt_computed", [n("Relu", ["k"], ["w"]), n("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2])],
     [("x", F, [1, 3, 4, 5]), ("k", F, [3, 2, 3, 3])], [("y", F, None)], {})
save("deform_two_offsets", [n("DeformConv", ["x", "w", "o"], ["y"], offset_group=2, strides=[2, 1], pads=[0, 1, 0, 1])],
     [("x", F, [2, 4, 7, 5]), ("o", F, [2, 24, 3, 5])], [("y", F, None)], {"w": w(3, 4, 2, 3)}, opset=22, run=False)

# Packed attention and weights.
save("mha_packed", [n("MultiHeadAttention", ["x"], ["y"], domain="com.microsoft", num_heads=2)],
     [("x", F, [1, 3, 2, 3, 4])], [("y", F, None)], {}, ms=True, run=False)
save("nbits_bias", [n("MatMulNBits", ["x", "w", "s"], ["y"], domain="com.microsoft", K=32, N=12, bits=4, block_size=16)],
     [("x", F, [2, 3, 32])], [("y", F, None)],
     {"w": R.integers(0, 255, (12, 2, 8)).astype(np.uint8), "s": np.abs(w(24)) + 0.01}, ms=True)

# Branches.
then = body("t", [n("Conv", ["x", "w1"], ["t0"]), n("Relu", ["t0"], ["t"])], [], [("t", F, None)])
other = body("e", [n("Conv", ["x", "w2"], ["e0"], strides=[2]), n("Relu", ["e0"], ["e"])], [], [("e", F, None)])
save("if_flag", [n("If", ["flag"], ["y"], then_branch=then, else_branch=other)], [("x", F, [1, 2, 8]), ("flag", T.BOOL, [])],
     [("y", F, None)], {"w1": w(3, 2, 3), "w2": w(5, 2, 2)}, data={"flag": np.array(False)})
save("if_rate", [n("Equal", ["rate", "r"], ["c"]), n("If", ["c"], ["y"], then_branch=then, else_branch=other)],
     [("x", F, [1, 2, 8]), ("rate", T.INT64, [1])], [("y", F, None)], {"w1": w(3, 2, 3), "w2": w(5, 2, 2), "r": np.array([16000], np.int64)},
     data={"rate": np.array([16000], np.int64)})

# Bounds written as two nodes.
save("relu6_forms", [n("Relu", ["x"], ["a"]), n("Min", ["six", "a"], ["b"]), n("Min", ["x", "six"], ["c"]), n("Max", ["c", "zero"], ["d"]),
                     n("Max", ["x", "low"], ["e"]), n("Min", ["e", "six"], ["f"]), n("Sum", ["b", "d", "f"], ["y"])],
     [("x", F, [2, 5])], [("y", F, None)], {"six": np.array(6, np.float32), "zero": np.array(0, np.float32), "low": np.array(-1, np.float32)})

# Shapes that people set, and guesses.
save("three_symbols", [n("Concat", ["a", "b"], ["c"], axis=1), n("MatMul", ["c", "w"], ["y"])],
     [("a", F, ["batch", "n", 3]), ("b", F, ["batch", "m", 3])], [("y", F, ["batch", "k", 2])], {"w": w(3, 2)}, run=False)
save("guess_reshape", [n("Reshape", ["x", "s"], ["f"]), n("MatMul", ["f", "w"], ["y"])],
     [("x", F, ["batch", "seq_len", 2])], [("y", F, None)], {"s": np.array([1, 154], np.int64), "w": w(154, 3)}, run=False)
save("guess_image", [n("Flatten", ["x"], ["f"]), n("Gemm", ["f", "w"], ["y"])],
     [("x", F, ["batch", 1, "height", "width"])], [("y", F, None)], {"w": w(28 * 28, 2)}, run=False)

# ai.onnx.ml, and what stands around networks.
tree = dict(nodes_treeids=[0] * 5 + [1] * 3, nodes_nodeids=[0, 1, 2, 3, 4, 0, 1, 2], nodes_featureids=[0, 1, 0, 0, 0, 2, 0, 0],
            nodes_modes=["BRANCH_LEQ", "BRANCH_LEQ", "LEAF", "LEAF", "LEAF", "BRANCH_LT", "LEAF", "LEAF"],
            nodes_values=[0.1, -0.3, 0, 0, 0, 0.5, 0, 0], nodes_truenodeids=[1, 2, 0, 0, 0, 1, 0, 0],
            nodes_falsenodeids=[4, 3, 0, 0, 0, 2, 0, 0])
save("ml_trees", [h.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", n_targets=1, **tree,
                              target_treeids=[0, 0, 0, 1, 1], target_nodeids=[2, 3, 4, 1, 2], target_ids=[0] * 5,
                              target_weights=[1.0, 2.0, 3.0, -1.0, 0.5])],
     [("x", F, [7, 3])], [("y", F, None)], {}, ml=True, run=False)
save("ml_linear", [h.make_node("LinearClassifier", ["x"], ["label", "p"], domain="ai.onnx.ml", coefficients=list(map(float, w(12))),
                               intercepts=[0.1, 0.2, 0.3], classlabels_ints=[0, 1, 2], post_transform="SOFTMAX"),
                   h.make_node("ZipMap", ["p"], ["z"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2])],
     [("x", F, [5, 4])], [("label", T.INT64, [5]), ("p", F, [5, 3])], {}, ml=True, run=False)
save("ml_svm", [h.make_node("Scaler", ["x"], ["s"], domain="ai.onnx.ml", offset=[0.1] * 4, scale=[2.0] * 4),
                h.make_node("SVMRegressor", ["s"], ["y"], domain="ai.onnx.ml", kernel_type="RBF", kernel_params=[0.5, 0.0, 3.0], n_supports=6,
                            coefficients=list(map(float, w(6))), support_vectors=list(map(float, w(24))), rho=[0.1])],
     [("x", F, [5, 4])], [("y", F, None)], {}, ml=True, run=False)
save("nms_classes", [n("NonMaxSuppression", ["b", "s", "m", "i"], ["k"])], [("b", F, [1, 6, 4]), ("s", F, [1, 2, 6])], [("k", T.INT64, None)],
     {"m": np.array([4], np.int64), "i": np.array([0.4], np.float32)})
save("text_ahead", [n("StringNormalizer", ["t"], ["u"], case_change_action="LOWER"), n("Relu", ["x"], ["y"])],
     [("t", T.STRING, [4]), ("x", F, [2, 3])], [("u", T.STRING, [4]), ("y", F, [2, 3])], {}, run=False)

# Weights of small types. bfloat16 is not in ONNX Runtime's CPU kernels: the products of its rounded weights in float32.
import ml_dtypes
big = w(96, 8)
for name, dtype, scale, opset in [("w_int4", T.INT4, 0.05, 21), ("w_uint4", T.UINT4, 0.05, 21), ("w_e4m3", T.FLOAT8E4M3FN, 0.7, 19), ("w_e5m2", T.FLOAT8E5M2, 0.7, 19)]:
    tensor = h.make_tensor("w", dtype, [96, 8], (big / scale + (7 if name == "w_uint4" else 0)).flatten())
    point = h.make_tensor("z", dtype, [], [7 if name == "w_uint4" else 0])
    save(name, [n("DequantizeLinear", ["w", "s", "z"], ["f"]), n("MatMul", ["x", "f"], ["y"])], [("x", F, [3, 96])], [("y", F, None)],
         {"s": np.array(scale, np.float32), "w": tensor, "z": point}, opset=opset, ir=10)
rounded = big.astype(ml_dtypes.bfloat16)
save("w_bf16", [n("Cast", ["x"], ["b"], to=T.BFLOAT16), n("MatMul", ["b", "w"], ["m"]), n("Cast", ["m"], ["y"], to=F)],
     [("x", F, [3, 96])], [("y", F, None)], {"w": h.make_tensor("w", T.BFLOAT16, [96, 8], rounded.tobytes(), raw=True)}, run=False)
x = w(3, 96, scale=1.0)
np.savez(os.path.join(HERE, "w_bf16.npz"), x=x)
np.savez(os.path.join(HERE, "w_bf16.out.npz"), y=x @ rounded.astype(np.float32))

# Boxes that are stored: how many stay is known. Corners in any order, and centres.
R = np.random.default_rng(11)
nms = lambda **attrs: [n("NonMaxSuppression", ["b", "s", "m", "i", "t"], ["k"], **attrs), n("Shape", ["k"], ["c"]), n("Gather", ["c", "zero"], ["rows"], axis=0),
                       n("Unsqueeze", ["rows", "zeros"], ["r1"]), n("Expand", ["x", "r1"], ["e"]), n("Relu", ["e"], ["y"])]
for name, boxes, attrs in [("nms_stored", R.uniform(0, 3, (2, 8, 4)), {}), ("nms_centres", np.concatenate([R.uniform(0, 2, (1, 9, 2)), R.uniform(0.5, 2, (1, 9, 2))], 2), {"center_point_box": 1})]:
    save(name, nms(**attrs), [("x", F, [1])], [("k", T.INT64, None), ("y", F, None)],
         {"b": boxes.astype(np.float32), "s": np.round(R.uniform(0, 1, (boxes.shape[0], 2, boxes.shape[1])), 1).astype(np.float32), "m": np.array([4], np.int64),
          "i": np.array([0.3], np.float32), "t": np.array([0.35], np.float32), "zero": np.array(0, np.int64), "zeros": np.array([0], np.int64)})

# Loops that make a sequence longer, and what comes out of it.
grow = body("b", [n("MatMul", ["s", "w"], ["m"]), n("Relu", ["m"], ["r"]), n("SequenceInsert", ["q", "r"], ["q2"]), n("Identity", ["c"], ["c2"])],
            [("i", T.INT64, []), ("c", T.BOOL, []), ("s", F, [2, 3])], [("c2", T.BOOL, []), ("r", F, [2, 3])])
seq = h.make_tensor_sequence_value_info
grow.input.append(seq("q", F, None))
grow.output.append(seq("q2", F, None))
save("loop_sequence", [n("SequenceEmpty", [], ["none"]), n("Loop", ["trips", "go", "x", "none"], ["last", "all"], body=grow),
                       n("ConcatFromSequence", ["all"], ["f"], axis=0), n("Sigmoid", ["f"], ["y"])],
     [("x", F, [2, 3])], [("last", F, [2, 3]), ("y", F, None)], {"w": w(3, 3), "trips": np.array(4, np.int64), "go": np.array(True)})
walk = body("b", [n("SequenceAt", ["parts", "i"], ["p"]), n("MatMul", ["p", "w"], ["m"]), n("Concat", ["s", "m"], ["s2"], axis=1), n("Identity", ["c"], ["c2"])],
            [("i", T.INT64, []), ("c", T.BOOL, []), ("s", F, None)], [("c2", T.BOOL, []), ("s2", F, None)])
save("loop_parts", [n("SplitToSequence", ["x", "two"], ["parts"], axis=1), n("SequenceLength", ["parts"], ["trips"]),
                    n("Loop", ["trips", "", "first"], ["all"], body=walk), n("Relu", ["all"], ["y"])],
     [("x", F, [2, 6, 3])], [("y", F, None)], {"w": w(3, 5), "two": np.array(2, np.int64), "first": w(2, 1, 5)})

# Scan of operator set 8, which does each sample by itself.
old = lambda: body("b", [n("MatMul", ["s", "w"], ["m"]), n("Add", ["m", "xt"], ["a"]), n("Tanh", ["a"], ["t"]), n("Identity", ["t"], ["o"])],
                   [("s", F, [1, 3]), ("xt", F, [1, 3])], [("t", F, [1, 3]), ("o", F, [1, 3])])
for name, back in [("scan8", 0), ("scan8_back", 1)]:
    save(name, [n("Scan", ["", "h", "x"], ["last", "all"], body=old(), num_scan_inputs=1, directions=[back])],
         [("h", F, [2, 1, 3]), ("x", F, [2, 5, 1, 3])], [("last", F, None), ("all", F, None)], {"w": w(3, 3)}, opset=8)

# Transposed convolutions over three axes.
save("convt3d", [n("ConvTranspose", ["x", "w", "b"], ["y"], group=2, strides=[2, 1, 3], dilations=[1, 2, 1], pads=[1, 0, 1, 0, 1, 0], output_padding=[1, 0, 2])],
     [("x", F, [2, 4, 3, 4, 2])], [("y", F, None)], {"w": w(4, 3, 3, 2, 2), "b": w(6)})
save("convt3d_shape", [n("ConvTranspose", ["x", "w"], ["y"], strides=[3, 2, 2], output_shape=[7, 6, 4])],
     [("x", F, [1, 2, 3, 3, 2])], [("y", F, None)], {"w": w(2, 3, 2, 3, 2)})

# Functions of cells other than the usual ones.
for name, op, gates, attrs in [
    ("lstm_functions", "LSTM", 4, dict(activations=["HardSigmoid", "ScaledTanh", "Softsign"], activation_alpha=[0.3, 0.8], activation_beta=[0.4, 1.2])),
    ("gru_functions", "GRU", 3, dict(direction="bidirectional", activations=["Sigmoid", "LeakyRelu", "HardSigmoid", "Elu"], activation_alpha=[0.1, 0.25, 0.7], activation_beta=[0.45])),
    ("rnn_functions", "RNN", 1, dict(direction="bidirectional", activations=["Affine", "ThresholdedRelu"], activation_alpha=[0.5, 0.2], activation_beta=[0.1])),
    ("rnn_softplus", "RNN", 1, dict(activations=["Softplus"])),
]:
    d = 2 if attrs.get("direction") == "bidirectional" else 1
    outs = [("y", F, None), ("yh", F, None)]
    save(name, [n(op, ["x", "w", "r", "b"], [o[0] for o in outs], hidden_size=4, **attrs)], [("x", F, [5, 2, 3])], outs,
         {"w": w(d, gates * 4, 3), "r": w(d, gates * 4, 4), "b": w(d, 2 * gates * 4)})

# Attention whose scores a body changes. Not in ONNX Runtime's kernels.
for name, attrs in [("flex_cap", {"score_mod": body("m", [n("Div", ["s", "cap"], ["d"]), n("Tanh", ["d"], ["t"]), n("Mul", ["t", "cap"], ["o"])],
                                                    [("s", F, None)], [("o", F, None)], [("cap", np.array(5, np.float32))])}),
                    ("flex_relu", {"prob_mod": body("m", [n("Sub", ["p", "low"], ["d"]), n("Relu", ["d"], ["o"])],
                                                    [("p", F, None)], [("o", F, None)], [("low", np.array(0.1, np.float32))])})]:
    node = n("FlexAttention", ["q", "k", "v"], ["y"], domain="ai.onnx.preview", **attrs)
    graph = h.make_graph([node], name, [h.make_tensor_value_info(k, F, s) for k, s in [("q", [1, 4, 5, 8]), ("k", [1, 2, 6, 8]), ("v", [1, 2, 6, 3])]],
                         [h.make_tensor_value_info("y", F, None)])
    onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid("", 26), h.make_opsetid("ai.onnx.preview", 1)], ir_version=13), os.path.join(HERE, name + ".onnx"))

# What ONNX Runtime's optimiser makes of a transformer: `embed_plain` is the same in the exporter's operators, and gives the same.
tables = {"words": w(9, 8), "places": w(10, 8), "segments": w(2, 8), "gamma": w(8), "beta": w(8)}
ids = [("ids", T.INT32, [2, 7]), ("kinds", T.INT32, [2, 7])]
save("embed_layer", [n("EmbedLayerNormalization", ["ids", "kinds", *tables], ["y", "length"], domain="com.microsoft", epsilon=1e-5)],
     ids, [("y", F, None)], tables, ms=True, run=False)
save("embed_plain", [n("Gather", ["words", "ids"], ["a"]), n("Slice", ["places", "from", "to"], ["b"]), n("Add", ["a", "b"], ["c"]),
                     n("Gather", ["segments", "kinds"], ["d"]), n("Add", ["c", "d"], ["e"]), n("LayerNormalization", ["e", "gamma", "beta"], ["y"])],
     ids, [("y", F, None)], tables | {"from": np.array([0]), "to": np.array([7])}, run=False)
scale, zero = np.array(0.02, np.float32), np.array(128, np.uint8)
packed = {"w": R.integers(0, 255, (16, 48)).astype(np.uint8), "b": w(48), "xs": scale, "ws": scale, "xz": zero, "wz": zero}
save("qattention", [n("QAttention", ["x", "w", "b", "xs", "ws", "", "xz", "wz"], ["y"], domain="com.microsoft", num_heads=4)],
     [("x", T.UINT8, [2, 7, 16])], [("y", F, None)], packed, ms=True, run=False)
save("qattention_past", [n("QAttention", ["x", "w", "b", "xs", "ws", "", "xz", "wz", "past"], ["y", "present"], domain="com.microsoft", num_heads=4, unidirectional=1)],
     [("x", T.UINT8, [2, 7, 16]), ("past", F, [2, 2, 4, 3, 4])], [("y", F, None), ("present", F, None)], packed, ms=True, run=False)
save("bias_softmax", [n("BiasSoftmax", ["x", "bias"], ["y"], domain="com.microsoft", axis=2, is_inner_broadcast=0)],
     [("x", F, [2, 3, 4])], [("y", F, None)], {"bias": w(2, 1, 4)}, ms=True, run=False)
save("qlinear_where", [n("QLinearWhere", ["c", "x", "s", "z", "y", "s", "z", "s", "z"], ["o"], domain="com.microsoft")],
     [("c", T.BOOL, [3, 1]), ("x", T.UINT8, [4])], [("o", T.UINT8, None)], {"y": np.zeros((2, 1, 1), np.uint8), "s": scale, "z": zero}, ms=True, run=False)
