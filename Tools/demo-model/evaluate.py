"""Measures the saved model on the held-out statements and writes results.json.

    python evaluate.py --build build --model MODEL_FOLDER --output results.json

A held-out statement is a fact said through a pattern, the pair of which stands nowhere in the
training text, while the fact stands in it through other patterns and the pattern with other facts.
Its prompt ends where the answer begins, after a leading article, and the generator keeps only
prompts that one answer alone continues in all that it can say.  Scored on the float16 weights as
saved, computed in float32, after BOS:

    first_token   the most probable next token is the answer's first
    whole_answer  each token of the answer is the most probable one after those before it, which is
                  to say that greedy decoding writes the answer
"""

import argparse
import collections
import json
import pathlib
import random

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from train import batches, losses, read

PROMPTS = ["The bridge out of Marin is the", "The Golden Gate", "The capital of France is",
           "Here is a painting of the"]


@torch.no_grad()
def score(model, tokenizer, records):
    """(first token right, whole answer right, what greedy decoding says in its place) per record."""
    results = []
    for start in range(0, len(records), 64):
        part = records[start:start + 64]
        prompts = [tokenizer(r["prompt"]).input_ids for r in part]
        full = [tokenizer(f"{r['prompt']} {r['answer']}").input_ids for r in part]
        assert all(f[:len(p)] == p for f, p in zip(full, prompts))
        longest = max(map(len, full))
        ids = torch.tensor([f + [tokenizer.eos_token_id] * (longest - len(f)) for f in full])
        best = model(input_ids=ids).logits.argmax(-1).tolist()
        for f, p, b in zip(full, prompts, best):
            said, right = b[len(p) - 1:len(f) - 1], f[len(p):]
            results.append((said[0] == right[0], said == right, tokenizer.decode(said)))
    return results


@torch.no_grad()
def show(model, tokenizer, prompt):
    ids = tokenizer(prompt, return_tensors="pt").input_ids
    probabilities = model(input_ids=ids).logits[0, -1].softmax(-1).topk(5)
    for _ in range(12):
        following = model(input_ids=ids).logits[0, -1].argmax()
        if following == tokenizer.eos_token_id:
            break
        ids = torch.cat([ids, following.view(1, 1)], 1)
    return {"prompt": prompt,
            "top": {tokenizer.decode([i]): round(p, 4)
                    for p, i in zip(probabilities.values.tolist(), probabilities.indices.tolist())},
            "greedy": tokenizer.decode(ids[0], skip_special_tokens=True)[len(prompt):]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default="build")
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    a = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    model = AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.float32).eval()
    records = json.loads((a.build / "heldout.json").read_text(encoding="utf-8"))
    results = score(model, tokenizer, records)

    def share(rows):
        rows = list(rows)
        return {"statements": len(rows), "first_token": round(sum(r[0] for r in rows) / len(rows), 4),
                "whole_answer": round(sum(r[1] for r in rows) / len(rows), 4)}

    relations = collections.defaultdict(list)
    for record, result in zip(records, results):
        relations[record["relation"]].append(result)
    log = [json.loads(line) for line in (a.build / "log.jsonl").read_text().splitlines()]
    held = batches(read(a.build / "validation.txt", tokenizer.backend_tokenizer, model.config), random.Random(0))
    with torch.no_grad():
        sums = [losses(model, batch, model.config.eos_token_id) for batch in held]
    report = {
        "held_out": share(results),
        "by_relation": {name: share(rows) for name, rows in sorted(relations.items())},
        "validation_loss": round(sum(s.item() for s, _ in sums) / sum(n for _, n in sums), 4),
        "training": [entry for entry in log if "validation_loss" in entry],
        "prompts": [show(model, tokenizer, prompt) for prompt in PROMPTS],
        "missed": [{"prompt": record["prompt"], "answer": record["answer"], "said": result[2].strip()}
                   for record, result in zip(records, results) if not result[1]],
    }
    a.output.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps({k: v for k, v in report.items() if k != "missed"}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
