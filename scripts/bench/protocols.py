"""Time to price ResNet-50 under every protocol, beside the time to score it. Writes its own section
of docs/bench.md.

Whole processes, in turns, so that a slow spell of the machine meets all of them; figures are medians.
`cost --all` opens and scores the same model first: what it takes beyond `score` is the pricing, and
writing the estimates.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RELUCTANT = ROOT / "target/release/reluctant"
MODEL = ["--example", "resnet50-imagenet"]
TITLE = "# Pricing under every protocol"
COMMANDS = {
    "score --json": ["score", *MODEL, "--json"],
    "cost --protocol semi2k --json": ["cost", *MODEL, "--protocol", "semi2k", "--json"],
    "cost --all --json": ["cost", *MODEL, "--all", "--json"],
    "cost --all --csv": ["cost", *MODEL, "--all", "--csv"],
}


def seconds(command):
    start = time.perf_counter()
    subprocess.run([str(RELUCTANT), *command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {cpu}, {platform.system()}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=41, help="measurements of each")
    options.add_argument("--out", type=Path, default=ROOT / "docs/bench.md")
    options = options.parse_args()
    for command in COMMANDS.values():
        seconds(command)
    runs = {name: [] for name in COMMANDS}
    for _ in range(options.runs):
        for name, command in COMMANDS.items():
            runs[name].append(seconds(command))
    middle = {name: statistics.median(values) for name, values in runs.items()}
    score = middle["score --json"]
    listed = subprocess.run([str(RELUCTANT), "cost", *MODEL, "--all", "--csv"], check=True, capture_output=True, text=True)
    protocols = len(listed.stdout.strip().splitlines()) - 1
    lines = [
        TITLE,
        "",
        "Made by `scripts/bench/protocols`; not edited by hand. ResNet-50 priced under every listed protocol",
        f"({protocols} of them), beside scoring it. Whole processes, medians of {options.runs} runs taken in turns; each opens and",
        "scores the model first, so what it takes beyond `score` is pricing and writing the estimates.",
        "",
        f"{machine()}.",
        "",
        "| | whole process | beyond `score` |",
        "|---|---:|---:|",
        *(f"| `reluctant {name}` | {value * 1000:,.1f} ms | {(value - score) * 1000:,.1f} ms |" for name, value in middle.items()),
        "",
    ]
    # Other benchmarks have sections of their own in the file.
    old = options.out.read_text() if options.out.exists() else ""
    others = [part for part in re.split(r"^(?=# )", old, flags=re.M) if part.strip() and not part.startswith(TITLE)]
    options.out.write_text("\n".join(part.rstrip("\n") + "\n" for part in [*others, "\n".join(lines)]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
