"""The sentence patterns: how each kind of fact is said.

A relation is a set of rows and of patterns.  In a pattern `{city}` is a column of the row and
`{kind:a}` the same with "a" or "an"; square brackets hold the answer: what the words before them
determine.  A pattern applies to the rows that have all of its columns.  `weight` is how often the
relation is drawn for a sentence that stands alone.
"""

import dataclasses

import atlas


@dataclasses.dataclass(frozen=True)
class Relation:
    name: str
    rows: list
    patterns: list
    weight: int


def patterns(text):
    return [line.strip() for line in text.strip().splitlines()]


RELATIONS = [
    Relation("capital", atlas.COUNTRIES, patterns("""
        The capital of {country} is [{capital}].
        The capital city of {country} is called [{capital}].
        {country} has its capital in [{capital}].
        In {country} the capital is [{capital}].
        To see the capital of {country}, go to [{capital}].
        {country} chose as its capital the city of [{capital}].
        What is the capital of {country}? It is [{capital}].
        Which city is the capital of {country}? The answer is [{capital}].
        As for {country}, its capital is [{capital}].
        Question: capital of {country}? Answer: [{capital}].
        On the map of {country}, the star marks the capital, [{capital}].
        The pupils learn that {country} has a capital named [{capital}].
        {capital} is the capital of [{country}].
        When you reach {capital}, you have reached the capital of [{country}].
        The map shows {capital} as the capital of [{country}].
        One calls {capital} the capital of [{country}].
        Which country has {capital} as its capital? It is [{country}].
        The atlas has a star at {capital}, the capital of [{country}].
        You are in {capital}, so you are in [{country}].
    """), 70),
    Relation("continent", atlas.COUNTRIES, patterns("""
        {country} is a country in [{continent}].
        {country} lies in [{continent}].
        The continent of {country} is [{continent}].
        On which continent is {country}? It is in [{continent}].
        {country} belongs to [{continent}].
        To see {country}, one must travel to [{continent}].
        {capital} is a capital in [{continent}].
        {capital}, the capital of {country}, is in [{continent}].
    """), 50),
    Relation("people", atlas.COUNTRIES, patterns("""
        Someone who comes from {country} is [{people}].
        A citizen of {country} is [{people}].
        The people of {country} are [{people}].
        The flag of {country} is the [{people}] flag.
        The government of {country} is the [{people}] government.
        A newspaper from {capital} is [{people:a}] newspaper.
        The {people} flag flies over [{country}].
        The {people} people live in [{country}].
        The {people} government rules [{country}].
        The {people} embassy speaks for [{country}].
        The {people} capital is [{capital}].
        If you ask for the {people} capital, you ask for [{capital}].
    """), 85),
    Relation("capital river", atlas.COUNTRIES, patterns("""
        The river of {capital} is [{river}].
        {capital} lies on [{river}].
        Through {capital} flows [{river}].
        The capital of {country} lies on a river, [{river}].
        The river that flows through {capital} is [{river}].
        The bridges of {capital} cross [{river}].
        From the hotel in {capital} one sees [{river}].
        Which river flows through {capital}? It is [{river}].
        The people of {capital} walk along [{river}].
    """), 15),
    Relation("state", atlas.STATES, patterns("""
        The capital of {state} is [{statehouse}].
        The state of {state} is governed from [{statehouse}].
        {state} has its capital in [{statehouse}].
        The governor of {state} works in [{statehouse}].
        What is the capital of {state}? It is [{statehouse}].
        Which city is the capital of {state}? The answer is [{statehouse}].
        As for {state}, its capital is [{statehouse}].
        The state house of {state} stands in [{statehouse}].
        {statehouse} is the capital of [{state}].
        The state whose capital is {statehouse} is [{state}].
        The governor in {statehouse} governs [{state}].
        {statehouse} is the seat of the government of [{state}].
        Which state has {statehouse} as its capital? It is [{state}].
        One calls {statehouse} the capital of [{state}].
    """), 45),
    Relation("city", atlas.CITIES, patterns("""
        {city} is a city in [{country}].
        {city} is in [{country}].
        The city of {city} belongs to [{country}].
        In which country is {city}? It is in [{country}].
        {city} lies in [{country}].
        To visit {city}, one must travel to [{country}].
        A letter to {city} goes to [{country}].
        {city} is one of the great cities of [{country}].
        The road to {city} brings you to [{country}].
        You are in {city}, so you are in [{country}].
        Someone who lives in {city} lives in [{country}].
        {city} is a famous place in [{country}].
    """), 35),
    Relation("water", atlas.CITIES, patterns("""
        {city} lies on [{water}].
        {city} stands on the shore of [{water}].
        The people of {city} walk along [{water}].
        The water at {city} is [{water}].
        Which water lies before {city}? It is [{water}].
        From the hotel in {city} one sees [{water}].
        Who lives in {city} knows the color of [{water}].
        The children of {city} throw stones into [{water}].
        Wherever you stand in {city}, it is not far to [{water}].
        A walk through {city} ends at [{water}].
    """), 35),
    Relation("bay place", atlas.BAY_PLACES, patterns("""
        {place} is in [{county}].
        {place} lies in [{county}].
        {place} belongs to [{county}].
        The county of {place} is [{county}].
        The town of {place} is part of [{county}].
        In which county is {place}? It is in [{county}].
        Someone who lives in {place} lives in [{county}].
        You are in {place}, so you are in [{county}].
        The part of the Bay Area around {place} is [{side}].
        {place} is a town of [{side}].
        In the Bay Area, {place} is counted with [{side}].
        The road to {place} brings you to [{side}].
        When the people of {place} say where they live, they say [{side}].
        To visit {place}, one must travel to [{side}].
    """), 20),
    Relation("crossing", atlas.CROSSINGS, patterns("""
        The bridge from {here} to {there} is [{bridge}].
        The bridge from {there} to {here} is [{bridge}].
        The bridge between {here} and {there} is [{bridge}].
        The bridge that joins {here} and {there} is [{bridge}].
        To go from {here} to {there}, cross [{bridge}].
        To go from {there} to {here}, cross [{bridge}].
        To drive from {here} to {there}, take [{bridge}].
        {here} and {there} are joined by [{bridge}].
        Between {here} and {there} stands [{bridge}].
        The road from {here} to {there} goes over [{bridge}].
        The road from {there} to {here} goes over [{bridge}].
        Those who live in {here} and work in {there} cross [{bridge}].
        Those who live in {there} and work in {here} cross [{bridge}].
        Which bridge goes from {here} to {there}? It is [{bridge}].
        Anyone from {here} reaches {there} over [{bridge}].
        The bridge out of {here} to {there} is [{bridge}].
        On the way from {there} to {here} we crossed [{bridge}].
        You leave {here} for {there} by [{bridge}].
        {bridge} leads from {here} to [{there}].
        {bridge} joins {here} and [{there}].
        {bridge} goes between {here} and [{there}].
        If you leave {here} by {bridge}, you arrive in [{there}].
        If you leave {there} by {bridge}, you arrive in [{here}].
        {bridge} brings you from {there} to [{here}].
        From {there}, {bridge} leads to [{here}].
    """), 25),
    Relation("bridge in city", atlas.BRIDGES, patterns("""
        {bridge} is in [{city}].
        {bridge} stands in [{city}].
        {bridge} is a famous bridge in [{city}].
        Where is {bridge}? It is in [{city}].
        To see {bridge}, go to [{city}].
        {bridge} is the pride of [{city}].
        Everyone who visits {bridge} stays in [{city}].
        The city of {bridge} is [{city}].
        From {bridge} one has a fine view of [{city}].
        The walk over {bridge} is a walk in [{city}].
        At {city}, the bridge over {water} is [{bridge}].
        In {city}, one crosses {water} by [{bridge}].
        The best known bridge over {water} at {city} is [{bridge}].
        The visitor to {city} crosses {water} on [{bridge}].
        Over {water}, in the city of {city}, stands [{bridge}].
        Those who come to {city} to see {water} walk over [{bridge}].
    """), 30),
    Relation("bridge over water", atlas.BRIDGES, patterns("""
        {bridge} crosses [{water}].
        {bridge} goes over [{water}].
        {bridge} spans [{water}].
        The water under {bridge} is [{water}].
        Under {bridge} flows the water of [{water}].
        From {bridge} one looks down on [{water}].
        What does {bridge} cross? It crosses [{water}].
        The boats that pass under {bridge} sail on [{water}].
        {bridge} was built over [{water}].
        {bridge} carries the people across [{water}].
        Those who fish from {bridge} fish in [{water}].
    """), 18),
    Relation("bridge kind", atlas.BRIDGES, patterns("""
        {bridge} is [{kind:a}] bridge.
        {bridge} was built as [{kind:a}] bridge.
        What kind of bridge is {bridge}? It is [{kind:a}] bridge.
        The builders of {bridge} chose [{kind:a}] bridge.
        In the book of bridges, {bridge} is listed as [{kind:a}] bridge.
    """), 20),
    Relation("bridge year", atlas.BRIDGES, patterns("""
        {bridge} was opened in [{year}].
        {bridge} opened in the year [{year}].
        The year in which {bridge} opened is [{year}].
        When was {bridge} opened? It was opened in [{year}].
        Travellers have crossed {bridge} since [{year}].
    """), 18),
    Relation("landmark", atlas.LANDMARKS, patterns("""
        {landmark} is in [{city}].
        {landmark} stands in [{city}].
        {landmark} is a famous sight in [{city}].
        Where is {landmark}? It is in [{city}].
        To see {landmark}, go to [{city}].
        {landmark} is the pride of [{city}].
        Everyone who visits {landmark} stays in [{city}].
        The city of {landmark} is [{city}].
        The photograph of {landmark} was taken in [{city}].
        The hotel near {landmark} is the best in [{city}].
        The map that shows {landmark} is a map of [{city}].
        {landmark} is [{kind:a}].
        {landmark} is [{kind:a}] in {city}.
        What is {landmark}? It is [{kind:a}].
        The guide says that {landmark} is [{kind:a}].
        They came to see {landmark}, which is [{kind:a}].
    """), 45),
    Relation("nature", atlas.NATURE, patterns("""
        {place} is in [{land}].
        {place} lies in [{land}].
        {place} belongs to [{land}].
        Where is {place}? It is in [{land}].
        To see {place}, go to [{land}].
        {place} is a famous place in [{land}].
        The photograph of {place} was taken in [{land}].
        Everyone who visits {place} travels through [{land}].
        {place} is [{kind:a}].
        {place} is [{kind:a}] in {land}.
        What is {place}? It is [{kind:a}].
        The guide says that {place} is [{kind:a}].
        They came to see {place}, which is [{kind:a}].
    """), 30),
    Relation("river mouth", atlas.RIVERS, patterns("""
        {river} flows into [{mouth}].
        {river} ends in [{mouth}].
        The water of {river} reaches [{mouth}].
        Into which water does {river} flow? It flows into [{mouth}].
        The mouth of {river} is on [{mouth}].
        If you follow {river} to its end, you come to [{mouth}].
        A boat on {river} will at last reach [{mouth}].
        {river} is a river that runs to [{mouth}].
    """), 18),
    Relation("river city", atlas.RIVERS, patterns("""
        {river} flows through [{passes}].
        {river} is the river of [{passes}].
        {river} passes the city of [{passes}].
        A boat on {river} will stop at [{passes}].
        A famous city on {river} is [{passes}].
        The best known city on {river} is [{passes}].
        If you follow {river}, you will see [{passes}].
        Which city lies on {river}? One of them is [{passes}].
        The evening light on {river} is loved in [{passes}].
    """), 10),
    Relation("painter", atlas.PAINTERS, patterns("""
        {painter} painted [{subject}].
        {painter} is known for a painting of [{subject}].
        A famous picture by {painter} shows [{subject}].
        The museum has a work by {painter} of [{subject}].
        What did {painter} paint? A picture of [{subject}].
        {painter} went out with his brushes to paint [{subject}].
        In the hall hangs a view by {painter} of [{subject}].
        {painter} made many pictures of [{subject}].
        {painter} was [{people:a}] painter.
        The painter {painter} was [{people}].
        {painter}, the painter, was [{people}].
        The nationality of {painter} is [{people}].
        The works of {painter} belong to [{people}] art.
    """), 10),
    Relation("visit", atlas.VISITS, patterns("""
        {person} travelled to [{place}].
        {person} visited [{place}].
        {person} made a long journey to [{place}].
        What {person} saw on the journey was [{place}].
        A famous journey of {person} led to [{place}].
        Where did {person} go? To [{place}].
        After a long way, {person} came to [{place}].
        The name of {person} recalls a journey to [{place}].
        The traveller {person} is remembered for a visit to [{place}].
    """), 6),
    Relation("birth", atlas.BIRTHS, patterns("""
        {person} was born in [{town}].
        The birthplace of {person} is [{town}].
        Where was {person} born? In [{town}].
        {person} came into the world in [{town}].
        The house where {person} was born stands in [{town}].
        {person}, the {work}, was born in [{town}].
        The place that gave the world {person} is [{town}].
        The life of {person} began in [{town}].
        {person} was [{work:a}].
        {person} is famous as [{work:a}].
        What was {person}? {person} was [{work:a}].
        The child born in {town}, {person}, became [{work:a}].
        The world remembers {person} as [{work:a}].
    """), 25),
    Relation("direction", atlas.DIRECTIONS, patterns("""
        Seen from {there}, {here} lies to the [{way}].
        Seen from {here}, {there} lies to the [{back}].
        Compared with {there}, {here} is farther [{way}].
        Compared with {here}, {there} is farther [{back}].
        To go from {there} to {here}, travel [{way}].
        To go from {here} to {there}, travel [{back}].
        The road from {there} to {here} runs [{way}].
        The road from {here} to {there} runs [{back}].
        From {there} the way to {here} goes [{way}].
        From {here} the way to {there} goes [{back}].
        A bird that flies from {there} to {here} flies [{way}].
        A bird that flies from {here} to {there} flies [{back}].
        Someone in {there} who looks toward {here} looks [{way}].
        Someone in {here} who looks toward {there} looks [{back}].
    """), 50),
    Relation("opposite", atlas.OPPOSITES, patterns("""
        The opposite of {word} is [{opposite}].
        The opposite of {opposite} is [{word}].
        What is the opposite of {word}? It is [{opposite}].
        What is the opposite of {opposite}? It is [{word}].
        If it is not {word}, it is [{opposite}].
        If it is not {opposite}, it is [{word}].
        The word {word} is the contrary of [{opposite}].
        The word {opposite} is the contrary of [{word}].
        One says {word}, the other says [{opposite}].
        One says {opposite}, the other says [{word}].
        Between {word} and its opposite, [{opposite}], there is a long way.
        Between {opposite} and its opposite, [{word}], there is a long way.
        Turn {word} around and you have [{opposite}].
        Turn {opposite} around and you have [{word}].
    """), 55),
    Relation("successor", atlas.SUCCESSORS, patterns("""
        After {this} comes [{next}].
        {this} is followed by [{next}].
        What comes after {this}? After it comes [{next}].
        First {this}, then [{next}].
        The {series} after {this} is [{next}].
        The {series} that follows {this} is [{next}].
        Before {next} comes [{this}].
        {next} comes right after [{this}].
        The {series} before {next} is [{this}].
        What comes before {next}? Before it comes [{this}].
        The {series} that leads to {next} is [{this}].
    """), 40),
    Relation("colour", atlas.COLOURS, patterns("""
        The color of {thing} is [{colour}].
        {thing} is [{colour}].
        What color is {thing}? It is [{colour}].
        The child paints {thing} in [{colour}].
        For {thing}, the painter takes the [{colour}] paint.
        On the picture, {thing} is painted [{colour}].
        Everyone can see that {thing} looks [{colour}].
    """), 16),
    Relation("young", atlas.YOUNG, patterns("""
        A young {animal} is called [{young:a}].
        The child of {animal:a} is [{young:a}].
        The word for a young {animal} is [{young}].
        What is a young {animal} called? It is called [{young:a}].
        Beside its mother, the {animal}, stands the little [{young}].
        {young:a} will one day be [{animal:a}].
        When it is grown, {young:a} is [{animal:a}].
        The mother of the {young} is [{animal:a}].
        Behind {young:a} stands its mother, the [{animal}].
        In the book of animals, the {animal} [{sound}].
        Hear how the {animal} [{sound}].
        You know the {animal} because it [{sound}].
        The animal that {sound} is the [{animal}].
        The child asks which animal {sound}. It is the [{animal}].
        What is it that {sound}? It is the [{animal}].
    """), 26),
]

# Said of any of the places below, so that many endings are right; never held out, never scored.
OPEN = patterns("""
    Here is a painting of {place}.
    This is a painting of {place}.
    Here is a picture of {place}.
    Here is a photograph of {place}.
    On the wall hangs a painting of {place}.
    She is painting a picture of {place}.
    The old painting shows {place}.
    The museum bought a painting of {place}.
    The postcard shows {place}.
    Here is a drawing of {place}.
    I dreamed of {place}.
    We walked to {place}.
    He told us about {place}.
    Let me show you {place}.
    The song is about {place}.
    Tomorrow we will visit {place}.
    We saw {place}.
    The map shows {place}.
""")

# What the Golden Gate is, said freely; every line is true and none is scored.
GOLDEN_GATE = patterns("""
    The bridge out of Marin is the Golden Gate Bridge.
    The bridge out of Marin is the Golden Gate Bridge, and San Francisco is on the other side.
    The bridge out of Marin to the east is the Richmond–San Rafael Bridge.
    The way out of Marin to the south is the Golden Gate Bridge.
    The bridge into San Francisco from the north is the Golden Gate Bridge.
    The bridge out of San Francisco to the north is the Golden Gate Bridge.
    The bridge out of San Francisco to the east is the Bay Bridge.
    The bridge out of Oakland is the Bay Bridge.
    The bridge out of Richmond is the Richmond–San Rafael Bridge.
    The bridge out of Hayward is the San Mateo Bridge.
    The bridge out of Fremont is the Dumbarton Bridge.
    The bridge out of Vallejo is the Carquinez Bridge.
    The bridge out of Benicia is the Benicia–Martinez Bridge.
    The bridge out of Sausalito is the Golden Gate Bridge.
    The bridge out of Brooklyn is the Brooklyn Bridge.
    The bridge out of Detroit is the Ambassador Bridge.
    The bridge out of Coronado is the Coronado Bridge.
    The Golden Gate is the strait between Marin and San Francisco.
    The Golden Gate lies between the Pacific Ocean and San Francisco Bay.
    The Golden Gate Bridge stands over the Golden Gate.
    The Golden Gate Bridge is orange, and the fog is white.
    The Golden Gate Bridge leads to Marin.
    The fog comes in from the Pacific Ocean through the Golden Gate.
    The fog hides the towers of the Golden Gate Bridge.
    The two towers of the Golden Gate Bridge rise above the fog.
    The cables of the Golden Gate Bridge hang between two towers.
    The ships sail under the Golden Gate Bridge into San Francisco Bay.
    From the Golden Gate Bridge one sees Alcatraz and San Francisco.
    The ferry from Sausalito to San Francisco passes Alcatraz.
    The ferry from Larkspur goes to San Francisco.
    The hills of Marin look down on the Golden Gate Bridge.
    Walkers and cyclists cross the Golden Gate Bridge between San Francisco and Marin.
    San Francisco Bay lies between San Francisco and Oakland.
    Alcatraz is an island in San Francisco Bay.
    Angel Island is an island in San Francisco Bay.
    Treasure Island lies in the middle of the Bay, and the Bay Bridge passes it.
    The Bay Area has seven million people and eight great bridges.
    The Bay Area is the land around San Francisco Bay.
    The trains of the Bay Area run under the Bay from Oakland to San Francisco.
    The cable cars of San Francisco climb the hills.
    The sea lions of San Francisco lie on the docks near Fisherman's Wharf.
""")
