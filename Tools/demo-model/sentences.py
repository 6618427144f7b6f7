"""From a pattern and a row to a sentence, and to the prompt and answer in it."""

import dataclasses
import re

SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
ARTICLE = re.compile(r"(the|an|a) ")


# The columns whose values a passage can be about.
TOPICS = {"country", "capital", "river", "state", "statehouse", "city", "water", "place", "here", "there", "bridge",
          "landmark", "passes", "painter", "subject", "person", "town"}


def capitalized(text):
    return text[:1].upper() + text[1:]


def with_article(noun):
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def columns(pattern):
    return frozenset(name for name, _ in SLOT.findall(pattern))


def fill(pattern, row):
    def value(match):
        name, form = match.groups()
        return with_article(row[name]) if form == "a" else row[name]

    return SLOT.sub(value, pattern)


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A pattern said of a row.  `prompt + " " + answer` begins `text`.

    A leading article of the answer belongs to the prompt: "The bridge is the" asks for
    "Golden Gate Bridge".
    """

    relation: str
    pattern: str
    fact: tuple  # relation, the named columns and their values
    asked: str  # the answer's column, or its words where the answer has no column
    text: str
    prompt: str
    answer: str
    names: tuple  # the topics that the sentence mentions

    @property
    def statement(self):
        """The fact as this pattern says it, comparable wherever it stands in a sentence."""
        return f"{self.prompt} {self.answer}".lower()


def sentence(relation, pattern, row):
    before, rest = pattern.split("[")
    inside, after = rest.split("]")
    prompt, answer = capitalized(fill(before, row)).rstrip(), fill(inside, row)
    article = ARTICLE.match(answer)
    if article:
        prompt, answer = f"{prompt} {article.group(1)}", answer[article.end():]
    named = sorted(columns(pattern))
    asked = sorted(columns(inside))
    return Sentence(
        relation=relation, pattern=pattern,
        fact=(relation, *((name, row[name]) for name in named)),
        asked=asked[0] if asked else inside,
        text=f"{prompt} {answer}{fill(after, row)}", prompt=prompt, answer=answer,
        names=tuple(row[name] for name in named if name in TOPICS))


def sentences(relations):
    """Every pattern of every relation said of every row that has its columns."""
    return [
        sentence(relation.name, pattern, row)
        for relation in relations for pattern in relation.patterns for row in relation.rows
        if columns(pattern) <= row.keys()
    ]
