"""Runs Secant and the baseline on the same checkpoint, in turn on the same machine, and prints ratios.

    make build && python Benchmarks/compare.py FOLDER [--tokens 8] [--rounds 3] [--json FILE]

Each round runs the baseline, Secant dense and Secant truncated, so that whatever else the machine
does falls on all of them.  Ratios are of medians.  Leading singular values are cross-checked, and
Secant's residuals are the measured ones.  FOLDER is written by `baseline.py make`.

    python Benchmarks/compare.py FOLDER --layers [--rounds 3]

compares the maps to every block's output instead: the baseline takes one Jacobian and one SVD after the
other, Secant the leading three triplets of all of them, each with a residual of at most 1e-2.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SECANT = HERE.parent / ".build/release/SecantBenchmarks"


def anonymous_bytes(pid):
    """Memory of a process that is no file's: what the system cannot take back. 0 where it is unknown."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def measure(*command):
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=errors)
        anonymous = 0
        while process.poll() is None:
            anonymous = max(anonymous, anonymous_bytes(process.pid))
            time.sleep(0.02)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            sys.exit(f"{command[0]} failed:\n{errors.read()}")
        return json.loads(output.read().splitlines()[-1]) | {"peak_anonymous": anonymous}


def leading_difference(values, reference):
    """The largest difference of a singular value, in units of its token's first."""
    return max(
        abs(a - b) / theirs[0] for mine, theirs in zip(values, reference) for a, b in zip(mine, theirs))


def compare_layers(folder, tokens, rounds):
    """Every block's output: seconds and processor seconds of both, and how far first singular values differ."""
    theirs, mine = [], []
    for _ in range(rounds):
        theirs.append(measure(sys.executable, HERE / "baseline.py", "run", folder, "--tokens", tokens, "--layers"))
        mine.append(measure(
            SECANT, "layers", folder, "--tokens", tokens, "--rank", 3, "--tolerance", 0.01))
    def median(runs, key):
        return statistics.median(run[key] for run in runs)
    baseline, seconds = median(theirs, "layers_s"), median(mine, "seconds")
    pairs = [
        (a[0], b)
        for level, reference in zip(mine[-1]["singular_values"], theirs[-1]["layers_sigma0"])
        for a, b in zip(level, reference)]
    difference = max(abs(a - b) / b for a, b in pairs)
    residual = max(r for level in mine[-1]["residuals"] for token in level for r in token)
    print(f"{pathlib.Path(folder).name}, {tokens} tokens, every block, median of {rounds}")
    print(f"  baseline {baseline:8.2f} s   processor {median(theirs, 'layers_cpu_s'):8.2f} s")
    print(f"  layers   {seconds:8.2f} s   processor {median(mine, 'cpu_s'):8.2f} s"
          f"   {baseline / seconds:.1f} times ({median(theirs, 'layers_cpu_s') / median(mine, 'cpu_s'):.1f} by processor time)"
          f"   residual {residual:.0e}, first values differ by {difference:.0e}")
    return {"folder": pathlib.Path(folder).name, "tokens": tokens, "rounds": rounds,
            "baseline_s": baseline, "seconds": seconds, "speedup": baseline / seconds,
            "largest_residual": residual, "largest_difference": difference}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--tokens", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="also write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="leave the dense computation out")
    parser.add_argument("--layers", action="store_true", help="compare the maps to every block's output")
    arguments = parser.parse_args()
    folder, tokens = arguments.folder, arguments.tokens
    if arguments.layers:
        result = compare_layers(folder, tokens, arguments.rounds)
        if arguments.json:
            pathlib.Path(arguments.json).write_text(json.dumps(result, indent=1) + "\n")
        return

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
    own = median(baseline, "peak_anonymous")
    result = {"folder": pathlib.Path(folder).name, "tokens": tokens, "rounds": arguments.rounds,
              "baseline": {"seconds": theirs, "peak_bytes": memory, "peak_anonymous": own}}
    print(f"{result['folder']}, {tokens} tokens, median of {arguments.rounds}")
    print(f"  baseline   {theirs:8.2f} s                 {memory / 1e9:6.2f} GB, {own / 1e9:.2f} its own"
          f"   Jacobian {median(baseline, 'jacobian_s'):.2f} s + SVD {median(baseline, 'svd_s'):.2f} s")
    for mode, runs in secant.items():
        mine, held, kept = (median(runs, k) for k in ("seconds", "peak_bytes", "peak_anonymous"))
        difference = leading_difference(runs[-1]["singular_values"], baseline[-1]["singular_values"])
        residual = max(max(token) for token in runs[-1]["residuals"])
        result[mode] = {
            "seconds": mine, "speedup": theirs / mine, "peak_bytes": held, "memory_ratio": held / memory,
            "peak_anonymous": kept,
            "largest_residual": residual, "largest_difference": difference}
        print(f"  {mode:10} {mine:8.2f} s  {theirs / mine:6.2f} times  {held / 1e9:6.2f} GB, {kept / 1e9:.2f} its own"
              f"   residual {residual:.0e}, values differ by {difference:.0e}")
    rates = measure(SECANT, "products", folder, "--tokens", tokens)["products"]
    result["products"] = rates
    print("  products   " + ", ".join(f"k = {r['k']}: {r['fraction_of_peak']:.0%}" for r in rates)
          + f" of sgemm's {rates[0]['peak'] / 1e9:.0f} GF/s")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
