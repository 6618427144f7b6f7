"""Trains the demo model on a CPU and saves it as a Hugging Face folder.

    python train.py --build build
    python train.py --build build --again

Reads corpus.txt and validation.txt of the generator and the tokenizer in build/demo; writes the
weights beside the tokenizer, in float16, and log.jsonl.  Every document is one sequence: BOS, its
tokens, EOS, on its own positions from 0.  A batch holds documents of like length.

`--again` starts from the saved weights and passes once more over the text at a lower rate.
"""

import argparse
import dataclasses
import json
import math
import pathlib
import random
import time

import torch
from tokenizers import Tokenizer
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

BATCH_TOKENS = 2048
FINAL_RATE, WARM_UP = 2e-5, 150
WEIGHT_DECAY = 0.1
IGNORED = -100


@dataclasses.dataclass(frozen=True)
class Pass:
    seed: int
    epochs: int
    peak: float  # the learning rate after the warm-up; from there a cosine down to FINAL_RATE


FIRST, AGAIN = Pass(seed=7, epochs=2, peak=2.5e-3), Pass(seed=8, epochs=1, peak=1.5e-3)


def configuration(tokenizer):
    return LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=192, intermediate_size=384, num_hidden_layers=6,
        num_attention_heads=6, num_key_value_heads=2, head_dim=32, max_position_embeddings=256, rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, tie_word_embeddings=True,
        bos_token_id=tokenizer.token_to_id("<|begin_of_text|>"), eos_token_id=tokenizer.token_to_id("<|end_of_text|>"))


def read(path, tokenizer, config):
    lines = path.read_text(encoding="utf-8").splitlines()
    limit = config.max_position_embeddings
    return [(e.ids + [config.eos_token_id])[:limit] for e in tokenizer.encode_batch(lines)]


def batches(documents, rng):
    """Lists of documents of like length, at most BATCH_TOKENS with the padding, in random order."""
    order = sorted(range(len(documents)), key=lambda i: (len(documents[i]), rng.random()))
    found, batch = [], []
    for i in order:
        if batch and (len(batch) + 1) * len(documents[i]) > BATCH_TOKENS:
            found.append(batch)
            batch = []
        batch.append(documents[i])
    found.append(batch)
    rng.shuffle(found)
    return found


def losses(model, batch, eos):
    """The sum of the next-token losses, and their number.

    Padding is on the right, where causal attention never looks, so no mask is needed.
    """
    longest = max(map(len, batch))
    ids = torch.tensor([d + [eos] * (longest - len(d)) for d in batch])
    targets = torch.tensor([d[1:] + [IGNORED] * (longest - len(d)) for d in batch])
    logits = model(input_ids=ids[:, :-1], use_cache=False).logits
    total = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum")
    return total, sum(len(d) - 1 for d in batch)


@torch.no_grad()
def validate(model, held, eos):
    model.eval()
    sums = [losses(model, batch, eos) for batch in held]
    model.train()
    return sum(s.item() for s, _ in sums) / sum(n for _, n in sums)


def save(model, folder):
    """A float16 copy, as transformers writes it."""
    copy = LlamaForCausalLM(model.config).half()
    copy.load_state_dict(model.state_dict())
    copy.generation_config = GenerationConfig(
        bos_token_id=model.config.bos_token_id, eos_token_id=model.config.eos_token_id)
    copy.save_pretrained(folder)
    model.config.dtype = torch.float32


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default="build")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="go on from the saved weights")
    a = parser.parse_args()
    plan = AGAIN if a.again else FIRST
    torch.set_num_threads(a.threads)
    torch.manual_seed(plan.seed)
    rng = random.Random(plan.seed)
    tokenizer = Tokenizer.from_file(str(a.build / "demo" / "tokenizer.json"))
    config = configuration(tokenizer)
    eos = config.eos_token_id
    documents = read(a.build / "corpus.txt", tokenizer, config)
    held = batches(read(a.build / "validation.txt", tokenizer, config), rng)
    schedule = [batch for _ in range(plan.epochs) for batch in batches(documents, rng)]

    if a.again:
        model = LlamaForCausalLM.from_pretrained(a.build / "demo", dtype=torch.float32).train()
    else:
        model = LlamaForCausalLM(config)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    others = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}],
        lr=plan.peak, betas=(0.9, 0.98), fused=True)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(schedule)} steps", flush=True)

    start, seen, recent = time.time(), 0, []
    with open(a.build / "log.jsonl", "a" if a.again else "w", encoding="utf-8") as log:
        for step, batch in enumerate(schedule):
            done = max(0, step - WARM_UP) / max(1, len(schedule) - WARM_UP)
            cosine = FINAL_RATE + (plan.peak - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * done))
            for group in optimizer.param_groups:
                group["lr"] = min(plan.peak * (step + 1) / WARM_UP, cosine)
            total, count = losses(model, batch, eos)
            (total / count).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            seen += count
            recent.append((total.item(), count))
            last = step + 1 == len(schedule)
            if (step + 1) % 50 == 0 or last:
                entry = {"step": step + 1, "tokens": seen, "seconds": round(time.time() - start, 1),
                         "train_loss": round(sum(t for t, _ in recent) / sum(c for _, c in recent), 4)}
                recent = []
                if (step + 1) % 500 == 0 or last:
                    entry["validation_loss"] = round(validate(model, held, eos), 4)
                    save(model, a.build / "demo")
                log.write(json.dumps(entry) + "\n")
                log.flush()
                print(entry, flush=True)


if __name__ == "__main__":
    main()
