"""Judges the award reader against labelled awards, beside a plain keyword search in the same run.

Belongs here: figures, calibration, misses and false finds, their plain-text table. Does not belong here: the
reading (``nlp.reader``), thresholds for CI (tests).

Calibration judges every find on every row: it is right when its category is labelled, clear or arguable, and half
right on a row labelled "none, arguable", where the labeller could not tell. Clear rows are counted twice: a find
counts whatever its certainty (``any``, the headline), and only when the reader itself calls it clear (``clear``).
Arguable rows are counted apart: is one of the labelled categories shown?
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from nlp.cli import ClassifyError, classify, read_awards
from nlp.evaluation.scores import Reliability, Score, reliability, share, table
from nlp.reader import AwardReader
from ordinance.services import CATEGORIES

_SHOWN: Final = 140
# What a person would type into a search box, and no more: the bar the reader must clear.
KEYWORDS: Final[dict[str, tuple[str, ...]]] = {
    "data_broker": ("DATA BROKER", "SKIP TRAC", "LEXISNEXIS", "ACCURINT", "THOMSON REUTERS", "CLEAR ", "LICENSE PLATE",
                    "DATABASE", "CREDIT REPORT", "VENNTEL", "BABEL", "PUBLIC RECORD", "LOCATION DATA"),
    "extreme_vetting": ("VETTING", "ANALYTIC", "SOCIAL MEDIA", "FACIAL", "BIOMETRIC", "PALANTIR", "FALCON", "RAVEN",
                        "CASE MANAGEMENT", "TARGETING", "SCREENING", "INTELLIGENCE", "GIANT OAK"),
    "detention": ("DETENTION", "DETAINEE", "CUSTODY", "REMOVAL", "PROCESSING CENTER", "GUARD", "MIGRANT", "ALIEN",
                  "HOLDING", "BORDER PATROL STATION"),
}


@dataclass(frozen=True)
class Mistake:
    """A miss, a false find or a wrong entity kind, with enough text to see why."""

    what: str
    id: str
    recipient: str
    text: str
    expected: str
    found: str


@dataclass
class Report:
    """Figures of one evaluation; ``any``, ``clear`` and ``keywords`` hold one Score a category and 'micro'."""

    rows: int = 0
    clear_rows: int = 0
    any: dict[str, Score] = field(default_factory=dict)
    clear: dict[str, Score] = field(default_factory=dict)
    keywords: dict[str, Score] = field(default_factory=dict)
    arguable_rows: int = 0
    arguable_surfaced: int = 0
    arguable_open_rows: int = 0
    arguable_open_surfaced: int = 0
    entity_rows: int = 0
    entity_right: int = 0
    calibration: Reliability = field(default_factory=Reliability)
    scored: list[tuple[float, float, dict[str, str]]] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def expected_calibration_error(self) -> float:
        """Mean distance of score and truth over ten bins, weighted by finds."""
        return self.calibration.error

    def to_dict(self, *, totals: bool = False) -> dict[str, Any]:
        """As plain values, for JSON; ``totals`` leaves out everything that shows a row."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in (
            "rows", "clear_rows", "arguable_rows", "arguable_surfaced", "arguable_open_rows", "arguable_open_surfaced",
            "entity_rows", "entity_right", "expected_calibration_error")}
        for name in ("any", "clear", "keywords"):
            plain[name] = {category: score.to_dict() for category, score in getattr(self, name).items()}
        plain["calibration"] = self.calibration.bins
        return plain if totals else plain | {"mistakes": [asdict(mistake) for mistake in self.mistakes]}

    def render(self, *, mistakes: int = 40, totals: bool = False) -> str:
        """The report as plain text; at most ``mistakes`` misses and false finds are listed, with ``totals`` none."""
        lines = [f"{self.rows} awards, {self.clear_rows} of them clear", ""]
        for title, scores in (("Clear rows, a find of any certainty", self.any),
                              ("Clear rows, only finds the reader calls clear", self.clear),
                              ("Clear rows, plain keyword search", self.keywords)):
            lines += table(title, scores)
        lines += [
            f"Arguable rows surfaced: {share(self.arguable_surfaced, self.arguable_rows)}",
            f"Arguable rows without a category that show one: "
            f"{share(self.arguable_open_surfaced, self.arguable_open_rows)}",
            f"Entity kind right: {share(self.entity_right, self.entity_rows)}",
            f"Calibration error (expected, 10 bins): {self.expected_calibration_error:.3f}",
            *self.calibration.diagram(),
        ]
        if not totals:
            lines += ["", f"Misses and false finds ({len(self.mistakes)})"]
            lines += [f"  {m.what}: {m.id} | {m.recipient} | expected {m.expected} | found {m.found}\n      {m.text}"
                      for m in self.mistakes[:mistakes]]
        return "\n".join(lines) + "\n"


def evaluate_awards(
    path: str | Path, *, keep: Callable[[Mapping[str, Any]], bool] | None = None, reader: AwardReader | None = None
) -> Report:
    """Reads the labelled awards of a JSONL file (fields of ``classify_file`` plus categories, certainty, entity).

    ``keep`` chooses rows (for a split), ``reader`` is another reader than this process's. Raises
    nlp.cli.ClassifyError for a file without awards, naming the line that cannot be read or the award without label.
    """
    source = Path(path)
    try:
        report = evaluate_records((row for row in read_awards(source) if keep is None or keep(row)), reader)
    except OSError as problem:
        raise ClassifyError(f"{source}: {problem.strerror}. Check name and permissions") from problem
    if not report.rows:
        raise ClassifyError(f"{source}: holds no labelled award to measure against")
    return report


awards = evaluate_awards


def evaluate_records(records: Iterable[dict[str, Any]], reader: AwardReader | None = None) -> Report:
    """The same over records already read."""
    report = Report()
    for scores in (report.any, report.clear, report.keywords):
        scores.update({name: Score() for name in (*CATEGORIES, "micro")})
    for record in records:
        labels = _labels(record)
        answer = classify(record, reader)
        found = {s["category"]: s for s in answer["services"]}
        report.rows += 1
        _entity(report, record, answer["entity"])
        if record.get("certainty") == "clear":
            report.clear_rows += 1
            _count(report.any, set(found), labels)
            _count(report.clear, {c for c, s in found.items() if s["certainty"] == "clear"}, labels)
            _count(report.keywords, keyword_search(record), labels)
            _mistakes(report, record, labels, found)
            report.scored += _scored(record, labels, found)
        elif labels:
            report.arguable_rows += 1
            report.arguable_surfaced += bool(labels & set(found))
            report.scored += _scored(record, labels, found)
            if not labels & set(found):
                report.mistakes.append(_mistake("not surfaced", record, labels, found))
        else:
            report.arguable_open_rows += 1
            report.arguable_open_surfaced += bool(found)
            report.scored += _scored(record, labels, found)
    report.calibration = reliability([(score, right) for score, right, _ in report.scored])
    return report


def _labels(record: Mapping[str, Any]) -> set[str]:
    labels = record.get("categories")
    if not isinstance(labels, list) or not all(label in CATEGORIES for label in labels):
        raise ClassifyError(f"award {record.get('id')}: 'categories' must be a list of {', '.join(CATEGORIES)}, "
                            "or empty")
    if record.get("certainty") not in ("clear", "arguable"):
        raise ClassifyError(f"award {record.get('id')}: 'certainty' must be clear or arguable")
    return set(labels)


def _count(table: dict[str, Score], found: set[str], labels: set[str]) -> None:
    for category in CATEGORIES:
        for score in (table[category], table["micro"]):
            score.true += category in found and category in labels
            score.false += category in found and category not in labels
            score.missed += category not in found and category in labels


def keyword_search(record: Mapping[str, Any]) -> set[str]:
    """The baseline: categories one of whose plain keywords stands anywhere in descriptions or recipient."""
    descriptions = record.get("descriptions") or ""
    text = (descriptions if isinstance(descriptions, str) else " ".join(descriptions)).upper()
    text += f" {str(record.get('recipient') or '').upper()} "
    return {category for category, words in KEYWORDS.items() if any(word in text for word in words)}


def _scored(
    record: Mapping[str, Any], labels: set[str], found: Mapping[str, Any]
) -> list[tuple[float, float, dict[str, str]]]:
    """Score and truth of each find, with the slices calibration is shown by."""
    undecided = 0.5 if record["certainty"] == "arguable" and not labels else 0.0
    return [(s["score"], 1.0 if category in labels else undecided,
             {"category": category, "agency": str(record.get("agency") or "-"), "certainty": s["certainty"],
              "source": str(record.get("source") or record.get("stratum") or "-")}) for category, s in found.items()]


def _entity(report: Report, record: Mapping[str, Any], found: str) -> None:
    expected = record.get("entity")
    if not expected:
        return
    report.entity_rows += 1
    report.entity_right += expected == found
    if expected != found:
        report.mistakes.append(
            Mistake("entity", str(record["id"]), str(record.get("recipient")), "", str(expected), found))


def _mistakes(report: Report, record: Mapping[str, Any], labels: set[str], found: Mapping[str, Any]) -> None:
    if labels - set(found):
        report.mistakes.append(_mistake("missed", record, labels, found))
    if set(found) - labels:
        report.mistakes.append(_mistake("false find", record, labels, found))


def _mistake(what: str, record: Mapping[str, Any], labels: set[str], found: Mapping[str, Any]) -> Mistake:
    descriptions = record.get("descriptions") or ""
    text = descriptions if isinstance(descriptions, str) else " || ".join(descriptions)
    shown = ", ".join(f"{c} ({s['certainty']} {s['score']:.2f}: {'; '.join(s['words'][:3])})" for c, s in found.items())
    return Mistake(what, str(record["id"]), str(record.get("recipient")), text[:_SHOWN],
                   ", ".join(sorted(labels)) or "none", shown or "none")
