"""Single layers on the GPU engine beside the CPU engine. Writes its own section of docs/bench.md.

Models of one layer each are run by `bench_run` on both engines in turns, so that a slow spell of the
machine meets both; figures are medians, of whole runs: input handed over, output read back.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from protocols import ROOT, machine

TITLE = "# Kernels of the GPU engine"
# batch, input channels, output channels, kernel, side, groups
CONVS = {
    "conv 3x3, 16 to 16, 32x32, batch 16": (16, 16, 16, 3, 32, 1),
    "conv 3x3, 64 to 64, 8x8, batch 16": (16, 64, 64, 3, 8, 1),
    "conv 3x3, 64 to 64, 56x56": (1, 64, 64, 3, 56, 1),
    "conv 1x1, 256 to 256, 14x14, batch 4": (4, 256, 256, 1, 14, 1),
    "conv 7x7 stride 2, 3 to 64, 224x224": (1, 3, 64, 7, 224, 1),
    "depthwise 3x3, 144, 28x28, batch 4": (4, 144, 144, 3, 28, 144),
}
# rows, inner size, columns
GEMMS = {
    "product 512x512 by 512x512": (512, 512, 512),
    "product 1x2048 by 2048x1000": (1, 2048, 1000),
    "product 64x2048 by 2048x1000": (64, 2048, 1000),
}


def save(path, node, shape, weight):
    value = helper.make_tensor_value_info
    inputs, outputs = [value("x", TensorProto.FLOAT, shape)], [value("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph([node], "layer", inputs, outputs, [numpy_helper.from_array(weight, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def models(folder):
    """Writes them; name -> (file, multiply-accumulates)."""
    random, found = np.random.default_rng(1), {}
    for name, (batch, cin, cout, k, side, groups) in CONVS.items():
        weight = random.standard_normal((cout, cin // groups, k, k), dtype=np.float32)
        stride = 2 if "stride 2" in name else 1
        node = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[k, k], pads=[k // 2] * 4, strides=[stride] * 2, group=groups)
        path = folder / f"{len(found)}.onnx"
        save(path, node, [batch, cin, side, side], weight)
        found[name] = (path, batch * (side // stride) ** 2 * weight.size)
    for name, (rows, inner, columns) in GEMMS.items():
        weight = random.standard_normal((inner, columns), dtype=np.float32)
        path = folder / f"{len(found)}.onnx"
        save(path, helper.make_node("MatMul", ["x", "w"], ["y"]), [rows, inner], weight)
        found[name] = (path, rows * weight.size)
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=15, help="measurements of each")
    options.add_argument("--program", default=ROOT / "target/release/examples/bench_run")
    options.add_argument("--out", type=Path, default=ROOT / "docs/bench.md")
    options = options.parse_args()
    rows, device = [], ""
    with tempfile.TemporaryDirectory() as folder:
        layers = models(Path(folder))
        command = [str(options.program), "--runs", str(options.runs), *(str(path) for path, _ in layers.values())]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        for (name, (_, macs)), line in zip(layers.items(), map(json.loads, lines), strict=True):
            device = line["device"]
            cpu, gpu = (2e-9 * macs / line[engine] for engine in ("cpu", "gpu"))
            rows.append(f"| {name} | {2e-6 * macs:,.1f} | {gpu:,.1f} | {cpu:,.1f} | {gpu / cpu:.2f} |")
    lines = [
        TITLE,
        "",
        "Made by `scripts/bench/kernels`; not edited by hand. Layers by themselves on the GPU engine and on the CPU engine",
        f"(rten, all cores), the two in turns, medians of {options.runs}; times of whole runs, input handed over and output read back. A load average above",
        "the number of cores says that other work ran beside: a device in software, whose threads wait for each other, suffers most.",
        "",
        f"GPU: {device.split(' (')[0]}. {machine()}, load average {os.getloadavg()[0]:.0f}. {datetime.date.today()}.",
        "",
        "| layer | MFLOP | GPU engine, GFLOP/s | CPU engine, GFLOP/s | ratio |",
        "|---|---:|---:|---:|---:|",
        *rows,
        "",
    ]
    # Other benchmarks have sections of their own in the file.
    old = options.out.read_text() if options.out.exists() else ""
    others = [part for part in re.split(r"^(?=# )", old, flags=re.M) if part.strip() and not part.startswith(TITLE)]
    options.out.write_text("\n".join(part.rstrip("\n") + "\n" for part in [*others, "\n".join(lines)]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
