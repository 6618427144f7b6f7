"""Times the trace of a long answer beside PyTorch on the same weights, in turn on the same machine.

    swift build -c release --product SecantBenchmarks
    python Benchmarks/trace.py FOLDER [--text FILE] [--tokens 560] [--answer 60] [--span 25] [--rounds 3]

FOLDER holds a model of Llama's or Gemma 3's architecture; the text's first tokens are the prompt, and the last of them
the answer.  Each round runs Secant (the ledger of all answer tokens together, the matrix of each by itself, and
the run without each span) and PyTorch (leave-one-span-out, with each span masked from all later positions, one forward
pass each; and gradient times input of the same sum).  Times are in units of Secant's own frozen forward pass of the same
tokens in the same round, so that whatever else the machine does falls on both.  The effects of spans by both programs
are the same numbers, and the largest difference is printed; so is how far gradient times input is from
the sum that it should have.  Needs torch and transformers 5.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from compare import SECANT, measure

TEXT = "The {} box stands in the {}. Nobody has moved it since the rain came through the old roof of the house. "
COLOURS = ["red", "green", "blue", "white", "black", "brown", "yellow", "golden"]
PLACES = ["kitchen", "garden", "cellar", "attic", "library", "station", "harbour"]


def made_text():
    return "".join(TEXT.format(COLOURS[i % 8], PLACES[i % 7]) for i in range(400))


def run_baseline(folder, ids, answer, span):
    """What PyTorch takes: seconds of a forward pass, of all runs without a span, and of gradient times input."""
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    tokens = torch.tensor([ids[:-1]])
    count, first = tokens.shape[1], len(ids) - answer - 1
    wanted = torch.tensor(ids[first + 1:])
    vectors = model.model.embed_tokens(tokens).detach()

    def target(mask=None, entering=None):
        allowed = torch.ones(count, count, dtype=torch.bool).tril()
        if mask is not None:
            for position in mask:
                allowed[position + 1:, position] = False
        bias = torch.zeros(1, 1, count, count).masked_fill(~allowed, torch.finfo(torch.float32).min)
        if hasattr(model.config, "layer_types"):
            bias = {kind: bias for kind in set(model.config.layer_types)}
        hidden = model.model(inputs_embeds=vectors if entering is None else entering, attention_mask=bias,
                             use_cache=False).last_hidden_state[0, first:]
        # Only the answer's own rows of the unembedding take part, as in the sum that is traced.
        return (hidden * model.lm_head.weight[wanted]).sum()

    with torch.no_grad():
        target()
        start = time.perf_counter()
        whole = target().item()
        forward = time.perf_counter() - start
        start = time.perf_counter()
        effects = [
            whole - target(range(begin, min(begin + span, first + 1))).item() for begin in range(0, first + 1, span)]
        without = time.perf_counter() - start
    start = time.perf_counter()
    entering = vectors.clone().requires_grad_(True)
    target(entering=entering).backward()
    parts = (entering.grad * entering).sum(-1)[0]
    gradient = time.perf_counter() - start
    print(json.dumps({
        "forward_s": forward, "without_s": without, "gradient_s": gradient, "target": whole, "effects": effects,
        "gradient_sum": parts.sum().item(), "threads": torch.get_num_threads()}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--tokens", type=int, default=560)
    parser.add_argument("--answer", type=int, default=60)
    parser.add_argument("--span", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hold", type=int, help="MiB that Secant's frozen blocks may hold")
    parser.add_argument("--ledger-only", action="store_true", help="time Secant's ledger alone")
    parser.add_argument("--baseline", help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.baseline:
        return run_baseline(a.folder, json.loads(pathlib.Path(a.baseline).read_text()), a.answer, a.span)

    text = a.text.read_text() if a.text else made_text()
    options = ["--tokens", a.tokens, "--text", text, "--answer", a.answer, "--span", a.span]
    options += (["--hold", a.hold] if a.hold else []) + (["--ledger-only"] if a.ledger_only else [])
    mine, theirs = [], []
    ids = pathlib.Path(tempfile.gettempdir()) / f"trace-ids-{os.getpid()}.json"
    try:
        for _ in range(a.rounds):
            mine.append(measure(SECANT, "trace", a.folder, *options))
            if not a.ledger_only:
                ids.write_text(json.dumps(mine[-1]["tokens"]))
                command = [sys.executable, __file__, a.folder, "--baseline", ids,
                           "--answer", str(a.answer), "--span", str(a.span)]
                done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
                if done.returncode:
                    sys.exit(done.stderr)
                theirs.append(json.loads(done.stdout.splitlines()[-1]))
    finally:
        ids.unlink(missing_ok=True)

    def passes(runs, value):
        ratios = [value(run) / own["linearize_s"] for run, own in zip(runs, mine)]
        return f"{statistics.median(ratios):8.2f}  ({min(ratios):.2f} to {max(ratios):.2f})"

    print(f"{pathlib.Path(a.folder).name}: {len(mine[0]['tokens'])} tokens, {a.answer} of them the answer; "
          f"median of {a.rounds} rounds")
    print(f"a frozen forward pass takes {statistics.median(run['linearize_s'] for run in mine):.2f} s; "
          f"in units of it:")
    print(f"  Secant, ledger with its forward pass    {passes(mine, lambda r: r['linearize_s'] + r['trace']['ledger_s'])}")
    if theirs:
        print(f"  Secant, a row for each answer token     {passes(mine, lambda r: r['trace']['rows_s'])}")
        print(f"  Secant, without each span               {passes(mine, lambda r: r['trace']['without_s'])}")
        print(f"  PyTorch, a forward pass                 {passes(theirs, lambda r: r['forward_s'])}")
        print(f"  PyTorch, gradient times input           {passes(theirs, lambda r: r['gradient_s'])}")
        print(f"  PyTorch, without each span              {passes(theirs, lambda r: r['without_s'])}")
        trace = mine[-1]["trace"]
        off = max(abs(x - y) for x, y in zip(trace["effects"], theirs[-1]["effects"]))
        print(f"{trace['spans']} spans; the target {trace['target']:.4f}; the ledger is off by "
              f"{abs(trace['sum_of_ledger'] - trace['target']):.1e}, the rows by "
              f"{abs(trace['sum_of_rows'] - trace['target']):.1e}")
        print(f"effects of spans differ by {off:.1e} between both programs; gradient times input sums to "
              f"{theirs[-1]['gradient_sum']:.4f}")
    print(f"memory that is no file's: {max(run['peak_anonymous'] for run in mine) / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
