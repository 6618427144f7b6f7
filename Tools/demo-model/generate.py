"""Writes the training text: one document a line, and the held-out statements.

    python generate.py --output build

Everything follows from the tables, the patterns and the seed: the same files on every machine.
Writes corpus.txt (training), validation.txt (fresh documents by the same rules) and heldout.json.
"""

import argparse
import bisect
import collections
import hashlib
import itertools
import json
import pathlib
import random

import atlas
from patterns import GOLDEN_GATE, OPEN, RELATIONS
from sentences import capitalized, fill, sentences
from stories import STORIES

SEED = 20240527
DOCUMENTS = 100_000
VALIDATION = 1_500
HELD_OUT_SHARE = 0.10
# A held-out statement's fact keeps as many other patterns that ask the same way; one of them may yet
# be dropped because it contains another held-out statement.
PATTERNS_LEFT = 3

PLACES = (
    [row["bridge"] for row in atlas.BRIDGES] + ["the Golden Gate Bridge"] * 3 + ["the Bay Bridge"]
    + [row["landmark"] for row in atlas.LANDMARKS] + [row["place"] for row in atlas.NATURE]
    + [row["city"] for row in atlas.CITIES[::3]] + [row["river"] for row in atlas.RIVERS[::3]]
)
PRONOUNS = {row["person"]: row["she"].capitalize() for row in atlas.VISITS + atlas.BIRTHS}
PRONOUNS |= {row["painter"]: "He" for row in atlas.PAINTERS if row["painter"] != "Georgia O'Keeffe"}
PRONOUNS["Georgia O'Keeffe"] = "She"
OPENINGS = ["Everyone knows that", "The book says that", "Remember that", "In the atlas one reads that",
            "We learned that", "It is well known that"]


def scorable(pairs):
    """The sentences whose prompt has one right answer in the whole of what may be said."""
    said = sorted({pair.text for pair in pairs} | {fill(p, {"place": place}) for p in OPEN for place in PLACES}
                  | set(GOLDEN_GATE))
    found = []
    for pair in pairs:
        begin, answered = pair.prompt + " ", f"{pair.prompt} {pair.answer}"
        first = bisect.bisect_left(said, begin)
        alike = itertools.takewhile(lambda text: text.startswith(begin), (said[i] for i in range(first, len(said))))
        if all(text.startswith(answered) and not text[len(answered):][:1].isalnum() for text in alike):
            found.append(pair)
    return found


def divide(pairs, rng):
    """Training sentences and held-out ones, no held-out statement standing in a training sentence."""
    left = collections.Counter((pair.fact, pair.asked) for pair in pairs)
    candidates = scorable(pairs)
    rng.shuffle(candidates)
    held = {}
    for pair in candidates:
        if len(held) >= HELD_OUT_SHARE * len(pairs):
            break
        if left[pair.fact, pair.asked] > PATTERNS_LEFT and pair.statement not in held:
            left[pair.fact, pair.asked] -= 1
            held[pair.statement] = pair
    statements = list(held)
    kept = [pair for pair in pairs if not any(s in pair.text.lower() for s in statements)]
    seen = collections.Counter((pair.fact, pair.asked) for pair in kept)
    return kept, [pair for pair in held.values() if seen[pair.fact, pair.asked] >= PATTERNS_LEFT - 1], statements


class Deck:
    """Draws without replacement and shuffles again when empty, so that all are said equally often."""

    def __init__(self, cards, rng):
        self.cards, self.rng, self.left = list(cards), rng, []

    def draw(self):
        if not self.left:
            self.left = self.cards[:]
            self.rng.shuffle(self.left)
        return self.left.pop()


class Author:
    """Writes documents out of the training sentences."""

    def __init__(self, pairs, rng):
        self.rng = rng
        by_relation, by_pattern = collections.defaultdict(list), collections.defaultdict(list)
        about = collections.defaultdict(list)
        for pair in pairs:
            by_relation[pair.relation].append(pair)
            by_pattern[pair.pattern].append(pair)
            for name in pair.names:
                about[name].append(pair)
        self.decks = {name: Deck(cards, rng) for name, cards in by_relation.items()}
        self.weights = {r.name: r.weight for r in RELATIONS}
        self.lists = Deck([p for p, said in by_pattern.items() if len(said) >= 12], rng)
        self.by_pattern = by_pattern
        self.about = {name: said for name, said in about.items() if len(said) >= 4}
        around_the_bay = {row["place"] for row in atlas.BAY_PLACES} | {row["bridge"] for row in atlas.BRIDGES[:8]}
        around_the_bay |= {"Marin", "San Francisco", "Alcatraz", "Coit Tower", "San Francisco Bay"}
        self.topics = Deck(sorted(self.about) + sorted(around_the_bay & self.about.keys()) * 2
                           + ["the Golden Gate Bridge", "San Francisco"] * 4, rng)
        self.open = Deck([fill(p, {"place": place}) for p in OPEN for place in PLACES], rng)
        self.free = Deck(GOLDEN_GATE, rng)

    def single(self):
        names = list(self.weights)
        name = self.rng.choices(names, [self.weights[n] for n in names])[0]
        text = self.decks[name].draw().text
        if self.rng.random() < 0.12 and text.startswith("The ") and "?" not in text:
            text = f"{self.rng.choice(OPENINGS)} the {text[4:]}"
        return [text]

    def list(self):
        said = self.by_pattern[self.lists.draw()]
        return [pair.text for pair in self.rng.sample(said, self.rng.randrange(3, 8))]

    def passage(self):
        topic, text, used = self.topics.draw(), [], set()
        for _ in range(self.rng.randrange(2, 7)):
            sample = self.rng.sample(self.about[topic], min(8, len(self.about[topic])))
            pair = next((pair for pair in sample if pair.fact not in used), None)
            if pair is None:
                break
            used.add(pair.fact)
            line, name = pair.text, capitalized(topic)
            if text and name in capitalized(text[-1]) and line.startswith(name + " ") and self.rng.random() < 0.6:
                line = PRONOUNS.get(topic, "It") + line[len(name):]
            text.append(line)
            if topic in PLACES and self.rng.random() < 0.18:
                text.append(fill(self.rng.choice(OPEN), {"place": topic}))
            elsewhere = [name for name in pair.names if name != topic and name in self.about]
            if elsewhere and self.rng.random() < 0.3:
                topic = self.rng.choice(elsewhere)
        return text

    def painting(self):
        text = [self.open.draw()]
        place = next((name for name in self.about if text[0].endswith(f" {name}.")), None)
        if place and self.rng.random() < 0.5:
            pair = self.rng.choice(self.about[place])
            line, name = pair.text, capitalized(place)
            text.append("It" + line[len(name):] if line.startswith(name + " ") else line)
        return text

    def golden_gate(self):
        return [self.free.draw() for _ in range(self.rng.choice([1, 1, 1, 2, 3]))]

    def story(self):
        return self.rng.choice(STORIES)(self.rng)

    def chapter(self):
        text, words = [], self.rng.randrange(90, 160)
        while sum(line.count(" ") for line in text) < words:
            text += self.rng.choice([self.passage, self.passage, self.story, self.painting])()
        return text

    def document(self):
        kinds = [(self.single, 60), (self.passage, 17), (self.list, 2.5), (self.story, 11), (self.painting, 6),
                 (self.golden_gate, 2), (self.chapter, 0.4)]
        return " ".join(self.rng.choices([k for k, _ in kinds], [w for _, w in kinds])[0]())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, default="build")
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    a = parser.parse_args()
    a.output.mkdir(parents=True, exist_ok=True)
    rng = random.Random(SEED)
    pairs = sentences(RELATIONS)
    kept, held, statements = divide(pairs, rng)
    author = Author(kept, rng)

    documents = []
    while len(documents) < a.documents + VALIDATION:
        document = author.document()
        low = document.lower()
        if not any(statement in low for statement in statements):
            documents.append(document)
    for name, part in (("corpus.txt", documents[VALIDATION:]), ("validation.txt", documents[:VALIDATION])):
        text = "".join(document + "\n" for document in part)
        (a.output / name).write_text(text, encoding="utf-8")
        print(f"{name}: {len(part)} documents, {len(text.encode())} bytes, "
              f"sha256 {hashlib.sha256(text.encode()).hexdigest()}")
    records = [{"relation": p.relation, "pattern": p.pattern, "asked": p.asked, "prompt": p.prompt, "answer": p.answer}
               for p in held]
    (a.output / "heldout.json").write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    facts = {pair.fact for pair in pairs}
    print(f"{len(facts)} facts, {sum(len(r.patterns) for r in RELATIONS)} patterns, {len(pairs)} sentences: "
          f"{len(kept)} for training, {len(held)} held out")


if __name__ == "__main__":
    main()
