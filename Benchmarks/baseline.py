"""What Secant is measured against: the whole detached Jacobian by PyTorch's autograd, then a full SVD per token.

    python baseline.py run MODEL [--ids 1,2,3]  time one computation and print a JSON object
    python baseline.py run MODEL --layers       also the same for the output of every block, one after the other
    python baseline.py make SHAPE FOLDER        write a random checkpoint of a real model's shape (float32)

MODEL is a folder of Llama's or Gemma 3's architecture, or a GGUF file of one, whose weights are unpacked to float32.
Its own weights are what is measured wherever they are at hand; random ones stand for shapes that are not.  Of the
random ones every matrix is drawn from a normal distribution, and --spectrum says what the final norm makes of the
Jacobians: "steep" falls off like 1/(1 + j) over shuffled j, for stable ranks of a few; "flat" like (1 + j)^-0.3, for
eighth singular values of 0.6 to 0.7 of the first: a little flatter than the flattest tokens of SmolLM2 135M, 0.5.
Vocabularies are cut to 4096: the unembedding takes no part in the map.  Needs torch and transformers 5 (CPU builds serve).
"""

import argparse
import json
import pathlib
import resource
import time

import torch
from torch import nn
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

VOCABULARY = 4096
# width, feed-forward width, blocks, query heads, value heads, head width
SHAPES = {
    "smollm2-135m": (576, 1536, 30, 9, 3, 64),
    "qwen3-0.6b": (1024, 3072, 28, 16, 8, 128),
    "llama-3.2-1b": (2048, 8192, 16, 32, 8, 64),
}


def make(shape, folder, spectrum="steep"):
    d, f, blocks, heads, values, head = SHAPES[shape]
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(
        hidden_size=d, intermediate_size=f, num_hidden_layers=blocks, num_attention_heads=heads,
        num_key_value_heads=values, head_dim=head, vocab_size=VOCABULARY, tie_word_embeddings=True))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim == 2:
                weight.normal_(0, 0.05 if "embed" in name else weight.shape[1] ** -0.5)
        if spectrum == "steep":
            model.model.norm.weight.copy_((10 / (1 + torch.arange(d)))[torch.randperm(d)])
        else:
            model.model.norm.weight.copy_(((1 + torch.arange(d)) ** -0.3)[torch.randperm(d)])
    model.float().save_pretrained(folder)


def frozen_attention(module, query, key, value, mask, scaling, **_):
    """Attention whose probabilities take no gradient."""
    key = key.repeat_interleave(module.num_key_value_groups, 1)
    value = value.repeat_interleave(module.num_key_value_groups, 1)
    scores = query @ key.transpose(-1, -2) * scaling
    if mask is not None:
        scores = scores + mask[..., : key.shape[-2]]
    return (scores.softmax(-1).detach() @ value).transpose(1, 2).contiguous(), None


class FrozenNorm(nn.Module):
    """RMS normalization whose denominator takes no gradient; Gemma's multiplies by 1 + w."""

    def __init__(self, norm):
        super().__init__()
        self.weight = norm.weight if hasattr(norm, "variance_epsilon") else 1 + norm.weight.detach()
        self.epsilon = norm.variance_epsilon if hasattr(norm, "variance_epsilon") else norm.eps

    def forward(self, x):
        return x * (x.detach().square().mean(-1, keepdim=True) + self.epsilon).rsqrt() * self.weight


class FrozenGate(nn.Module):
    """An activation that takes no gradient."""

    def __init__(self, activation):
        super().__init__()
        self.activation = activation

    def forward(self, x):
        return self.activation(x).detach()


def freeze(model):
    """The same model, linear in everything but what the paper freezes."""
    ALL_ATTENTION_FUNCTIONS.register("frozen", frozen_attention)
    ALL_MASK_ATTENTION_FUNCTIONS.register("frozen", ALL_MASK_ATTENTION_FUNCTIONS["eager"])
    model.set_attn_implementation("frozen")
    base = model.model
    base.norm = FrozenNorm(base.norm)
    for layer in base.layers:
        # Norms of queries and keys act only inside the attention pattern, which takes no gradient.
        for name, part in list(layer.named_children()):
            if name.endswith("layernorm"):
                setattr(layer, name, FrozenNorm(part))
        layer.mlp.act_fn = FrozenGate(layer.mlp.act_fn)
    return model.eval().requires_grad_(False)


def load(path):
    """The model of a folder, or of a GGUF file, in float32."""
    path = pathlib.Path(path)
    if path.suffix == ".gguf":
        return AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)


def run(path, ids, layers=False):
    model = freeze(load(path))
    ids = torch.tensor(ids)
    x = model.get_input_embeddings()(ids[None]).detach()

    blocks = model.model.layers

    def output(embeddings, depth=len(blocks)):
        model.model.layers = blocks[:depth]
        try:
            # Gemma scales its embeddings where it looks them up, so that these are scaled already.
            return model.model(inputs_embeds=embeddings, use_cache=False).last_hidden_state[0, -1]
        finally:
            model.model.layers = blocks

    def decomposed(depth):
        """The first singular values of the maps to the stream after so many blocks."""
        jacobian = torch.autograd.functional.jacobian(
            lambda e: output(e, depth), x, vectorize=True, strategy="reverse-mode")[:, 0].permute(1, 0, 2)
        return torch.linalg.svd(jacobian)[1][:, 0].tolist()

    y = output(x)  # also the warm-up
    start, processor = time.perf_counter(), time.process_time()
    jacobian = torch.autograd.functional.jacobian(
        output, x, vectorize=True, strategy="reverse-mode")[:, 0].permute(1, 0, 2)
    middle = time.perf_counter()
    _, singular_values, _ = torch.linalg.svd(jacobian)
    end = time.perf_counter()
    cpu = time.process_time() - processor
    rebuilt = torch.einsum("toi,ti->o", jacobian, x[0])
    every = {}
    if layers:
        wall, processor = time.perf_counter(), time.process_time()
        every["layers_sigma0"] = [decomposed(n + 1) for n in range(len(blocks))]
        every["layers_s"] = time.perf_counter() - wall
        every["layers_cpu_s"] = time.process_time() - processor
    print(json.dumps(every | {
        "jacobian_s": middle - start,
        "svd_s": end - middle,
        "cpu_s": cpu,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "reconstruction_error": ((rebuilt - y).norm() / y.norm()).item(),
        "singular_values": singular_values[:, :8].tolist(),
        "threads": torch.get_num_threads(),
    }))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("make")
    command.add_argument("shape", choices=SHAPES)
    command.add_argument("folder")
    command.add_argument("--spectrum", choices=["steep", "flat"], default="steep")
    command = commands.add_parser("run")
    command.add_argument("model")
    command.add_argument("--ids", default="11,48,85,122,159,196,233,270", help="token ids, separated by commas")
    command.add_argument("--layers", action="store_true")
    arguments = parser.parse_args()
    if arguments.command == "make":
        make(arguments.shape, arguments.folder, arguments.spectrum)
    else:
        run(arguments.model, [int(part) for part in arguments.ids.split(",")], arguments.layers)


if __name__ == "__main__":
    main()
