"""Runs Secant and the baseline on the same model, in turn on the same machine, and prints ratios.

    make build && python Benchmarks/compare.py MODEL [--text TEXT] [--tokens 8] [--rounds 3] [--json FILE]

MODEL is a folder with real weights, of Llama's or Gemma 3's architecture, or a GGUF file; the prompt is the first
tokens of the text as Secant splits it.  Each round runs the baseline, Secant dense, and Secant truncated to eight triplets at 1e-3
and to three at 1e-2, so that whatever else the machine does falls on all of them.  Ratios are of medians, by the clock
and by processor time.  Leading singular values are cross-checked, residuals are the measured ones, and products are counted:
those of the token that took most, forward and adjoint ones and probes together.

    python Benchmarks/compare.py MODEL --layers [--rounds 3]

compares the maps to every block's output instead: the baseline takes one Jacobian and one SVD after the
other, Secant the leading three triplets of all of them, each with a residual of at most 1e-2.

A folder that `baseline.py make` wrote has no tokenizer: `--text ""` takes made-up tokens.
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

TEXT = "The bridge out of Marin is the best known of all bridges"
# Triplets and residuals of the truncated runs.
TRUNCATED = {"rank 8, 1e-3": (8, 1e-3), "rank 3, 1e-2": (3, 1e-2)}
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


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def compare_layers(model, prompt, ids, rounds):
    """Every block's output: seconds and processor seconds of both, and how far first singular values differ."""
    theirs, mine = [], []
    for _ in range(rounds):
        theirs.append(measure(sys.executable, HERE / "baseline.py", "run", model, "--ids", ids, "--layers"))
        mine.append(measure(SECANT, "layers", model, *prompt, "--rank", 3, "--tolerance", 0.01))
    pairs = [
        (a[0], b)
        for level, reference in zip(mine[-1]["singular_values"], theirs[-1]["layers_sigma0"])
        for a, b in zip(level, reference)]
    result = {
        "baseline_s": median(theirs, "layers_s"), "baseline_cpu_s": median(theirs, "layers_cpu_s"),
        "seconds": median(mine, "seconds"), "cpu_s": median(mine, "cpu_s"),
        "largest_residual": max(r for level in mine[-1]["residuals"] for token in level for r in token),
        "largest_difference": max(abs(a - b) / b for a, b in pairs)}
    result["speedup"] = result["baseline_s"] / result["seconds"]
    result["cpu_speedup"] = result["baseline_cpu_s"] / result["cpu_s"]
    print(f"  every block   baseline {result['baseline_s']:.2f} s ({result['baseline_cpu_s']:.2f} s of processors), "
          f"layers {result['seconds']:.2f} s ({result['cpu_s']:.2f} s): {result['speedup']:.1f} times "
          f"({result['cpu_speedup']:.1f} by processor time), residual {result['largest_residual']:.0e}, "
          f"first values differ by {result['largest_difference']:.0e}")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--text", default=TEXT)
    parser.add_argument("--tokens", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="also write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="leave the dense computation out")
    parser.add_argument("--layers", action="store_true", help="compare the maps to every block's output")
    arguments = parser.parse_args()
    model, rounds = arguments.model, arguments.rounds
    prompt = ["--tokens", arguments.tokens] + (["--text", arguments.text] if arguments.text else [])
    tokens = measure(SECANT, "load", model, *prompt)["tokens"]
    ids = ",".join(map(str, tokens))
    result = {"model": pathlib.Path(model).name, "tokens": tokens, "rounds": rounds}
    print(f"{result['model']}, {len(tokens)} tokens, median of {rounds}")
    result |= compare_layers(model, prompt, ids, rounds) if arguments.layers else compare_maps(
        model, prompt, ids, rounds, [] if arguments.quick else ["dense"])
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(result, indent=1) + "\n")


def compare_maps(model, prompt, ids, rounds, dense):
    """Every token's map to the output: whole, and truncated to several ranks."""
    commands = {mode: [mode] for mode in dense} | {
        name: ["truncated", "--rank", rank, "--tolerance", tolerance]
        for name, (rank, tolerance) in TRUNCATED.items()}
    baseline, secant = [], {mode: [] for mode in commands}
    for _ in range(rounds):
        baseline.append(measure(sys.executable, HERE / "baseline.py", "run", model, "--ids", ids))
        for mode, (question, *options) in commands.items():
            secant[mode].append(measure(SECANT, question, model, *prompt, *options))
    theirs = statistics.median(run["jacobian_s"] + run["svd_s"] for run in baseline)
    processor = median(baseline, "cpu_s")
    memory, own = median(baseline, "peak_bytes"), median(baseline, "peak_anonymous")
    result = {"baseline": {"seconds": theirs, "cpu_s": processor, "peak_bytes": memory, "peak_anonymous": own}}
    print(f"  baseline      {theirs:8.2f} s ({processor:.2f} s of processors)   {memory / 1e9:.2f} GB, {own / 1e9:.2f} its own"
          f"   Jacobian {median(baseline, 'jacobian_s'):.2f} s + SVD {median(baseline, 'svd_s'):.2f} s")
    for mode, runs in secant.items():
        figures = {key: median(runs, key) for key in ("seconds", "cpu_s", "peak_bytes", "peak_anonymous")}
        figures |= {
            "speedup": theirs / figures["seconds"], "cpu_speedup": processor / figures["cpu_s"],
            "largest_residual": max(max(token) for token in runs[-1]["residuals"]),
            "largest_difference": leading_difference(runs[-1]["singular_values"], baseline[-1]["singular_values"]),
            "most_products": max(runs[-1]["products_per_token"])}
        result[mode] = figures
        print(f"  {mode:12}  {figures['seconds']:8.2f} s ({figures['cpu_s']:.2f} s)   {figures['speedup']:.2f} times "
              f"({figures['cpu_speedup']:.2f} by processor time)   {figures['peak_bytes'] / 1e9:.2f} GB, "
              f"{figures['peak_anonymous'] / 1e9:.2f} its own   residual {figures['largest_residual']:.0e}, values differ by "
              f"{figures['largest_difference']:.0e}, at most {figures['most_products']} products")
    rates = measure(SECANT, "products", model, *prompt)["products"]
    result["products"] = rates
    print("  products      " + ", ".join(f"k = {r['k']}: {r['fraction_of_peak']:.0%}" for r in rates)
          + f" of sgemm's {rates[0]['peak'] / 1e9:.0f} GF/s")
    return result


if __name__ == "__main__":
    main()
