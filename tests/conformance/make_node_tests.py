"""Makes the fixtures of the conformance tests.

    pip install onnx==1.23.2 numpy
    python tests/conformance/make_node_tests.py

node_tests.bin      every node test model of the onnx package, the declared shapes of its outputs
                    taken out, and (NAME+values) those with small inputs once more with the test's
                    data stored in the model, so that what depends on values can be told;
                    raw deflate over: length (u32, little endian), bytes, for each model
node_tests.jsonl    a line a model: name, inference by onnx (strict mode, with data propagation) on
                    the same stripped model, and what each output is: name, dtype, shape, or the
                    kind and element type of a sequence or optional
../corpus/light     the nine light models of the package, and what onnx.shape_inference knows of each
                    of their values (shapes.jsonl)

Expected shapes are those of the test's own data; for sequences and optionals the declared type.
"""

import copy
import json
import pathlib
import struct
import warnings
import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, shape_inference

HERE = pathlib.Path(__file__).parent
LIGHT = HERE.parent / "corpus" / "light"
# A test with an input of so many elements at most has a form with values stored.
SMALL = 32
# Elements up to which an input is stored in it: the boxes of NonMaxSuppression beside its scores.
STORED = 64


def dtype_name(elem_type):
    names = {TensorProto.FLOAT: "float32", TensorProto.DOUBLE: "float64"}
    return names.get(elem_type, TensorProto.DataType.Name(elem_type).lower())


def type_json(tp):
    """A TypeProto as JSON: {"dtype", "shape"} (shape null: unknown rank; a dimension null: unknown)."""
    kind = tp.WhichOneof("value")
    if kind in ("tensor_type", "sparse_tensor_type"):
        tensor = getattr(tp, kind)
        shape = None
        if tensor.HasField("shape"):
            shape = [
                d.dim_value if d.HasField("dim_value") else d.dim_param or None for d in tensor.shape.dim
            ]
        return {"dtype": dtype_name(tensor.elem_type), "shape": shape}
    if kind == "sequence_type":
        return {"sequence": type_json(tp.sequence_type.elem_type)}
    if kind == "optional_type":
        return {"optional": type_json(tp.optional_type.elem_type)}
    return {}


def strip(tp):
    """Takes the shape out of a declared type; the element type stays."""
    kind = tp.WhichOneof("value")
    if kind in ("tensor_type", "sparse_tensor_type"):
        getattr(tp, kind).ClearField("shape")
    elif kind == "sequence_type":
        strip(tp.sequence_type.elem_type)
    elif kind == "optional_type":
        strip(tp.optional_type.elem_type)


def expected(output, data):
    """What an output is: the shape of the test's data, else the declared type."""
    declared = type_json(output.type)
    if "shape" not in declared or data is None:
        return declared
    if isinstance(data, TensorProto):
        shape = list(data.dims)
    else:
        shape = list(np.asarray(data).shape)
    return {"dtype": declared["dtype"], "shape": shape}


def inferred(model):
    """Types of the outputs as onnx infers them; absent where it fails."""
    try:
        result = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception:
        return [None] * len(model.graph.output)
    return [type_json(output.type) for output in result.graph.output]


def with_values(model, data):
    """The model with the small tensors among its inputs stored in it; None where there is none."""
    model = copy.deepcopy(model)
    found = False
    for info, value in zip(list(model.graph.input), data):
        if not info.type.HasField("tensor_type") or isinstance(value, (list, dict)) or value is None:
            continue
        tensor = value if isinstance(value, TensorProto) else None
        if tensor is None:
            array = np.asarray(value)
            if array.dtype.kind not in "biuf":
                continue
            tensor = onnx.numpy_helper.from_array(array)
        elements = np.prod(tensor.dims, dtype=np.int64)
        if elements > STORED:
            continue
        if tensor.data_type != info.type.tensor_type.elem_type:
            continue
        stored = model.graph.initializer.add()
        stored.CopyFrom(tensor)
        stored.name = info.name
        model.graph.input.remove(info)
        found = found or elements <= SMALL
    return model if found else None


def node_tests():
    from onnx.backend.test.case.node import collect_testcases

    lines, payload = [], bytearray()
    totals = {"plain": [0, 0, 0], "values": [0, 0, 0]}

    def add(name, model, wanted, total):
        found = inferred(model)
        good = [f == w for f, w in zip(found, wanted)]
        total[0] += 1
        total[1] += len(good)
        total[2] += sum(good)
        record = {"name": name, "outputs": wanted, "onnx": [int(g) for g in good]}
        lines.append(json.dumps(record, separators=(",", ":")))
        raw = model.SerializeToString(deterministic=True)
        payload.extend(struct.pack("<I", len(raw)) + raw)

    for case in sorted(collect_testcases(""), key=lambda case: case.name):
        given, data = case.data_sets[0] if case.data_sets else ([], [])
        model = copy.deepcopy(case.model)
        data = [*data, *[None] * (len(model.graph.output) - len(data))]
        wanted = [expected(o, d) for o, d in zip(model.graph.output, data)]
        for output in model.graph.output:
            strip(output.type)
        add(case.name, model, wanted, totals["plain"])
        stored = with_values(model, given)
        if stored is not None:
            add(case.name + "+values", stored, wanted, totals["values"])
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = pack.compress(bytes(payload)) + pack.flush()
    (HERE / "node_tests.bin").write_bytes(packed)
    (HERE / "node_tests.jsonl").write_text("\n".join(lines) + "\n")
    for form, (models, outputs, right) in totals.items():
        print(f"{form}: {models} models, {outputs} outputs, onnx itself right on {right}")
    print(f"{len(packed)} bytes")


def light_models():
    LIGHT.mkdir(exist_ok=True)
    source = pathlib.Path(onnx.__file__).parent / "backend/test/data/light"
    lines, total = [], 0
    for path in sorted(source.glob("*.onnx")):
        raw = path.read_bytes()
        (LIGHT / path.name).write_bytes(raw)
        graph = shape_inference.infer_shapes(onnx.load_from_string(raw), data_prop=True).graph
        values = {}
        for info in [*graph.value_info, *graph.output]:
            known = type_json(info.type)
            if known.get("shape") is not None:
                values[info.name] = known["shape"]
        total += len(values)
        record = {"model": path.name, "values": values}
        lines.append(json.dumps(record, separators=(",", ":")))
    (LIGHT / "shapes.jsonl").write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} light models, {total} values")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print("onnx", onnx.__version__)
    node_tests()
    light_models()
