"""Training data: public award records labelled weakly by the ordinance's rules, and people's labels and decisions.

Belongs here: what an example is and where its labels come from. Does not belong here: fitting (``train``).

Weak labels come from the rules, so a model could learn no more than the rules know. Therefore every weak find is also
shown with the words that decided it taken out: what remains (vendor, codes, the other words) is what the model learns.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nlp.awards import award_of
from nlp.cli import ClassifyError, read_awards, reading_input
from nlp.evidence import Word
from nlp.reader import Award, AwardReader, award_features
from ordinance.phrases import fold
from ordinance.services import CATEGORIES

DECISIONS: Final = ("verified", "rejected", "wrong_category", "wrong_company")
_NEEDED: Final = ("statement_id", "record_kind", "record_key", "decided_at")
_WEAK: Final = {"clear": 1.0, "arguable": 0.7}
UNDECIDED: Final = 0.5  # how right a find is where the labeller could not tell
GOLD_WEIGHT: Final = 3.0  # a person's label beside one of a rule


@dataclass(frozen=True)
class Example:
    """An award to learn from: features, the same without deciding words, and a target a category (None: not known)."""

    award: Award
    vendor: str
    keys: frozenset[str]
    masked: frozenset[str]
    targets: tuple[float | None, ...]
    weights: tuple[float, ...]
    ruled: tuple[bool, ...]  # found by a rule, a category
    gold: Mapping[str, float] | None = None  # category -> how right (0.5: could not tell), where a person said


def weak(awards: Iterable[Mapping[str, Any]], reader: AwardReader, left_out: frozenset[str]) -> Iterator[Example]:
    """Awards with what the rules say of them; those whose id or PIID is in ``left_out`` are passed over."""
    for record in awards:
        if str(record.get("id") or record.get("award_key")) in left_out or str(record.get("piid") or "-") in left_out:
            continue
        award = award_of(reading_input({"id": "", **record, "psc": None, "naics": None}) | {
            name: record.get(name) for name in ("psc", "psc_code", "naics", "naics_code")})
        yield _example(award, reader, None)


def gold(records: Iterable[Mapping[str, Any]], reader: AwardReader) -> Iterator[Example]:
    """Awards a person labelled: ``said`` maps a category to 1 (applies), 0 (does not) or 0.5 (could not tell)."""
    for record in records:
        yield _example(award_of(reading_input(dict(record))), reader, record["said"])


def labelled(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a labels file (categories, certainty) as gold records; "none, arguable" is a row too thin to tell."""
    for row in read_awards(path):
        categories = row.get("categories")
        if not isinstance(categories, list) or row.get("certainty") not in ("clear", "arguable"):
            raise ClassifyError(f"{path.name}, award {row['id']}: needs 'categories' (a list) and 'certainty'")
        open_row = UNDECIDED if row["certainty"] == "arguable" and not categories else 0.0
        yield row | {"said": {category: 1.0 if category in categories else open_row for category in CATEGORIES}}


def decided(path: Path) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Gold records out of the Administrator's decisions (docs/reader.md, Decisions), and how many of each were used.

    The latest decision on a statement counts. ``verified`` says its category applies, ``rejected`` that it does not,
    ``wrong_category`` that it does not and ``category`` does; ``wrong_company`` says nothing of the category. Texts are
    read by other weights: their decisions are counted as 'of a text' and not used.
    """
    latest: dict[str, dict[str, Any]] = {}
    for number, row in _decisions(path):
        place = f"{path.name}, line {number}"
        if row.get("decision") not in DECISIONS:
            raise ClassifyError(f"{place}: 'decision' must be one of {', '.join(DECISIONS)}")
        if not all(isinstance(row.get(name), str) and row[name] for name in _NEEDED):
            raise ClassifyError(f"{place}: needs {', '.join(_NEEDED)}")
        if not {row.get("category"), row.get("read_category", row.get("category"))} <= {*CATEGORIES}:
            raise ClassifyError(f"{place}: 'category' and 'read_category' must be of {', '.join(CATEGORIES)}")
        if row["statement_id"] not in latest or latest[row["statement_id"]]["decided_at"] <= row["decided_at"]:
            latest[row["statement_id"]] = row
    counts: Counter[str] = Counter()
    records = []
    for row in latest.values():
        said = _said(row)
        use = "of a text" if row["record_kind"] not in ("award", "subaward") else row["decision"]
        counts[use] += 1
        if use != "of a text" and said:
            records.append({**row, "id": row["record_key"], "said": said})
    return records, counts


def write(examples: Iterable[Example], path: Path) -> int:
    """Writes training data as JSON lines for inspection; returns how many awards."""
    count = 0
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
        for example in examples:
            award = example.award
            row = {"recipient": award.recipient, "vendor": example.vendor, "descriptions": award.descriptions,
                   "targets": dict(zip(CATEGORIES, example.targets, strict=True)),
                   "weights": dict(zip(CATEGORIES, example.weights, strict=True)),
                   "by_person": example.gold is not None, "features": sorted(example.keys),
                   "taken_out": sorted(example.keys - example.masked)}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def _said(row: Mapping[str, Any]) -> dict[str, float]:
    """A category the Administrator judged, and whether it applies."""
    read = row.get("read_category") or row["category"]
    if row["decision"] == "verified":
        return {row["category"]: 1.0}
    if row["decision"] == "rejected":
        return {read: 0.0}
    if row["decision"] == "wrong_category":
        return {read: 0.0, row["category"]: 1.0} if row["category"] != read else {read: 0.0}
    return {}


def _decisions(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise ClassifyError(f"{path}: cannot be read ({problem})") from problem
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as problem:
                raise ClassifyError(f"{path.name}, line {number}: is not JSON ({problem})") from None
            if not isinstance(row, dict):
                raise ClassifyError(f"{path.name}, line {number}: is not an object with the fields of a decision")
            yield number, row


def _example(award: Award, reader: AwardReader, said: Mapping[str, float] | None) -> Example:
    found = {service.category: service for service in reader.read(award).services}
    spans: dict[tuple[str, int], list[Word]] = defaultdict(list)
    for service in found.values():
        for word in service.words:
            if word.bits > 0:
                spans[word.field, word.description].append(word)
    keys, masked = set(), set()
    for feature in award_features(award):
        keys.add(feature.key)
        deciding = spans.get((feature.field, feature.index), ())
        if not any(feature.start < word.end and word.start < feature.end for word in deciding):
            masked.add(feature.key)
    targets = tuple((1.0 if category in found else 0.0) if said is None
                    else (None if said.get(category, UNDECIDED) == UNDECIDED else said[category])
                    for category in CATEGORIES)
    weights = tuple(GOLD_WEIGHT if said is not None else _WEAK[found[c].certainty] if c in found else 1.0
                    for c in CATEGORIES)
    vendor = " ".join(fold(word) for word in award.recipient.replace(",", " ").split()[:2])
    return Example(award, vendor, frozenset(keys), frozenset(masked), targets, weights,
                   tuple(category in found for category in CATEGORIES), said)
