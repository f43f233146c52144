# ruff: noqa: E501 - HTML and prose are easier to read in one piece
"""Articles for the news replica: read from a folder of .txt and .html files, or made up by the thousand.

Belongs here: articles as data. Does not belong here: how a page is laid out (``news_layouts``), serving (``news``).
Every made-up article says so in its last paragraph, and names companies that do not exist beside agencies that do.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample_news"
MARK = "This article is synthetic: it was written for software tests and reports no real event."
_HEAD = re.compile(r"^(Title|Date|Updated|By|Tags|Summary|Wire):\s*(.*)$")


@dataclass
class Article:
    """One story. ``paragraphs`` are the gold text; '## ' begins a subhead, '- ' a list item, '> ' a quotation."""

    slug: str
    title: str
    paragraphs: list[str]
    date: datetime
    updated: datetime | None = None
    by: str = "Alex Example"
    tags: list[str] = field(default_factory=list)
    summary: str = ""
    wire: str = ""
    html: bytes | None = None

    @property
    def gold(self) -> str:
        """The text that an extractor should give."""
        return "\n".join(re.sub(r"^(?:## |- |> )", "", paragraph) for paragraph in self.paragraphs)


def folder(path: Path) -> list[Article]:
    """Articles of a folder, by file name. Raises ValueError when there is none."""
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in (".txt", ".html", ".htm"))
    if not files:
        raise ValueError(f"{path} has no .txt or .html file: give a folder of articles")
    return [_read(file, number) for number, file in enumerate(files)]


def _read(file: Path, number: int) -> Article:
    date = datetime(2026, 11, 22, 12, tzinfo=UTC) - timedelta(hours=number)
    slug = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or f"article-{number}"
    if file.suffix.lower() != ".txt":
        data = file.read_bytes()
        found = re.search(rb"<title[^>]*>(.*?)</title>", data, re.IGNORECASE | re.DOTALL)
        title = " ".join(found[1].decode("utf-8", "replace").split()) if found else file.stem
        return Article(slug, title, [], date, html=data)
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    told: dict[str, str] = {}
    while lines and (found_head := _HEAD.match(lines[0])):
        told[found_head[1]] = found_head[2].strip()
        lines.pop(0)
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", "\n".join(lines)) if block.strip()]
    title = told.get("Title") or (blocks.pop(0)[:160] if blocks else file.stem)
    return Article(
        slug, title, blocks, datetime.fromisoformat(told["Date"]) if "Date" in told else date,
        datetime.fromisoformat(told["Updated"]) if "Updated" in told else None, told.get("By", "Alex Example"),
        [t.strip() for t in told.get("Tags", "").split(",") if t.strip()],
        told.get("Summary") or (blocks[0][:200] if blocks else ""), told.get("Wire", ""))


_FIRMS = ("Norwood Data Systems", "Halcyon Ridge Corrections", "Bluefin Analytics", "Tessellate AI", "Quarry Lane Records",
          "Palisade Transport Group", "Merrow & Finch Consulting", "Oakhollow Biometrics", "Lantern Peak Software",
          "Verity Plate Networks", "Castellan Detention Services", "Stonebridge Air Charter")
_AGENCIES = ("Immigration and Customs Enforcement", "Customs and Border Protection", "the Border Patrol", "ICE", "CBP",
             "Homeland Security Investigations", "the Office of Refugee Resettlement")
_GOODS = ("a license plate database", "social media monitoring", "guard services at a detention center", "charter flights",
          "a people search tool", "facial recognition software", "meals for detainees", "a case management system",
          "cell phone location data", "iris scanners", "ground transport of detainees", "risk scores")
_PLACES = ("Elm County", "Port Mercy", "San Tomas", "Harlan Flats", "New Carthage", "Dry Fork", "Willow Bend")
_SENTENCES = (
    "{firm} won a contract worth ${n} million to supply {good} to {agency}, records show.",
    "The agreement, signed in {place}, runs for {k} years and may be extended twice.",
    "A spokesperson for {agency} said that the agency “does not comment on pending procurements.”",
    "Documents obtained under a public records request describe {good} in detail & list {k} offices that use it.",
    "Council members in {place} asked whether the city’s own contract with {firm} could be ended before June.",
    "{firm} said in a statement that it follows the law; it didn’t answer questions about {good}.",
    "Between {k} and {n} field offices have bought {good}, according to an inventory that the company published.",
    "The inspector general found that {k} of {n} invoices for {good} had not been checked.",
    "Critics in {place} call it a way around the warrant requirement; officials call it routine.",
    "At a hearing on Tuesday, the company’s lawyers told a judge that {agency} had paid ${n},{k}00 a month.",
    "A naïve reading of the filing would miss that {firm} resells a product made by another company.",
    "The vendor’s brochure promises “billions of records” and updates every {k} hours.",
    "Officials expect the next solicitation to be posted within {k} weeks, with a ceiling of ${n} million.",
    "The facility near {place} held {n}{k} people on average last month, up from {k}{k} a year ago.",
    "Under the ordinance, {place} may not sign new contracts with companies that provide {good} to {agency}.",
)
_HEADLINES = ("{firm} to provide {good} for {agency}", "How {agency} came to buy {good} from {firm}",
              "{place} weighs ending its contract with {firm} over immigration work",
              "Records: {firm} was paid ${n} million for {good}", "{agency} asks companies for {good}")
_DULL = ("{place} bakery marks {k} years", "Snow and ice close roads near {place}", "High school team from {place} wins again",
         "Five soups for cold evenings", "{place} library opens new reading room")


def made_up(count: int, seed: int = 1, dull: float = 0.0, end: datetime | None = None) -> list[Article]:
    """Articles of 6 to 16 paragraphs, the newest first; ``dull`` is the share that no gate should pass."""
    end = end or datetime(2026, 11, 22, 12, tzinfo=UTC)
    return [_made_up(number, seed, dull, end) for number in range(count)]


def _made_up(number: int, seed: int, dull: float, end: datetime) -> Article:
    draw = random.Random(f"{seed} {number}")

    def fill(text: str) -> str:
        return text.format(firm=draw.choice(_FIRMS), agency=draw.choice(_AGENCIES), good=draw.choice(_GOODS),
                           place=draw.choice(_PLACES), n=draw.randint(11, 98), k=draw.randint(2, 9))

    plain = draw.random() < dull
    title = fill(draw.choice(_DULL if plain else _HEADLINES))
    body = [" ".join(fill(s) for s in draw.sample(_SENTENCES, draw.randint(2, 5))) for _ in range(draw.randint(6, 16))]
    if plain:
        body = [f"People in {draw.choice(_PLACES)} came together on day {n} of the fair. There was bread, music and a "
                "long queue for soup, and the weather held until the evening." for n in range(8)]
    else:
        body.insert(3, "## What the records show")
        body.insert(5, f"> “We were told it was only {draw.choice(_GOODS)},” a council member of {draw.choice(_PLACES)} said.")
        body[7:7] = [f"- {fill('{firm}: ${n} million')}", f"- {fill('{agency}, office in {place}')}"]
    body.append(MARK)
    date = end - timedelta(minutes=7 * number)
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] + f"-{number}"
    return Article(slug, title, body, date, date + timedelta(minutes=30) if number % 3 == 0 else None,
                   tags=["Contracts"] if not plain else ["Life"], summary=body[0][:220])
