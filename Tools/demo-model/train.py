"""Trains the demo model on a CPU and saves it as a Hugging Face folder.

    python train.py --build build

Reads corpus.txt and validation.txt of the generator and the tokenizer in build/demo; writes the
weights beside the tokenizer, in float16, and log.jsonl.  Every document is one sequence: BOS, its
tokens, EOS, on its own positions from 0.  A batch holds documents of like length.
"""

import argparse
import json
import math
import pathlib
import random
import time

import torch
from tokenizers import Tokenizer
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

SEED = 7
EPOCHS = 2
BATCH_TOKENS = 2048
PEAK_RATE, FINAL_RATE, WARM_UP = 2.5e-3, 2e-5, 150
WEIGHT_DECAY = 0.1
IGNORED = -100


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
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    tokenizer = Tokenizer.from_file(str(a.build / "demo" / "tokenizer.json"))
    config = configuration(tokenizer)
    eos = config.eos_token_id
    documents = read(a.build / "corpus.txt", tokenizer, config)
    held = batches(read(a.build / "validation.txt", tokenizer, config), rng)
    schedule = [batch for _ in range(EPOCHS) for batch in batches(documents, rng)]

    model = LlamaForCausalLM(config)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    others = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}],
        lr=PEAK_RATE, betas=(0.9, 0.98), fused=True)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(schedule)} steps", flush=True)

    start, seen, recent = time.time(), 0, []
    with open(a.build / "log.jsonl", "w", encoding="utf-8") as log:
        for step, batch in enumerate(schedule):
            done = max(0, step - WARM_UP) / max(1, len(schedule) - WARM_UP)
            cosine = FINAL_RATE + (PEAK_RATE - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * done))
            for group in optimizer.param_groups:
                group["lr"] = min(PEAK_RATE * (step + 1) / WARM_UP, cosine)
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
