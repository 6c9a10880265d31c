"""Prints accuracies by budget, and pairs of methods tested against each other, from what `reluctant train --data shapes ... --json` printed.

    reluctant train --data shapes --method snl,autorep,bcd,random,random-poly \\
        --budget 2176,1088,435,87,0 --seed 0,1,2 --jobs 2 --json > shapes.json
    python scripts/bench/figures.py shapes.json

Several files are put together, one for some seeds each. x everywhere is `random` at 0, polynomials everywhere `random-poly`
at 0. Pairs are tested over all seeds together, by McNemar's exact test.
"""

import json
import math
import pathlib
import sys

AGAINST = [("autorep", "random-poly"), ("autorep", "snl")]


def mcnemar(a, b):
    """Two-sided probability of a split at least as uneven."""
    tail = sum(math.comb(a + b, k) for k in range(min(a, b) + 1))
    return min(1.0, 2 * tail / 2 ** (a + b))


def cell(values):
    return f"{sum(values) / len(values):.3f} [{min(values):.3f}, {max(values):.3f}]" if values else ""


def main(*paths):
    runs = [json.loads(pathlib.Path(path).read_text()) for path in paths]
    bases = [base["test_accuracy"] for run in runs for base in run["bases"]]
    results = [result for run in runs for result in run["results"]]
    budgets = sorted({result["budget"] for result in results}, reverse=True)
    methods = list(dict.fromkeys(result["method"] for result in results))
    print(f"All {runs[0]['relus']} ReLUs: {cell(bases)}.\n")
    print("| ReLUs | " + " | ".join(methods) + " |\n|---:|" + "---|" * len(methods))
    for budget in budgets:
        row = []
        for method in methods:
            found = [r for r in results if r["method"] == method and r["budget"] == budget]
            assert all(r["relus"] == budget for r in found), "a budget was not met"
            row.append(cell([r["test_accuracy"] for r in found]))
        print(f"| {budget} | " + " | ".join(row) + " |")
    print("\n| ReLUs | pair | images that one alone gets right | p |\n|---:|---|---|---:|")
    for budget in budgets:
        for first, second in AGAINST:
            alone = [0, 0]
            for run in runs:
                for pair in run["paired"]:
                    if pair["budget"] == budget and pair["seed"] is not None:
                        counts = [pair["only_first"], pair["only_second"]]
                        if (pair["first"], pair["second"]) == (second, first):
                            counts.reverse()
                        elif (pair["first"], pair["second"]) != (first, second):
                            continue
                        alone = [a + c for a, c in zip(alone, counts)]
            if sum(alone):
                p = f"{mcnemar(*alone):.2g}".replace("e-0", "e-") if mcnemar(*alone) > 0 else "< 1e-300"
                print(f"| {budget} | {first} against {second} | {alone[0]} and {alone[1]} | {p} |")


main(*sys.argv[1:])
