"""Makes the bad files beside it; expected.csv says what the reader must answer to each.

Python's standard library only: python3 tests/corpus/bad/make.py. The archives are what Python's
own zipfile and pickle write, the rest is a few bytes each by the formats' definitions.
"""

import io
import json
import pathlib
import pickle
import struct
import zipfile

HERE = pathlib.Path(__file__).parent


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def number(field, n):
    return varint(field << 3) + varint(n)


def data(field, payload):
    payload = payload.encode() if isinstance(payload, str) else payload
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def archive(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, content in entries.items():
            z.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def model(graph, ir=8, opset=17):
    out = number(1, ir) if ir is not None else b""
    out += data(2, "marker") + data(7, graph)
    return out + (data(8, data(1, "") + number(2, opset)) if opset is not None else b"")


relu = data(1, "x") + data(2, "y") + data(3, "n") + data(4, "Relu")
good = data(1, relu) + data(2, "g") + data(11, data(1, "x")) + data(12, data(1, "y"))
tensor = number(1, 4) + number(2, 1) + data(8, "w") + data(9, bytes(16))
deep = b""
for _ in range(1000):
    # an If whose branch holds an If, a thousand times
    deep = data(1, data(4, "If") + data(5, data(1, "then_branch") + data(6, deep)))

files = {
    # other formats
    "empty.onnx": b"",
    "notes.onnx": b"Hello,\nthis is a plain text file.\n",
    "config.json": json.dumps({"architectures": ["ResNet"], "hidden": 64}).encode(),
    "model.xml": b'<?xml version="1.0"?>\n<net name="resnet" version="11"></net>\n',
    "page.onnx": b"<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n",
    "pointer.onnx": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 102\n",
    "text.onnx": b'ir_version: 8\nproducer_name: "x"\ngraph {\n  node {\n    op_type: "Relu"\n  }\n}\n',
    "deploy.prototxt": b'name: "lenet"\nlayer {\n  name: "data"\n}\n',
    "resnet.pt": archive({"resnet/data.pkl": pickle.dumps({}), "resnet/version": "3\n"}),
    "checkpoint.zip": archive({"archive/data.pkl": pickle.dumps({}), "archive/version": "3\n"}),
    "weights.npz": archive({"w.npy": b"\x93NUMPY\x01\x00"}),
    "net.keras": archive({"metadata.json": "{}", "config.json": "{}", "model.weights.h5": ""}),
    "models.zip": archive({"model.onnx": model(good)}),
    "old.pth": pickle.dumps({"w": [1.0]}, protocol=2),
    "pickle4.bin": pickle.dumps({"w": [1.0]}, protocol=4),
    "weights.h5": b"\x89HDF\r\n\x1a\n" + bytes(24),
    "net.tflite": struct.pack("<I", 28) + b"TFL3" + bytes(24),
    "net.ort": struct.pack("<I", 28) + b"ORTM" + bytes(24),
    "net.pte": struct.pack("<I", 28) + b"ET12" + bytes(24),
    "llama.gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 0),
    "net.safetensors": struct.pack("<Q", 2) + b"{}",
    "array.npy": b"\x93NUMPY\x01\x00" + b"v\x00{'descr': '<f4'}\n",
    "net.onnx.gz": b"\x1f\x8b\x08\x00" + bytes(16),
    "photo.png": b"\x89PNG\r\n\x1a\n" + bytes(16),
    "saved_model.pb": number(1, 1) + data(2, data(1, data(2, data(1, "\n\x05Const"))) + data(2, "")),
    "frozen.pb": data(1, data(1, "input") + data(2, "Placeholder")) + data(4, number(1, 22)),
    "input_0.pb": tensor,
    "scalar.pb": number(2, 1) + data(9, bytes(4)),
    "net.caffemodel": data(1, "LeNet") + data(100, data(1, "conv1")),
    "random.onnx": bytes((i * 167 + 91) % 256 for i in range(64)),
    # models that are too old, or lack what every model has
    "ir2.onnx": model(good, ir=2),
    "no_ir.onnx": model(good, ir=None),
    "no_opset.onnx": model(good, opset=None),
    "no_graph.onnx": number(1, 8) + data(2, "marker") + data(8, number(2, 17)),
    # damage
    "cut_graph.onnx": model(good)[:40],
    "cut_tag.onnx": model(good) + b"\xc2",
    "cut_length.onnx": model(good) + b"\xa2\x01\x10abc",
    "group.onnx": number(1, 8) + b"\xa3\x06\xa4\x06" + model(good)[2:],
    "wire_type_7.onnx": number(1, 8) + b"\xa7\x06" + model(good)[2:],
    "field_zero.onnx": number(1, 8) + b"\x02\x00" + model(good)[2:],
    "long_varint.onnx": number(1, 8) + b"\x28" + b"\x80" * 10 + b"\x01" + model(good)[2:],
    "varint_65_bits.onnx": number(1, 8) + b"\x28" + b"\xff" * 9 + b"\x02" + model(good)[2:],
    "past_parent.onnx": model(b"\x0a\x7f" + good),
    "huge_length.onnx": model(b"\x2a" + varint(2**63) + good),
    "huge_top_length.onnx": number(1, 8) + b"\x3a" + varint(2**64 - 1) + good,
    "number_past_parent.onnx": model(good + b"\x0a\x03\x2d\x00\x00"),
    "wrong_wire_type.onnx": model(data(1, number(4, 7))),
    "packed_half.onnx": model(good + data(5, data(4, bytes(6)))),
    "packed_varint_half.onnx": model(good + data(5, data(7, b"\x80"))),
    "deep.onnx": model(deep),
}

if __name__ == "__main__":
    for name, content in files.items():
        (HERE / name).write_bytes(content)
