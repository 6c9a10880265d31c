"""Runs exported networks of `reluctant train --data digits` in ONNX Runtime and compares accuracies to the image.

    pip install onnxruntime numpy
    reluctant train --data digits --method snl,autorep --budget 392,78,0 --seed 0,1,2 --json -o net.onnx > digits.json
    python scripts/bench/train.py digits.json net.onnx

Prints a table in Markdown: mean and range over the seeds, and ONNX Runtime's count beside ours.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime

DIGITS = pathlib.Path(__file__).parents[2] / "tests/corpus/digits/digits.npz"


def right(path, data):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {session.get_inputs()[0].name: data["x"]})
    return int((logits.argmax(1) == data["y"]).sum())


def main(report, output):
    data, output = np.load(DIGITS), pathlib.Path(output)
    trained = json.loads(pathlib.Path(report).read_text())
    rows, differ = {}, 0
    for result in trained["results"]:
        name = output.stem
        if len(trained["results"]) > 1:
            name += f"-{result['method']}-{result['budget']}-{result['seed']}"
        found = right(output.with_name(name + ".onnx"), data)
        ours = round(result["test_accuracy"] * len(data["y"]))
        differ += found != ours
        rows.setdefault((result["method"], result["budget"]), []).append((result, found, ours))
    bases = [base["test_accuracy"] for base in trained["bases"]]
    print("| method | ReLUs | before fine-tuning | after: mean [min, max] | right in ONNX Runtime (here) | seconds |\n|---|---|---|---|---|---|")
    print(f"| all | {trained['relus']} | | {np.mean(bases):.4f} [{min(bases):.3f}, {max(bases):.3f}] | | |")
    for (method, budget), found in rows.items():
        after = [result["test_accuracy"] for result, _, _ in found]
        before = np.mean([result["accuracy_before_finetune"] for result, _, _ in found])
        counts = ", ".join(f"{there} ({here})" for _, there, here in found)
        seconds = np.mean([result["seconds"] for result, _, _ in found])
        kept = {result["relus"] for result, _, _ in found}
        kept = ", ".join(map(str, sorted(kept)))
        print(f"| {method} | {kept} | {before:.4f} | {np.mean(after):.4f} [{min(after):.3f}, {max(after):.3f}] | {counts} | {seconds:.0f} |")
    if differ:
        sys.exit(f"{differ} networks get another number of images right in ONNX Runtime")


main(*sys.argv[1:])
