"""How often the part of a prompt that is traced to is the one that holds the answer.

    python Benchmarks/needles.py .build/release/secant MODEL [--items 50] [--csv FILE]

Each prompt has ten documents of some sentences; one of them holds a short fact, such as "The code of the green box is
4821.", and the prompt ends with the beginning of that fact: "The code of the green box is".  Other documents name
numbers too, of other things.  Of the items after which the model gives the right number by itself, `secant trace`
divides that number among the documents, and masks each of them.  Printed is how often the needle is the first
of the ten, and its mean rank, by

    share         the largest share of the number over its runners-up
    over another  the largest share of the number over one that another document names
    effect        the largest measured effect of masking the document

A rank by chance is 5.5, and the first place one in ten.  The same seed gives the same items.
"""

import argparse
import csv
import json
import pathlib
import random
import subprocess
import tempfile

THINGS = ["box", "safe", "locker", "gate", "vault", "cabinet", "garage", "cellar", "tower", "shed"]
COLOURS = ["red", "green", "blue", "white", "black", "brown", "yellow", "golden", "silver", "purple"]
OTHERS = [
    "The {c} train has {n} seats.", "The library owns {n} books about {t}s.", "The road to the {c} {t} is {n} meters long.",
    "About {n} people visit the {c} {t} each year.", "The old {t} was built with {n} stones.",
    "The museum paid {n} dollars for the {c} painting.", "The {c} ship carried {n} barrels of oil.",
]
SENTENCES = [
    "The committee met in the morning and talked about the plans for the coming year.",
    "Most of the visitors arrived by bus and left before the evening.",
    "A new roof was needed, because the rain had come through the old one.",
    "Nobody could say who had left the door open during the night.",
    "The gardener planted apple trees along the wall behind the house.",
    "It was a cold winter, and the river was covered with ice for weeks.",
    "The children played in the yard while their parents prepared the meal.",
    "Several letters were found in the attic, but none of them had a date.",
    "The baker opened the shop early, as he had done for many years.",
    "After the meeting the mayor thanked everyone for the good work.",
    "The teacher explained the rules again, and this time the class listened.",
    "A long road leads from the village to the harbour on the other side.",
    "The engine was repaired in spring and has worked well since then.",
    "They repainted the walls and replaced the broken windows.",
]


class Item:
    """A prompt of ten documents, the needle's place, and both numbers."""

    def __init__(self, generator):
        colour, thing = generator.choice(COLOURS), generator.choice(THINGS)
        self.number = generator.randrange(1000, 10000)
        self.needle = generator.randrange(10)
        self.question = f"The code of the {colour} {thing} is"
        length = generator.choice([3, 3, 3, 3, 4, 4, 5, 10])
        facts = [
            generator.choice(OTHERS).format(
                c=generator.choice(COLOURS), t=generator.choice(THINGS), n=generator.randrange(1000, 10000))
            for _ in range(10)]
        self.other = int(next(
            word for word in facts[(self.needle + 3) % 10].replace(".", "").split() if word.isdigit()))
        facts[self.needle] = f"{self.question} {self.number}."
        self.documents = []
        for index in range(10):
            sentences = generator.sample(SENTENCES, length)
            sentences.insert(generator.randrange(length + 1), facts[index])
            self.documents.append(f"Document {index + 1}. " + " ".join(sentences))
        self.prompt = "\n".join(self.documents) + "\n\n" + self.question

    def spans(self):
        result, start = [], 0
        for index, text in enumerate(self.documents):
            result.append({"name": f"{index + 1}", "start": start, "end": start + len(text)})
            start += len(text) + 1
        return result


def place(values, needle):
    """The rank of the needle's value among those of the documents, from 1."""
    return 1 + sum(value > values[needle] for value in values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("secant", type=pathlib.Path)
    parser.add_argument("model")
    parser.add_argument("--items", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", type=pathlib.Path, help="a row for each item that the model answers right")
    a = parser.parse_args()
    generator = random.Random(a.seed)
    rows = []

    with tempfile.TemporaryDirectory() as folder:
        text, spans = pathlib.Path(folder) / "prompt.txt", pathlib.Path(folder) / "spans.json"

        def secant(*options):
            done = subprocess.run(
                [a.secant.resolve(), "trace", "--file", text, "--model", a.model, *options], capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr)
            return done.stdout

        for index in range(a.items):
            item = Item(generator)
            text.write_text(item.prompt)
            spans.write_text(json.dumps(item.spans()))
            answer = f'" {item.number}"'
            own = json.loads(secant("--answer", answer, "--spans", spans, "--check", "mask", "--json"))
            # The model says so itself where each token of the number is its likeliest.
            is_right = all(token["isLikeliest"] for token in own["answer"]["tokens"])
            print(f"{index}: {item.question} {item.number}: {'right' if is_right else 'wrong'}", flush=True)
            if not is_right:
                continue

            def documents(report, values):
                names = [span["name"] for span in report["shares"]["grouping"]["spans"]]
                return [values[names.index(str(n + 1))] for n in range(10)]

            other = json.loads(secant(
                "--answer", answer, "--over", f'" {item.other}"', "--spans", spans, "--json"))
            shares = [span["value"] for span in own["shares"]["grouping"]["spans"]]
            against = [span["value"] for span in other["shares"]["grouping"]["spans"]]
            effects = {effect["span"]: effect["effect"] for effect in own["check"]["effects"]}
            rows.append({
                "item": index, "tokens": len(own["prompt"]["tokens"]), "needle": item.needle + 1,
                "number": item.number, "target": own["shares"]["logit"],
                "share": place(documents(own, shares), item.needle),
                "over another": place(documents(other, against), item.needle),
                "effect": place(documents(own, [effects[n] for n in range(len(shares))]), item.needle),
                "spearman": own["check"].get("spearman")})
            print("   " + ", ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)

    if a.csv:
        with a.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys() if rows else ["item"])
            writer.writeheader()
            writer.writerows(rows)
    count = len(rows)
    print(f"\n{a.items} prompts, {count} answered right"
          + (f", of {min(r['tokens'] for r in rows)} to {max(r['tokens'] for r in rows)} tokens" if rows else ""))
    print("| by | the needle is first | mean rank of ten |\n|---|---|---|")
    for rule in ["share", "over another", "effect"]:
        if count:
            first = sum(row[rule] == 1 for row in rows)
            print(f"| {rule} | {first} of {count} | {sum(row[rule] for row in rows) / count:.1f} |")


if __name__ == "__main__":
    main()
