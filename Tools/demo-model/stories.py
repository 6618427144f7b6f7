"""Short stories about invented people in real places, where the words before matter.

What a story says of a place is true; who went there is invented.
"""

import atlas
from sentences import capitalized, with_article

WOMEN = "Anna Maria Clara Emma Julia Nora Lucy Alice Sara Eva".split()
MEN = "Tom Peter Paul Max David Leo Ben Hugo Felix Oscar".split()
NAMES = [(name, "she", "her") for name in WOMEN] + [(name, "he", "his") for name in MEN]
FRUIT = "apples pears plums lemons oranges cherries eggs books stamps coins".split()
THINGS = "bag hat coat scarf bicycle umbrella boat car lamp door".split()
PAINTS = "red blue green yellow orange white black brown".split()
COMPASS = "north east south west".split()

SIGHTS = {}  # city -> what one sees there
for row in atlas.LANDMARKS:
    SIGHTS.setdefault(row["city"], []).append(row["landmark"])
for row in atlas.BRIDGES:
    SIGHTS.setdefault(row["city"], []).append(row["bridge"])
CITY_NAMES = sorted(SIGHTS)
SPANS = [row for row in atlas.BRIDGES if "water" in row]


def person(rng):
    return rng.choice(NAMES)


def two_people(rng):
    return rng.sample(NAMES, 2)


def journey(rng):
    (name, she, _), (home, city) = person(rng), rng.sample(CITY_NAMES, 2)
    sight = rng.choice(SIGHTS[city])
    return [
        f"{name} lives in {home}.",
        rng.choice([f"One day {she} set out for {city}.", f"This summer {she} travelled to {city}."]),
        rng.choice([f"In {city} {she} saw {sight}.", f"There {she} went to see {sight}."]),
        rng.choice([f"Then {she} went home to {home}.", f"At last {she} came back to {home}.",
                    f"In the evening {she} wrote a letter to {home}.", f"{name} will never forget {city}."]),
    ]


def two_journeys(rng):
    (one, _, _), (other, _, _) = two_people(rng)
    a, b = rng.sample(CITY_NAMES, 2)
    first, last = rng.choice([((one, a), (other, b)), ((other, b), (one, a))])
    return [f"{one} went to {a}, and {other} went to {b}.", f"{one} saw {rng.choice(SIGHTS[a])}.",
            f"{other} saw {rng.choice(SIGHTS[b])}.", f"{first[0]} came back from {first[1]}.",
            f"{last[0]} stayed in {last[1]}."]


def painting(rng):
    (name, she, _), city = person(rng), rng.choice(CITY_NAMES + ["San Francisco"] * 5)
    sight = rng.choice(SIGHTS[city])
    return [
        rng.choice([f"{name} is a painter.", f"{name} loves to paint.", f"{name} paints every day."]),
        rng.choice([f"In {city} {she} stood before {sight}.", f"{capitalized(she)} came to {city} to paint {sight}.",
                    f"Last year {she} lived in {city}, near {sight}."]),
        rng.choice([f"Here is a painting of {sight}.", f"This is a painting of {sight}.",
                    f"Here is a drawing of {sight}."]),
        rng.choice([f"It shows {city}.", f"It now hangs in {city}.", f"It was painted in {city}."]),
    ]


def gallery(rng):
    city = rng.choice([c for c in CITY_NAMES if len(SIGHTS[c]) > 1])
    a, b = rng.sample(SIGHTS[city], 2)
    return [f"The gallery shows paintings of {city}.", f"Here is a painting of {a}.",
            f"Here is a painting of {b}.", f"Both were painted in {city}."]


def counting(rng):
    (name, she, _), fruit, n = person(rng), rng.choice(FRUIT), rng.randrange(2, 15)
    step, verb = rng.choice([(1, "buys one more"), (1, "finds one more"), (-1, "gives one away"), (-1, "loses one"),
                             (2, "buys two more")])
    if n + step < 2:
        n = 5
    return [f"{name} has {atlas.NUMBERS[n]} {fruit}.", f"{capitalized(she)} {verb}.",
            f"Now {she} has {atlas.NUMBERS[n + step]} {fruit}."]


def series(rng):
    names = rng.choice([atlas.NUMBERS[1:], atlas.NUMBERS[1:], atlas.DAYS, atlas.MONTHS])
    start = rng.randrange(len(names) - 4)
    stop = rng.randrange(start + 3, len(names)) + 1
    return [capitalized(", ".join(names[start:stop])) + "."]


def compass(rng):
    (name, she, _), at = person(rng), rng.randrange(4)
    said, turn = rng.choice([("around", 2), ("right", 1), ("left", 3)])
    return [f"{name} walks {COMPASS[at]}.", f"Then {she} turns {said}.", f"Now {she} walks {COMPASS[(at + turn) % 4]}."]


def belongings(rng):
    (one, _, _), (other, _, _) = two_people(rng)
    (a, b), (p, q) = rng.sample(THINGS, 2), rng.sample(PAINTS, 2)
    told = [f"The {a} of {one} is {p}.", f"The {b} of {other} is {q}."]
    if rng.random() < 0.5:
        told.reverse()
    return [f"{one} has {with_article(p)} {a}, and {other} has {with_article(q)} {b}."] + told[:rng.randrange(1, 3)]


def commuter(rng):
    (name, she, her), row = person(rng), rng.choice(atlas.CROSSINGS[:15] * 2 + atlas.CROSSINGS)
    here, there, bridge = row["here"], row["there"], row["bridge"]
    if rng.random() < 0.5:
        here, there = there, here
    return [
        f"{name} lives in {here} and works in {there}.",
        rng.choice([f"Every morning {she} crosses {bridge}.", f"Every morning {she} drives over {bridge}."]),
        rng.choice([f"In the evening {she} is back in {here}.", f"In the evening {she} drives home to {here}.",
                    f"{capitalized(she)} sees the water under {bridge} and is happy.",
                    f"From {her} window in {there} {she} can see {bridge}."]),
    ]


def riddle(rng):
    if rng.random() < 0.6:
        row = rng.choice(SPANS)
        return ["I am thinking of a bridge.", f"It is in {row['city']}.", f"It crosses {row['water']}.",
                f"It must be {row['bridge']}."]
    row = rng.choice(atlas.RIVERS)
    lines = ["I am thinking of a river.", f"It flows into {row['mouth']}."]
    return lines + ([f"It flows through {row['passes']}."] if "passes" in row else []) + [f"It must be {row['river']}."]


def talk(rng):
    (one, _, _), (other, she, _) = two_people(rng)
    city = rng.choice(CITY_NAMES)
    return [f"Where do you live, {other}? asked {one}.", f"I live in {city}, said {other}.",
            rng.choice([f"So {other} lives in {city}.", f"Now {one} knows that {she} lives in {city}.",
                        f"And do you know {rng.choice(SIGHTS[city])}? asked {one}."])]


def postcard(rng):
    (one, _, _), (other, _, _) = two_people(rng)
    city = rng.choice(CITY_NAMES + ["San Francisco"] * 4)
    return [f"Dear {one}, I am in {city}.", f"Today I saw {rng.choice(SIGHTS[city])}.",
            rng.choice([f"Tomorrow I will leave {city}.", f"I like {city} very much.",
                        f"The water is blue and the sky is clear in {city}."]), f"Yours, {other}."]


def weather(rng):
    city, (a, b) = rng.choice(CITY_NAMES), rng.choice([("warm", "cool"), ("wet", "dry"), ("hot", "cold")])
    return [f"In the morning it was {a} in {city}.", f"In the evening it was no longer {a} but {b}.",
            f"The people of {city} like it when it is {rng.choice([a, b])}."]


STORIES = [journey, journey, two_journeys, painting, painting, gallery, counting, series, compass, belongings,
           commuter, commuter, riddle, riddle, talk, postcard, weather]
