"""Prints the regret of selectors, from what `reluctant train --gap --json` printed, as tables in Markdown.

    reluctant train --data digits --gap --budget 312,208,104,42 --seed 0,1,2 --json > gap.json
    python scripts/bench/gap.py gap.json

A cell is the mean over the seeds of the points of accuracy that a selector is below the best mask within the budget, and the worst
seed in brackets.
"""

import json
import pathlib
import sys

WORDS = {"identity": "x in its place", "polynomial": "the best parabola in its place"}


def mean(values):
    return sum(values) / len(values)


def main(path):
    gap = json.loads(pathlib.Path(path).read_text())
    seeds = gap["seeds"]
    accuracies = ", ".join(f"{of['test_accuracy']:.3f}" for of in seeds)
    print(f"{2 ** gap['channels']:,} masks of {gap['channels']} channels, {gap['relus']} ReLUs, {gap['images'][2]} images; with all")
    print(f"ReLUs {accuracies}; {sum(of['seconds'] for of in seeds):.0f} s in all.")
    for place, front in enumerate(seeds[0]["fronts"]):
        selectors = [kept["selector"] for kept in front["budgets"][0]["selectors"]]
        print(f"\nWhere a ReLU goes: {WORDS[front['instead']]}.\n")
        print("| ReLUs | best mask | " + " | ".join(selectors) + " |\n|---:|---|" + "---|" * len(selectors))
        for at, budget in enumerate(front["budgets"]):
            of = [seed["fronts"][place]["budgets"][at] for seed in seeds]
            cells = [f"{mean([one['best'] for one in of]):.3f}"]
            for selector in range(len(selectors)):
                regrets = [100 * one["selectors"][selector]["regret"] for one in of]
                cells.append(f"{mean(regrets):.1f} [{max(regrets):.1f}]")
            print(f"| {budget['budget']} | " + " | ".join(cells) + " |")


main(*sys.argv[1:])
