"""Trains ResNet-, HRN- and WRN-like networks of about as many ReLUs on drawn figures, and reduces each by the same method to the
same budget; prints a table in Markdown.

    cargo build --release
    python scripts/bench/nets.py target/release/reluctant nets.json --seed 0,1,2

What follows the file goes to `reluctant train`. The file holds what it printed for each network; one that is there already is not
trained again.
"""

import json
import pathlib
import subprocess
import sys
import tempfile


def basic(name, widths):
    stages = [
        {"block": "basic", "blocks": 2, "channels": width, "stride": 2 if place else 1}
        for place, width in enumerate(widths)
    ]
    return name, {"stem": {"channels": widths[0], "stride": 2}, "stages": stages}


# HRN-5x5x3x: stages equalised for the published order S3 > S2 > S4 > S1 (docs/design.md), the width chosen for the ReLUs; then for
# the order that `--criticality` found on the figures, S2 > S3 > S1 > S4: multipliers 6, 3, 2.
NETS = [
    basic("ResNet-like: 8, 16, 32, 64", [8, 16, 32, 64]),
    basic("HRN-like: 3, 15, 75, 225", [3, 15, 75, 225]),
    basic("HRN-like, order of the figures: 4, 24, 72, 144", [4, 24, 72, 144]),
    (
        "WRN-like: 8, 16, 32, blocks of [2,2,2]",
        {
            "stem": {"channels": 8, "stride": 2, "relu": False},
            "stages": [
                {"block": "wide", "blocks": 2, "channels": width, "stride": 2 if place else 1}
                for place, width in enumerate([8, 16, 32])
            ],
        },
    ),
]


def cell(values):
    return f"{sum(values) / len(values):.3f} [{min(values):.3f}, {max(values):.3f}]"


def main(program, path, *args):
    path = pathlib.Path(path)
    found = json.loads(path.read_text()) if path.exists() else {}
    for name, spec in NETS:
        if name in found:
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"input": [3, 16, 16], "classes": 10, "head": "gap", **spec}, file)
            file.flush()
            command = [program, "train", "--data", "shapes", "--net", file.name, "--json", *args]
            found[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        path.write_text(json.dumps(found, indent=1) + "\n")
    for name, of in found.items():
        columns = list(dict.fromkeys((r["method"], r["budget"]) for r in of["results"]))
        if name == NETS[0][0]:
            heads = [f"{method} to {budget}" for method, budget in columns]
            print("| network | ReLUs | all ReLUs | " + " | ".join(heads) + " |\n|---|---:|---|" + "---|" * len(heads))
        cells = [cell([base["test_accuracy"] for base in of["bases"]])]
        for key in columns:
            cells.append(cell([r["test_accuracy"] for r in of["results"] if (r["method"], r["budget"]) == key]))
        print(f"| {name} | {of['relus']:,} | " + " | ".join(cells) + " |")


main(*sys.argv[1:])
