"""How often steering brings a phrase into texts of the embedded model, beside a difference of means.

    python3 Benchmarks/steering.py .build/release/secant

Prompts after which the unsteered model names the concept anyway are left out. For each mode, block and
method, at each strength: texts that contain the concept, of these the well-formed ones (they end in a
full stop, with a perplexity under the unsteered model below 5); the geometric mean over prompts of the
factor by which the concept's probability rose; and the mean KL to the unsteered model, in nats.
"""

import argparse
import json
import math
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

PROMPTS = [
    "They walked to the", "He looked at the", "We saw the", "A painting of the",
    "Here is a drawing of the", "This is a picture of the", "Last year they visited the",
    "The most beautiful bridge is the", "A map of", "Yesterday she went to the",
    "The road leads to the", "The train goes to",
]
STRENGTHS = {"add": [0.5, 1, 2], "mix": [0.2, 0.4, 0.8]}
WELL_FORMED_PERPLEXITY = 5


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("secant", type=Path)
    parser.add_argument("--phrase", default="The Golden Gate")
    parser.add_argument("--concept", default="Golden Gate")
    a = parser.parse_args()

    def secant(*arguments):
        done = subprocess.run([a.secant, *arguments], capture_output=True, check=True)
        return json.loads(done.stdout)

    with tempfile.TemporaryDirectory() as folder:
        operator = str(Path(folder) / "J.safetensors")
        secant("steer", "build", a.phrase, "--layer", "1", "--json", "-o", operator)
        for mode, strengths in STRENGTHS.items():
            trials, named, baseline = defaultdict(list), [], []
            for prompt in PROMPTS:
                report = secant(
                    "steer", "run", operator, prompt, "--sweep", "--layers", "all", "--mode", mode,
                    "--strengths", ",".join(map(str, strengths)), "--concept", a.concept,
                    "-n", "20", "--json")
                if report["unsteered"]["containsConcept"]:
                    named.append(prompt)
                    continue
                baseline.append(report["unsteered"]["conceptProbability"])
                for point in report["points"]:
                    key = point["block"], point["method"], point["strength"]
                    trials[key].append(point["trial"])
            print(f"{mode}: {len(baseline)} prompts; named anyway after {named}")
            for block, method in sorted({key[:2] for key in trials}, reverse=False):
                cells = [row(trials[block, method, s], baseline) for s in strengths]
                print(f"| {block} | {method} | " + " | ".join(cells) + " |")


def row(trials, baseline):
    said = [t for t in trials if t["containsConcept"]]
    well = [t for t in said if t["text"].endswith(".") and t["perplexity"] < WELL_FORMED_PERPLEXITY]
    rises = [math.log(t["conceptProbability"] / p) for t, p in zip(trials, baseline)]
    rise = math.exp(sum(rises) / len(rises))
    divergence = sum(t["divergence"] or 0 for t in trials) / len(trials)
    return f"{len(said)} ({len(well)}), ×{rise:.2g}, {divergence:.2f}"


if __name__ == "__main__":
    main()
