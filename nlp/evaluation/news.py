"""A stream of news made from our own sentences, in which few texts are relevant; and the text reader's speed on it.

Belongs here: making the stream, timing the reader against the stock spaCy pipeline, what the gate loses. Does not
belong here: third-party texts, labels, the reader.

The stream imitates proportions, not style: most texts are far from the subject, some speak of borders, customs or ice
without any supplier, 2 % say who supplies what to an immigration agency.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from nlp.documents import read_documents
from nlp.evaluation.baselines import stock_pipeline
from nlp.prose.reader import Text, candidates_of
from nlp.prose.statements import statements
from records.schemas import DOCUMENT_INPUT

RELEVANT: Final = 0.02
_NEAR: Final = 0.08  # texts that share a word with the subject and no more
_SENTENCES: Final = (10, 26)
_BATCH: Final = 50
_FAR: Final = (
    "The council voted {n} to {m} to resurface the road along the river before winter.",
    "Coach {name} said the team had trained for {n} weeks and would start its young goalkeeper.",
    "Rain is expected from {day} on, with wind from the west and {n} degrees at noon.",
    "The bakery on {street} Street sells {n} kinds of bread and closes when they are gone.",
    "Shares of {firm} fell {n} percent after the company cut its forecast for the year.",
    "The museum opens a show of {n} photographs by {name}, lent by the family.",
    "Teachers at {street} High School asked the board for smaller classes and a second library.",
    "{firm} will hire {n} people at its plant, the mayor said at a breakfast on {day}.",
    "The choir sang in the park, and {name} read a poem about the harbor.",
    "Firefighters put out a blaze on {street} Street within {n} minutes; nobody was hurt.",
    "The hospital bought a new scanner and trained {n} nurses to use it.",
    "Voters decide on {day} whether the library levy continues for {n} more years.",
    "{name} scored twice as the visitors won in overtime in front of {n} hundred fans.",
    "A study of {n} lakes found fewer perch and more weeds than ten years ago.",
    "The restaurant's owner, {name}, cooks with beans, corn and squash from three farms.",
    "Police returned {n} stolen bicycles to their owners after a raid on a garage.",
)
_CLOSE: Final = (
    "The ice on the lake is {n} inches thick, and the fishing season opens on {day}.",
    "Customs officers at the port found {n} crates of fake watches.",
    "{name}, who crossed the border as a child, now runs a shop for {firm}.",
    "The removal of {n} old trees on {street} Street begins on {day}; a contract was awarded to {firm}.",
    "Immigration shaped the city, {name} writes in a history that took {n} years.",
    "The visa office moved to {street} Street and is open from {n} to {m}.",
    "Alien, the film by the well-known director, returns to theaters on {day}.",
)
_SUPPLY: Final = (
    "U.S. Immigration and Customs Enforcement awarded {vendor} a ${n} million contract for skip tracing services.",
    "{vendor} operates a detention center in {street} for ICE under a contract worth ${n} million a year.",
    "ICE bought access to license plate reader data from {vendor} in {month}.",
    "{vendor} provides facial recognition software to Immigration and Customs Enforcement, records show.",
    "Customs and Border Protection paid {vendor} ${n} million for social media monitoring software.",
    "{vendor} transports detainees for ICE in three states, according to contract records.",
    "The agency, Immigration and Customs Enforcement, renewed its contract with {vendor} for investigative case "
    "management software.",
    "{vendor} sells location data from phones to ICE.",
)
_VENDORS: Final = ("Palantir Technologies", "The GEO Group", "CoreCivic", "Thomson Reuters", "LexisNexis",
                   "Clearview AI", "Babel Street", "Oakfield Data Systems, Inc.", "Northgate Corrections LLC",
                   "MVM, Inc.", "Harrow Analytics Corporation", "CSI Aviation")
_FILL: Final = {
    "name": ("Ana Ruiz", "Tom Becker", "Lila Chen", "Omar Haddad", "June Walker"),
    "street": ("Maple", "Harbor", "Mill", "Garden", "Station"),
    "firm": ("Brightwater Foods", "Delta Bearings", "Summit Tires", "Copper Kettle"),
    "day": ("Monday", "Thursday", "Saturday"), "month": ("March 2025", "June 2025", "September 2025"),
}


@dataclass(frozen=True)
class StreamSpeed:
    """Documents a second of the reader and of the stock pipeline over one stream, and what the gate lost."""

    documents: int
    relevant: int
    ours: float
    stock: float
    passed: int
    statements: int
    lost: int

    @property
    def ratio(self) -> float:
        """How many documents the reader takes while the stock pipeline takes one."""
        return self.ours / self.stock

    @property
    def loss(self) -> float:
        """Share of the statements that a reader without gate finds and the gate keeps from being found."""
        return self.lost / self.statements if self.statements else 0.0


def stream(count: int, seed: int = 7) -> list[tuple[str, bool]]:
    """``count`` texts with whether each is relevant; same count and seed, same texts."""
    made = random.Random(seed)
    kinds = [True] * max(1, round(count * RELEVANT)) + [False] * (count - max(1, round(count * RELEVANT)))
    made.shuffle(kinds)
    return [(_text(made, relevant), relevant) for relevant in kinds]


def measure(count: int, *, stock_count: int) -> StreamSpeed:
    """Times the reader on ``count`` texts and the stock pipeline on the first ``stock_count``, one process each.

    Both are loaded before the clock starts. The gate's loss is judged on every relevant text and as many others: they
    are read a second time without it.
    """
    texts = stream(count)
    batches = [_batch([text for text, _ in texts[start : start + _BATCH]], start)
               for start in range(0, count, _BATCH)]
    list(read_documents([_batch(["ICE awarded Palantir a contract for case management software."], 0)]))
    stock_pipeline()("ICE awarded a contract.")
    answers: list[dict[str, Any]] = []
    ours = _timed(lambda: answers.extend(row for b in read_documents(batches) for row in b.to_pylist()))
    plain = [text for text, _ in texts[:stock_count]]
    stock = _timed(lambda: sum(1 for _ in stock_pipeline().pipe(plain)))
    chosen = [at for at, (_, relevant) in enumerate(texts) if relevant]
    chosen += [at for at, (_, relevant) in enumerate(texts) if not relevant][: len(chosen)]
    without = {at: len(statements(texts[at][0], candidates_of(Text(texts[at][0])))) for at in chosen}
    lost = sum(max(0, without[at] - len(answers[at]["statements"])) for at in chosen)
    return StreamSpeed(count, sum(relevant for _, relevant in texts), count / ours, len(plain) / stock,
                       sum(row["read"] for row in answers), sum(without.values()), lost)


def _text(made: random.Random, relevant: bool) -> str:
    said = [_filled(made, made.choice(_FAR)) for _ in range(made.randint(*_SENTENCES))]
    if relevant:
        said[made.randrange(len(said))] = _filled(made, made.choice(_SUPPLY))
    elif made.random() < _NEAR:
        said[made.randrange(len(said))] = _filled(made, made.choice(_CLOSE))
    return "\n\n".join(" ".join(said[at : at + 4]) for at in range(0, len(said), 4))


def _filled(made: random.Random, sentence: str) -> str:
    words = {name: made.choice(values) for name, values in _FILL.items()}
    return sentence.format(n=made.randint(2, 90), m=made.randint(2, 9), vendor=made.choice(_VENDORS), **words)


def _batch(texts: list[str], first: int) -> pa.RecordBatch:
    rows = [{"document_id": f"d{first + at}", "kind": "article", "title": None, "text": text, "published": None,
             "publisher": None, "agency_id": None, "notice_type": None, "awardee": None}
            for at, text in enumerate(texts)]
    return pa.RecordBatch.from_pylist(rows, schema=DOCUMENT_INPUT)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
