"""Measures how Secant's cost grows with tokens, width, blocks and rank, and draws it.

    make build && python Benchmarks/scaling.py [--output Documentation/scaling.svg]

Checkpoints are random, of the Llama architecture with the final norm of `baseline.py`; one quantity
varies at a time around T = 8, d = 512, L = 8 and rank 8.  Each point is the median of three runs.
"""

import argparse
import json
import math
import pathlib
import statistics
import subprocess
import tempfile

import torch
from transformers import LlamaConfig, LlamaForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
SECANT = HERE.parent / ".build/release/SecantBenchmarks"
CENTRE = {"T": 8, "d": 512, "L": 8, "rank": 8}
SWEEPS = {"T": [2, 4, 8, 16, 32, 64], "d": [128, 256, 512, 1024], "L": [2, 4, 8, 16, 32],
          "rank": [1, 2, 4, 8, 16, 32]}
NAMES = {"T": "tokens T", "d": "width d", "L": "blocks L", "rank": "rank"}
COLORS = {"dense": "#D55E00", "truncated": "#0072B2"}


def make(d, blocks, folder):
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(
        hidden_size=d, intermediate_size=11 * d // 4, num_hidden_layers=blocks,
        num_attention_heads=d // 64, num_key_value_heads=max(1, d // 256), head_dim=64,
        vocab_size=4096, tie_word_embeddings=True))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim == 2:
                weight.normal_(0, 0.05 if "embed" in name else weight.shape[1] ** -0.5)
        model.model.norm.weight.copy_((10 / (1 + torch.arange(d)))[torch.randperm(d)])
    model.float().save_pretrained(folder)


def run(mode, folder, tokens, rank):
    def once():
        command = [SECANT, mode, folder, "--tokens", tokens, "--rank", rank]
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])["seconds"]
    return statistics.median(once() for _ in range(3))


def measure():
    folders, results = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        for quantity, values in SWEEPS.items():
            for value in values:
                point = CENTRE | {quantity: value}
                key = (point["d"], point["L"])
                if key not in folders:
                    folders[key] = pathlib.Path(scratch) / "-".join(map(str, key))
                    make(*key, folders[key])
                for mode in COLORS:
                    seconds = run(mode, folders[key], point["T"], point["rank"])
                    results.setdefault(quantity, {}).setdefault(mode, []).append((value, seconds))
                    print(f"{quantity} = {value:4} {mode:10} {seconds:.3f} s", flush=True)
    return results


def panel(quantity, curves, left, low, high):
    """One logarithmic plot, 150 by 150, at `left`."""
    values = [v for v, _ in curves["dense"]]
    x = lambda v: left + 150 * (math.log(v / values[0]) / math.log(values[-1] / values[0]))
    y = lambda s: 190 - 150 * (math.log(s / low) / math.log(high / low))
    parts = [f'<text x="{left + 75}" y="232" class="name">{NAMES[quantity]}</text>',
             f'<path d="M{left} 40V190H{left + 150}" class="axis"/>']
    parts += [f'<text x="{x(v):.1f}" y="206" class="tick">{v}</text>' for v in values]
    decade = 10 ** math.ceil(math.log10(low))
    while decade <= high:
        parts.append(f'<path d="M{left} {y(decade):.1f}h150" class="grid"/>')
        if quantity == "T":
            parts.append(f'<text x="{left - 6}" y="{y(decade) + 4:.1f}" class="unit">{decade:g} s</text>')
        decade *= 10
    for mode, points in curves.items():
        line = " ".join(f"{x(v):.1f},{y(s):.1f}" for v, s in points)
        parts.append(f'<polyline points="{line}" stroke="{COLORS[mode]}"/>')
        parts += [f'<circle cx="{x(v):.1f}" cy="{y(s):.1f}" r="3" fill="{COLORS[mode]}"/>' for v, s in points]
    return "\n".join(parts)


def draw(results):
    times = [s for curves in results.values() for points in curves.values() for _, s in points]
    low, high = min(times) / 1.3, max(times) * 1.3
    panels = "\n".join(panel(q, c, 60 + 190 * n, low, high) for n, (q, c) in enumerate(results.items()))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 245" role="img">
<title>Seconds of a decomposition of all tokens' Jacobians, dense and truncated</title>
<style>
text {{ font: 11px system-ui, sans-serif; fill: #555; }} .name {{ text-anchor: middle; fill: #222; }}
.tick {{ text-anchor: middle; }} .unit {{ text-anchor: end; }} .axis {{ fill: none; stroke: #777; }}
.grid {{ stroke: #7773; }} polyline {{ fill: none; stroke-width: 2; }} .key {{ font-weight: 600; }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #aaa; }} .name {{ fill: #ddd; }} }}
</style>
<text x="60" y="20" class="key" style="fill:{COLORS['dense']}">dense, full SVD</text>
<text x="170" y="20" class="key" style="fill:{COLORS['truncated']}">truncated, residual 1e-3</text>
{panels}
</svg>
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", default=HERE.parent / "Documentation/scaling.svg", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.output.write_text(draw(measure()))


if __name__ == "__main__":
    main()
