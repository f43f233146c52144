"""Measures families: is the expected parent found for a child, where the source data hold it?

Belongs here: reading edge files and award files as source rows, the measure, its report. Does not belong here: the
rules measured (edges.py, graph.py, resolution).

An expected edge is *held* when a source row states it: child and parent by id, or by full name in one spelling. It is
*owner* when the child's chain upwards on a day within the edge's days leads to the parent; *shown* when the parent
stands on the child's page with the reason why it is not the owner (self: its own name under another number; government;
superseded, ended, spun_off); *missed* otherwise. Every link of a chain must carry its source and evidence. Source rows
are the award files and edge files given; without any, the expected edges themselves, which measures what rules lose.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from entities.families.award_files import award_rows
from entities.families.edges import STANDS, Edge, said_days
from entities.ids import clean_duns, clean_uei
from entities.names import normalise
from entities.resolution.gather import Known, add_family, add_listed, add_records, within
from entities.resolution.resolver import Resolution, resolve
from ordinance.families import families, first_day, last_day

_NEEDED: Final = frozenset({"child", "parent", "relation"})
_MISSES_SHOWN: Final = 25


class EvaluateError(ValueError):
    """A file cannot be measured; the message says which and why."""


@dataclass
class FamilyReport:
    """Counts by relation, shares, misses and conflicts. ``shown_as`` counts the reasons of parents that are shown."""

    expected: int = 0
    held: int = 0
    by_relation: dict[str, Counter[str]] = field(default_factory=dict)
    shown_as: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    unsourced: int = 0

    def count(self, outcome: str) -> int:
        """Expected edges of an outcome: owner, shown, missed, not held."""
        return sum(counts[outcome] for counts in self.by_relation.values())

    @property
    def found(self) -> float:
        """Share of the held edges whose parent is owner or shown with its reason."""
        return (self.count("owner") + self.count("shown")) / self.held if self.held else 0.0

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"expected": self.expected, "held": self.held, "owner": self.count("owner"), "unsourced": self.unsourced,
                "shown": self.count("shown"), "missed": self.count("missed"), "found": self.found,
                "shown_as": dict(self.shown_as),
                "by_relation": {name: dict(counts) for name, counts in self.by_relation.items()},
                "misses": self.misses, "conflicts": self.conflicts}  # fmt: skip

    def render(self) -> str:
        """For a person."""
        lines = [f"{self.expected} edges expected, {self.held} held by source rows, of these found {self.found:.1%}: "
                 f"{self.count('owner')} as owner, {self.count('shown')} shown with the reason why not owner, "
                 f"{self.count('missed')} missed; links without source or evidence: {self.unsourced}"]  # fmt: skip
        for name, counts in sorted(self.by_relation.items()):
            lines.append(f"  {name}: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
        lines.append("  shown as: " + (", ".join(f"{n} {why}" for why, n in self.shown_as.most_common()) or "none"))
        lines += [f"  missed: {miss}" for miss in self.misses[:_MISSES_SHOWN]]
        lines.append(f"{len(self.conflicts)} conflicts reported")
        lines += [f"  conflict: {conflict}" for conflict in self.conflicts[:_MISSES_SHOWN]]
        return "\n".join(lines)


def evaluate_families(
    expected: Path, awards: Sequence[Path] = (), edges: Sequence[Path] = ()
) -> FamilyReport:
    """Measure ``expected`` (child, child_id, parent, parent_id, relation, from, to, source) against source rows.

    Raises EvaluateError for a file that cannot be read or lacks columns.
    """
    wanted = list(_edge_file(expected))
    known = Known()
    for path in awards:
        add_records(known, award_rows(path))
    sources = [row for path in (edges or (() if awards else (expected,))) for row in _edge_file(path)]
    for row in sources:
        _add(known, row)
    add_listed(known, families())
    return _measure(wanted, known, resolve(known))


def _edge_file(path: Path) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = _NEEDED - set(reader.fieldnames or ())
            if missing:
                raise EvaluateError(f"{path.name} has no column {', '.join(sorted(missing))}; needed: child, parent, "
                                    "relation (child_id, parent_id, from, to, source as known)")  # fmt: skip
            for row in reader:
                yield {key: (value or "").strip() for key, value in row.items() if key}
    except (OSError, UnicodeDecodeError, csv.Error, EOFError) as error:
        raise EvaluateError(f"{path.name} cannot be read: {error}") from error


def _add(known: Known, row: Mapping[str, str]) -> None:
    """A source row as an edge. A spin-off ends what its parent owned; an end by name only is known within the other."""
    child_id, parent_id = _ids(row)
    relation = row["relation"].casefold()
    since, until = (row.get(name) or None for name in ("from", "to"))
    begin, end = _day(since, first=True), _day(until, first=False)
    control, source, ended = "parent", "file", None
    if "spun off" in relation or "spin" in relation:
        control, ended, begin, end = "subsidiary", "spun_off", None, begin
    elif "acquired" in relation:
        control = "acquired"
    elif "exhibit 21" in relation:
        control, source = "subsidiary", "exhibit21"
    elif "ultimate" in relation:
        control, source = "ultimate_parent", "award"
    add_family(known, Edge(
        child_id, parent_id, control, source, row["relation"], row["child"], row["parent"], begin, end, begin, end, 1,
        row.get("source") or "the file", ended, said_days(None if ended else since, since if ended else until),
    ))  # fmt: skip


def _ids(row: Mapping[str, str]) -> tuple[str, str]:
    parent = _id(row.get("parent_id")) or f"name:{normalise(row['parent'])}"
    return _id(row.get("child_id")) or within("name:", row["child"], parent), parent


def _id(text: str | None) -> str | None:
    kind, _, value = (text or "").partition(":")
    if kind == "uei":
        return f"uei:{good}" if (good := clean_uei(value)) else None
    if kind == "duns":
        return f"duns:{number}" if (number := clean_duns(value)) else None
    return f"{kind}:{value}" if kind in ("cik", "lei") and value else None


def _day(text: str | None, *, first: bool) -> date | None:
    try:
        return (first_day if first else last_day)(text) if text else None
    except ValueError:
        return None


def _measure(wanted: Sequence[Mapping[str, str]], known: Known, who: Resolution) -> FamilyReport:
    report = FamilyReport(expected=len(wanted))
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for alias in who.aliases:
        by_name[normalise(alias.name)].add(alias.company_id)
    for node in known.nodes.values():
        for name in node.names:
            by_name[name].add(who.of(node.id))
    stated = {(e.child, e.parent) for e in who.edges}
    concerned: set[str] = set()
    for row in wanted:
        children, parents = (_companies(row, end, by_name, known, who) for end in ("child", "parent"))
        concerned |= children
        outcome = _outcome(row, children, parents, stated, who, report)
        report.by_relation.setdefault(row["relation"], Counter())[outcome] += 1
        report.held += outcome != "not held"
        if outcome == "missed":
            report.misses.append(f"{row['child']} -> {row['parent']} ({row['relation']})")
    report.conflicts = [
        f"{c.company_id} {c.kind}: {c.explanation}" for c in who.conflicts() if c.company_id in concerned
    ]
    return report


def _companies(
    row: Mapping[str, str], end: str, by_name: Mapping[str, set[str]], known: Known, who: Resolution
) -> set[str]:
    """Companies that the row's end means: by its id where the sources know it, else by full name."""
    own = _id(row.get(end + "_id"))
    if own and own in known.nodes:
        return {who.of(own)}
    return set(by_name.get(normalise(row[end]), ()))


def _outcome(
    row: Mapping[str, str], children: Iterable[str], parents: set[str], stated: set[tuple[str, str]], who: Resolution,
    report: FamilyReport,
) -> str:
    pairs = [(child, parent) for child in sorted(children) for parent in sorted(parents)]
    one = any(child == parent for child, parent in pairs)
    if not one and not any(pair in stated for pair in pairs):
        above = [p for p in pairs if p[1] in who.family.above(p[0], _asked(row))]
        if not above:
            return "not held"
    for child, parent in pairs:
        for way in who.family.ancestors(child, _asked(row)):
            reached = [edge.parent for edge in way]
            if parent in reached:
                chain = way[: reached.index(parent) + 1]
                report.unsourced += any(not edge.source or not edge.evidence or not edge.reason for edge in chain)
                return "owner"
    why = [edge.standing for child, parent in pairs for edge in who.family.stated(child) if edge.parent == parent]
    reasons = [standing for standing in why if standing != STANDS]
    if one or reasons:
        report.shown_as["one company" if one else reasons[0]] += 1
        return "shown"
    return "missed"


def _asked(row: Mapping[str, str]) -> date | None:
    """A day on which the edge should hold: the last of its days; of a spin-off the day before."""
    begin, end = _day(row.get("from") or None, first=True), _day(row.get("to") or None, first=False)
    if "spun off" in row["relation"].casefold():
        return begin - timedelta(days=1) if begin else None
    return end or begin
