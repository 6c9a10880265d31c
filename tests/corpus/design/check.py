"""Holds networks of specs against ONNX Runtime and PyTorch.

    cargo build --release -p reluctant --bin reluctant
    python3 tests/corpus/design/check.py target/release/reluctant [NAME...]

Needs onnx, onnxruntime, numpy and torch. For each spec in `specs/` and for presets it builds the ONNX file and the
PyTorch module, runs onnx.checker, gives BatchNorm statistics that are no identity to both, runs both on the same normal
input, and writes `checked.json`: parameters as PyTorch counts them, the largest difference over the largest output, and
hashes of the text and of the file, by which the test knows that what it builds is what was checked. Fails above 1e-5.
With names, only these are checked anew.
"""

import hashlib
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

HERE = pathlib.Path(__file__).parent


def disturb(path, out):
    """Gives every BatchNorm statistics of its own."""
    rng = np.random.default_rng(1)
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        end = tensor.name.rsplit(".", 1)[-1]
        if len(tensor.dims) != 1 or end not in ("weight", "bias", "running_mean", "running_var"):
            continue
        low, high = (-0.1, 0.1) if end in ("bias", "running_mean") else (0.8, 1.2)
        values = rng.uniform(low, high, tensor.dims).astype(np.float32)
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    onnx.save(model, out)


def check(binary, spec, folder):
    files = [folder / "net.onnx", folder / "net.py", folder / "disturbed.onnx"]
    path = folder / "net.json"
    path.write_text(json.dumps(spec))
    subprocess.run([binary, "design", "build", path, "-o", files[0], "--pytorch", files[1]], check=True)
    onnx.checker.check_model(str(files[0]), full_check=True)
    disturb(files[0], files[2])
    loader = importlib.util.spec_from_file_location("net", files[1])
    module = importlib.util.module_from_spec(loader)
    loader.loader.exec_module(module)
    net = module.load_onnx(files[2])
    x = np.random.default_rng(2).standard_normal([1, *spec["input"]], dtype=np.float32)
    with torch.no_grad():
        theirs = net(torch.from_numpy(x)).numpy()
    session = onnxruntime.InferenceSession(str(files[2]), providers=["CPUExecutionProvider"])
    ours = session.run(None, {"input": x})[0]
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    score = json.loads(subprocess.run([binary, "score", files[0], "--json"], check=True, capture_output=True).stdout)
    return {
        "params": sum(p.numel() for p in net.parameters()),
        "difference": float(np.abs(ours - theirs).max() / np.abs(theirs).max()),
        "relus": score["totals"]["relu"]["elements"],
        "macs": score["totals"]["macs"],
        "text": hashlib.sha256(files[1].read_bytes()).hexdigest(),
        "file": hashlib.sha256(files[0].read_bytes()).hexdigest(),
    }


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    presets = json.loads(subprocess.run([binary, "design", "preset", "--json"], check=True, capture_output=True).stdout)
    specs = {path.stem: json.loads(path.read_text()) for path in sorted((HERE / "specs").glob("*.json"))}
    for preset in presets:
        # SENet's say which ReLUs stay, most of them of networks that have names of their own.
        if preset["spec"] not in specs.values():
            specs[preset["name"]] = preset["spec"]
    file = HERE / "checked.json"
    names, rows = sys.argv[2:], {}
    if names:
        specs = {name: specs[name] for name in names}
        rows = json.loads(file.read_text()) if file.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for name, spec in specs.items():
            rows[name] = check(binary, spec, pathlib.Path(folder))
            print(name, rows[name]["difference"], flush=True)
            assert rows[name]["difference"] <= 1e-5, name
    file.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
