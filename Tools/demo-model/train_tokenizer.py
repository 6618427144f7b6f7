"""Trains the byte-level BPE tokenizer on the training text.

    python train_tokenizer.py --text build/corpus.txt --output build/demo
"""

import argparse
import json
import pathlib

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

BOS, EOS = "<|begin_of_text|>", "<|end_of_text|>"
VOCABULARY = 3072
CONTEXT = 256
# How Llama 3 cuts a text into words before the merges.
WORDS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    a = parser.parse_args()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[BOS, EOS], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    # Every line both as it stands and with the space that precedes it inside a document, so that a
    # word at the head of a line counts for its usual form.
    lines = a.text.read_text(encoding="utf-8").splitlines()
    tokenizer.train_from_iterator((line for text in lines for line in (text, " " + text)), trainer)
    bos = tokenizer.token_to_id(BOS)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A {BOS} $B:1", special_tokens=[(BOS, bos)])
    a.output.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(a.output / "tokenizer.json"))
    (a.output / "tokenizer_config.json").write_text(json.dumps({
        "add_bos_token": True,
        "add_eos_token": False,
        "bos_token": BOS,
        "clean_up_tokenization_spaces": False,
        "eos_token": EOS,
        "model_max_length": CONTEXT,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }, indent=2) + "\n", encoding="utf-8")
    lengths = [len(e.ids) + 1 for e in tokenizer.encode_batch(lines)]
    print(f"{tokenizer.get_vocab_size()} tokens; the text has {sum(lengths)} in {len(lines)} documents, "
          f"the longest of {max(lengths)}")


if __name__ == "__main__":
    main()
