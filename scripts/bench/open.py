"""Time and peak memory to open a model and know its shapes (Reluctant and onnx-tool: also its
counts), side by side in one run. Writes the table into docs/bench.md.

Each measurement is a process of its own; the contestants take turns, so that a slow spell of the
machine meets all of them; files are in the page cache; figures are medians. For the Python ones
the time inside the process, after the imports, stands beside the whole.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from models import MODELS

ROOT = Path(__file__).resolve().parents[2]
RELUCTANT = ROOT / "target/release/reluctant"

ONNX = """
import sys, time, onnx
start = time.perf_counter()
onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1]))
print("inside", time.perf_counter() - start)
"""
ONNX_TOOL = """
import sys, time, onnx_tool
start = time.perf_counter()
onnx_tool.model_profile(sys.argv[1])
print("inside", time.perf_counter() - start)
"""


def contestants():
    return {
        "Reluctant": [str(RELUCTANT), "score", "{}", "--json"],
        f"onnx {version('onnx')}: load + infer_shapes": [sys.executable, "-c", ONNX, "{}"],
        f"onnx-tool {version('onnx-tool')}: model_profile": [sys.executable, "-c", ONNX_TOOL, "{}"],
    }


def measure(command, model):
    """Seconds of the process, seconds inside it (or None), peak resident bytes.

    GNU time starts the process: a child's peak counts what its parent held when it forked, and time holds 2 MB.
    """
    command = [part.replace("{}", str(model)) for part in command]
    with tempfile.NamedTemporaryFile("r") as peak:
        start = time.perf_counter()
        done = subprocess.run(["/usr/bin/time", "-f", "%M", "-o", peak.name, *command], capture_output=True, text=True)
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            raise SystemExit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
        inside = re.search(r"^inside ([\d.e-]+)$", done.stdout, re.M)
        return seconds, float(inside[1]) if inside else None, int(peak.read()) * 1024


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {cpu}, {platform.system()}, Python {platform.python_version()}"


def seconds(value):
    return "" if value is None else f"{value * 1000:,.1f} ms" if value < 1 else f"{value:,.2f} s"


def table(name, model, runs):
    rows = {}
    order = contestants()
    for command in order.values():
        measure(command, model)  # warms the page cache
    for _ in range(runs):
        for who, command in order.items():
            rows.setdefault(who, []).append(measure(command, model))
    lines = [
        f"### {name}, {model.stat().st_size / 1e6:,.0f} MB",
        "",
        "| | whole process | after imports | peak memory | times slower | times the memory |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    middle = {who: [statistics.median(column) if None not in column else None for column in zip(*values)] for who, values in rows.items()}
    own = middle["Reluctant"]
    for who, (whole, inside, memory) in middle.items():
        ratios = "| 1 | 1 |" if who == "Reluctant" else f"| {whole / own[0]:,.0f}{f' ({inside / own[0]:,.0f} after imports)' if inside else ''} | {memory / own[2]:,.0f} |"
        lines.append(f"| {who} | {seconds(whole)} | {seconds(inside)} | {memory / 1e6:,.1f} MB {ratios}")
    return lines


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=7, help="measurements of each; at least 5")
    options.add_argument("--out", type=Path, default=ROOT / "docs/bench.md")
    options = options.parse_args()
    lines = [
        "# Opening a model",
        "",
        "Made by `scripts/bench/run`; not edited by hand. Time and peak memory to open a model and score it, beside",
        "Python's `onnx` (load and shape inference: no counts) and `onnx-tool` (shapes and MACs). Models with random",
        f"weights in the layout of PyTorch's exporter. Medians of {max(options.runs, 5)} runs, taken in turns, files in the page cache.",
        "",
        f"{machine()}.",
        "",
    ]
    with tempfile.TemporaryDirectory(prefix="reluctant-bench-") as folder:
        for name, make in MODELS.items():
            path = Path(folder) / f"{name}.onnx"
            make(str(path))
            lines += [*table(name, path, max(options.runs, 5)), ""]
    # Other benchmarks have sections of their own in the file.
    old = options.out.read_text() if options.out.exists() else ""
    others = [part for part in re.split(r"^(?=# )", old, flags=re.M) if part.strip() and not part.startswith(lines[0])]
    options.out.write_text("\n".join(part.rstrip("\n") + "\n" for part in ["\n".join(lines), *others]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
