"""Runs Secant and the baseline on the same checkpoint, in turn on the same machine, and prints ratios.

    make build && python Benchmarks/compare.py FOLDER [--tokens 8] [--rounds 3] [--json FILE]

Each round runs the baseline, Secant dense and Secant truncated, so that whatever else the machine
does falls on all of them.  Ratios are of medians.  Leading singular values are cross-checked, and
Secant's residuals are the measured ones.  FOLDER is written by `baseline.py make`.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SECANT = HERE.parent / ".build/release/SecantBenchmarks"


def measure(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def leading_difference(values, reference):
    """The largest difference of a singular value, in units of its token's first."""
    return max(
        abs(a - b) / theirs[0] for mine, theirs in zip(values, reference) for a, b in zip(mine, theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--tokens", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="also write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="leave the dense computation out")
    arguments = parser.parse_args()
    folder, tokens = arguments.folder, arguments.tokens

    modes = ["truncated"] if arguments.quick else ["dense", "truncated"]
    baseline, secant = [], {mode: [] for mode in modes}
    for _ in range(arguments.rounds):
        baseline.append(measure(sys.executable, HERE / "baseline.py", "run", folder, "--tokens", tokens))
        for mode in modes:
            secant[mode].append(measure(SECANT, mode, folder, "--tokens", tokens))

    def median(runs, key):
        return statistics.median(run[key] for run in runs)

    theirs = statistics.median(run["jacobian_s"] + run["svd_s"] for run in baseline)
    memory = median(baseline, "peak_bytes")
    result = {"folder": pathlib.Path(folder).name, "tokens": tokens, "rounds": arguments.rounds,
              "baseline": {"seconds": theirs, "peak_bytes": memory}}
    print(f"{result['folder']}, {tokens} tokens, median of {arguments.rounds}")
    print(f"  baseline   {theirs:8.2f} s                 {memory / 1e9:6.2f} GB"
          f"   Jacobian {median(baseline, 'jacobian_s'):.2f} s + SVD {median(baseline, 'svd_s'):.2f} s")
    for mode, runs in secant.items():
        mine, held = median(runs, "seconds"), median(runs, "peak_bytes")
        difference = leading_difference(runs[-1]["singular_values"], baseline[-1]["singular_values"])
        residual = max(max(token) for token in runs[-1]["residuals"])
        result[mode] = {
            "seconds": mine, "speedup": theirs / mine, "peak_bytes": held, "memory_ratio": held / memory,
            "largest_residual": residual, "largest_difference": difference}
        print(f"  {mode:10} {mine:8.2f} s  {theirs / mine:6.2f} times  {held / 1e9:6.2f} GB"
              f"   residual {residual:.0e}, values differ by {difference:.0e}")
    rates = measure(SECANT, "products", folder, "--tokens", tokens)["products"]
    result["products"] = rates
    print("  products   " + ", ".join(f"k = {r['k']}: {r['fraction_of_peak']:.0%}" for r in rates)
          + f" of sgemm's {rates[0]['peak'] / 1e9:.0f} GF/s")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
