"""``python -m tests.replica gleif``: a stand-in for GLEIF's API over a made-up family of entities.

Belongs here: GLEIF's answers as its sheet records them (JSON:API, escaped slashes, relationships that name exactly what
exists). Does not belong here: sockets (plain).
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.replica.plain import Answer, Asked, PlainServer
from tests.replica.sec import chosen

TRAPS = {
    "rate": "every third request gets 429 without Retry-After",
    "small": "the page size asked for is ignored: 15 a page, as by default",
    "loop": "the link to the next page leads to the first",
    "short": "the last entry of every list is missing from its page, though the total counts it",
    "nodata": "records come without data",
    "foreign": "links of relationships lead to another host",
}
BASE = "https://api.gleif.org/api/v1"
_DAY = "2026-11-20T00:00:00Z"


@dataclass
class Entity:
    """One entity; parents by LEI, or the reason why there is none."""

    lei: str
    name: str
    direct: str | None = None
    ultimate: str | None = None
    reason: str = "NO_KNOWN_PERSON"
    others: list[tuple[str, str]] = field(default_factory=list)
    isins: list[str] = field(default_factory=list)
    category: str = "GENERAL"
    successor: tuple[str, str] | None = None


def lei(number: int) -> str:
    """A made-up LEI."""
    return f"HARBORLANTERN{number:05d}07"


HARBOR, HOLDING, DETENTION = lei(1), lei(2), lei(3)
MADE_UP = (
    Entity(HARBOR, "HARBOR LANTERN CORPORATION", reason="NON_CONSOLIDATING", isins=["US5949181045", "US0378331005"],
           others=[("OLD PIER CORPORATION", "PREVIOUS_LEGAL_NAME"), ("Harbor Lantern", "TRADING_OR_OPERATING_NAME")]),
    Entity(HOLDING, "Harbor Lantern Holdings LLC", HARBOR, HARBOR),
    Entity(DETENTION, "Lantern Detention Services, LLC", HOLDING, HARBOR),
    Entity(lei(900), "John Q. Doe, Farrier", category="SOLE_PROPRIETOR"),
    Entity(lei(901), "Pier Bail Bonds Ltd.", reason="NATURAL_PERSONS", successor=(HOLDING,
                                                                                  "Harbor Lantern Holdings LLC")),
    *(Entity(lei(100 + n), f"Lantern Lodge {n:02d} LLC", HOLDING, HARBOR) for n in range(31)),
)


class Gleif:
    """The service: ``answer`` takes a request; ``traps`` may be changed while it runs."""

    def __init__(self, entities: tuple[Entity, ...] = MADE_UP, traps: frozenset[str] = frozenset()) -> None:
        unknown = traps - set(TRAPS)
        if unknown:
            raise ValueError(f"unknown traps: {', '.join(sorted(unknown))}; known: {', '.join(TRAPS)}")
        self.entities, self.traps = {one.lei: one for one in entities}, traps
        self.count = 0
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        """What GLEIF would say."""
        with self._lock:
            self.count += 1
            number = self.count
        if "rate" in self.traps and number % 3 == 0:
            return _error(429, "Too Many Requests")
        parts = asked.path.removeprefix("/api/v1/").strip("/").split("/")
        if parts == ["fuzzycompletions"]:
            return self._complete(asked.first("q"))
        if parts[0] != "lei-records":
            return _error(404, "Not Found")
        if len(parts) == 1:
            return self._filtered(asked)
        entity = self.entities.get(parts[1])
        if entity is None:
            return _error(404, "Not Found")
        if len(parts) == 2:
            return _said({} if "nodata" in self.traps else {"data": self._record(entity)})
        return self._related(entity, parts[2], asked)

    def _related(self, entity: Entity, what: str, asked: Asked) -> Answer:
        kind, _, form = what.partition("-")
        parent = entity.direct if kind == "direct" else entity.ultimate
        if form == "parent" and parent in self.entities:
            return _said({"data": self._record(self.entities[parent])})
        if form == "parent-relationship" and parent in self.entities:
            return _said({"data": _relation(entity.lei, parent, kind)})
        if form == "parent-reporting-exception" and parent is None:
            return _said({"data": {"type": "reporting-exceptions", "id": f"{entity.lei}|0|x", "attributes": {
                "validFrom": None, "validTo": None, "lei": entity.lei, "reason": entity.reason, "reference": None,
                "category": f"{kind.upper()}_ACCOUNTING_CONSOLIDATION_PARENT"}}})
        below = self._below(entity, kind)
        if form == "children" and below:
            return self._page([self._record(one) for one in below], asked)
        if form == "child-relationships" and below:
            return self._page([_relation(one.lei, entity.lei, kind) for one in below], asked)
        if what == "isins" and entity.isins:
            return self._page([{"type": "isins", "id": isin, "attributes": {"lei": entity.lei, "isin": isin}}
                               for isin in entity.isins], asked)
        return _error(404, "Not Found")

    def _below(self, entity: Entity, kind: str) -> list[Entity]:
        return [one for one in self.entities.values()
                if (one.direct if kind == "direct" else one.ultimate) == entity.lei]

    def _filtered(self, asked: Asked) -> Answer:
        wanted = set(asked.first("filter[lei]").split(",")) - {""}
        isin = asked.first("filter[isin]")
        found = [one for one in self.entities.values() if one.lei in wanted or (isin and isin in one.isins)]
        return self._page([self._record(one) for one in found], asked)

    def _complete(self, words: str) -> Answer:
        first = words.upper().split()[:1]
        found = [one for one in self.entities.values() if first and first[0] in one.name.upper()][:10]
        return Answer(json.dumps({"data": [
            {"type": "fuzzycompletions", "attributes": {"value": one.name},
             "relationships": {"lei-records": {"data": {"type": "lei-records", "id": one.lei}}}} for one in found
        ] + [{"type": "fuzzycompletions", "attributes": {"value": "WITHOUT RELATIONSHIPS"}}]}).encode(),
            media_type="application/vnd.api+json")

    def _page(self, rows: list[dict[str, Any]], asked: Asked) -> Answer:
        size = 15 if "small" in self.traps else min(200, int(asked.first("page[size]", "15")))
        number = int(asked.first("page[number]", "1"))
        total, last = len(rows), max(1, -(-len(rows) // size))
        shown = rows[(number - 1) * size: number * size]
        if "short" in self.traps and number == last:
            shown = shown[:-1]
        link = f"{BASE}{asked.path.removeprefix('/api/v1')}?page%5Bnumber%5D={{}}&page%5Bsize%5D={size}"
        links = {"first": link.format(1), "last": link.format(last)}
        if number < last:
            links["next"] = link.format(1 if "loop" in self.traps else number + 1)
        at = (number - 1) * size
        return _said({"links": links, "data": shown}, {
            "currentPage": number, "perPage": size, "from": at + 1 if shown else None,
            "to": at + len(shown) if shown else None, "total": total, "lastPage": last})

    def _record(self, one: Entity) -> dict[str, Any]:
        here = f"{BASE}/lei-records/{one.lei}"
        base = here.replace("api.gleif.org", "files.example.org") if "foreign" in self.traps else here
        base = base.replace("/api/v1", "/elsewhere") if "foreign" in self.traps else base
        relations: dict[str, Any] = {"managing-lou": {"links": {"related": f"{here}/managing-lou"}}}
        for kind, parent in (("direct", one.direct), ("ultimate", one.ultimate)):
            relations[f"{kind}-parent"] = {"links": {"reporting-exception": f"{base}/{kind}-parent-reporting-exception"}
                                           if parent is None else {
                "relationship-record": f"{base}/{kind}-parent-relationship", "lei-record": f"{base}/{kind}-parent"}}
            if self._below(one, kind):
                relations[f"{kind}-children"] = {"links": {"relationship-records": f"{base}/{kind}-child-relationships",
                                                           "related": f"{base}/{kind}-children"}}
        if one.isins:
            relations["isins"] = {"links": {"related": f"{base}/isins"}}
        successor = {"lei": one.successor[0], "name": one.successor[1]} if one.successor else {"lei": None,
                                                                                               "name": None}
        ended = {"date": "2020-06-30T00:00:00Z", "reason": "CORPORATE_ACTION"} if one.successor else {"date": None,
                                                                                                     "reason": None}
        return {"type": "lei-records", "id": one.lei, "attributes": {
            "lei": one.lei, "entity": {
                "legalName": {"name": one.name, "language": "en"},
                "otherNames": [{"name": name, "language": "en", "type": kind} for name, kind in one.others],
                "transliteratedOtherNames": [], "jurisdiction": "US-DE", "category": one.category, "status": "ACTIVE",
                "expiration": ended, "successorEntity": successor,
                "successorEntities": [successor] if one.successor else [], "creationDate": "2001-01-01T00:00:00Z"},
            "registration": {"status": "ISSUED"}, "bic": None, "mic": None, "ocid": "us_de/1234567", "qcc": None,
            "spglobal": [], "conformityFlag": "CONFORMING"}, "relationships": relations, "links": {"self": here}}


def _relation(child: str, parent: str, kind: str) -> dict[str, Any]:
    word = "DIRECTLY" if kind == "direct" else "ULTIMATELY"
    return {"type": "relationship-records", "id": f"{child}|LEI|{word}", "attributes": {
        "validFrom": "2024-01-01T00:00:00Z", "validTo": None, "relationship": {
            "startNode": {"id": child, "type": "LEI"}, "endNode": {"id": parent, "type": "LEI"},
            "type": f"IS_{word}_CONSOLIDATED_BY", "status": "ACTIVE", "periods": [
                {"startDate": "2024-01-01T00:00:00Z", "endDate": "2024-12-31T00:00:00Z", "type": "ACCOUNTING_PERIOD"},
                {"startDate": "2011-05-06T00:00:00Z", "type": "RELATIONSHIP_PERIOD"}]},
        "registration": {"status": "PUBLISHED", "corroborationLevel": "FULLY_CORROBORATED"},
        "extension": {"deletedAt": None}}}


def _said(body: dict[str, Any], pagination: dict[str, Any] | None = None) -> Answer:
    meta = {"goldenCopy": {"publishDate": _DAY}, **({"pagination": pagination} if pagination else {})}
    text = json.dumps({"meta": meta, **body}).replace("/", "\\/")  # the service escapes slashes
    return Answer(text.encode(), media_type="application/vnd.api+json")


def _error(status: int, title: str) -> Answer:
    return Answer(json.dumps({"errors": [{"status": str(status), "title": title}]}).encode(), status,
                  "application/vnd.api+json")


def main(argv: list[str]) -> int:
    """Serve until interrupted. Returns 2 for bad arguments."""
    listed = "\n".join(f"  {name:10} {what}" for name, what in TRAPS.items())
    parser = argparse.ArgumentParser(prog="python -m tests.replica gleif", epilog=f"traps:\n{listed}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--traps", default="none", help="none or a comma list")
    given = parser.parse_args(argv)
    try:
        service = Gleif(traps=chosen(given.traps))
    except ValueError as error:
        print(f"replica: {error}", file=sys.stderr)
        return 2
    with PlainServer(service.answer, given.port) as server:
        return server.serve_by_hand(f"gleif replica on {server.base}: {len(service.entities)} entities", service.traps)
