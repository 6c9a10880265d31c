"""Makes node_data.bin: what goes into the node tests of the onnx package and what must come out.

    pip install onnx==1.23.2 numpy
    python tests/conformance/make_node_data.py

Raw deflate over (numbers are little-endian):
the number of arrays as u32; each as its length, u32, and a .npy file;
then for each plain model of node_tests.jsonl, in its order: rtol and atol of the test as f64; the number of
inputs as u32, then the index of each among the arrays; likewise the outputs. What .npy cannot hold (text,
sequences, optionals, bfloat16, 4- and 8-bit floats) and arrays of more than 20,000 elements are the index
0xFFFFFFFF.
"""

import io
import pathlib
import struct
import warnings
import zlib

import numpy as np
import onnx
from onnx import numpy_helper

HERE = pathlib.Path(__file__).parent
LARGE = 20_000
NONE = 0xFFFFFFFF
arrays = {}


def array(value):
    if isinstance(value, onnx.TensorProto):
        value = numpy_helper.to_array(value)
    if isinstance(value, (list, dict)) or value is None:
        return NONE
    value = np.asarray(value)
    plain = value.dtype in [np.dtype(c) for c in "fdebhilqBHILQ?"]
    if not plain or value.size > LARGE:
        return NONE
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(value).reshape(value.shape))
    return arrays.setdefault(file.getvalue(), len(arrays))


def main():
    from onnx.backend.test.case.node import collect_testcases

    out = bytearray()
    cases = sorted(collect_testcases(""), key=lambda case: case.name)
    for case in cases:
        inputs, outputs = case.data_sets[0] if case.data_sets else ([], [])
        out += struct.pack("<dd", case.rtol, case.atol)
        for values in (inputs, outputs):
            out += struct.pack("<I", len(values)) + b"".join(struct.pack("<I", array(v)) for v in values)
    head = struct.pack("<I", len(arrays)) + b"".join(struct.pack("<I", len(a)) + a for a in arrays)
    out = head + out
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = pack.compress(bytes(out)) + pack.flush()
    (HERE / "node_data.bin").write_bytes(packed)
    print(f"onnx {onnx.__version__}: {len(cases)} tests, {len(out)} bytes, {len(packed)} packed")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
