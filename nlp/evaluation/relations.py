"""Judges the text reader against labelled relations, beside a keyword search and the stock spaCy pipeline.

Belongs here: comparing statements with labels a (document, vendor, category), the report. Does not belong here: files
(``labelled_texts``), comparing names (``vendor_names``), thresholds for CI (tests).

Headline: relations that make a candidate (provides, ended), clear rows only. A statement that meets an arguable label
counts neither for nor against; arguable labels are counted apart, by whether they are shown at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from nlp.evaluation import baselines, labelled_texts
from nlp.evaluation.labelled_texts import CANDIDATE, RELATIONS, LabelledText, Relation
from nlp.evaluation.scores import Reliability, Score, reliability, share, table
from nlp.evaluation.vendor_names import same_vendor
from ordinance.services import CATEGORIES

HEADLINE: Final = "Candidates (provides, ended) on clear labels, a find of any certainty"
KEYWORD_TABLE: Final = "Baseline: keyword search, candidates"
STOCK_TABLE: Final = "Baseline: stock spaCy, ORG + agency + keyword in one sentence, candidates"
_SHOWN: Final = 220
_ANY: Final = frozenset(RELATIONS) - {"mentioned_only"}


@dataclass(frozen=True)
class Said:
    """One statement as found: who, what, how it relates, how sure, where."""

    vendor: str
    category: str
    relation: str = "provides"
    clear: bool = True
    score: float = 1.0
    sentence: str = ""
    agency: str = ""


@dataclass(frozen=True)
class Mistake:
    """A miss or a false find with its sentence."""

    what: str
    document: str
    vendor: str
    category: str
    relation: str
    sentence: str


@dataclass
class RelationReport:
    """Figures of one evaluation; each table holds one Score a category (or relation) and 'micro'."""

    documents: int = 0
    labels: int = 0
    tables: dict[str, dict[str, Score]] = field(default_factory=dict)
    arguable: int = 0
    arguable_surfaced: int = 0
    negatives: int = 0
    negatives_with_candidates: int = 0
    sentences: int = 0
    sentences_exact: int = 0
    evidence_judged: int = 0
    evidence_met: int = 0
    calibration: Reliability = field(default_factory=Reliability)
    mistakes: list[Mistake] = field(default_factory=list)
    scored: list[tuple[float, float, dict[str, str]]] = field(default_factory=list)

    def to_dict(self, *, totals: bool = False) -> dict[str, Any]:
        """As plain values; ``totals`` leaves out everything that shows a row."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in (
            "documents", "labels", "arguable", "arguable_surfaced", "negatives", "negatives_with_candidates",
            "sentences", "sentences_exact", "evidence_judged", "evidence_met")}
        plain["tables"] = {title: {name: score.to_dict() for name, score in scores.items()}
                           for title, scores in self.tables.items()}
        plain["calibration"] = self.calibration.to_dict()
        return plain if totals else plain | {"mistakes": [asdict(m) for m in self.mistakes]}

    def render(self, *, totals: bool = False) -> str:
        """As plain text; ``totals`` leaves out the misses and false finds."""
        lines = [f"{self.documents} documents, {self.labels} labelled relations with a category", ""]
        for title, scores in self.tables.items():
            lines += table(title, scores)
        lines += [
            f"Arguable relations surfaced: {share(self.arguable_surfaced, self.arguable)}",
            f"Negative texts with a candidate: {share(self.negatives_with_candidates, self.negatives)}",
            f"Sentences exact: {share(self.sentences_exact, self.sentences)}",
            f"Right finds whose sentence meets the labelled words: {share(self.evidence_met, self.evidence_judged)}",
            f"Calibration error (expected, 10 bins): {self.calibration.error:.3f}",
            *self.calibration.diagram(),
        ]
        if not totals:
            lines += ["", f"Misses and false finds ({len(self.mistakes)})"]
            lines += [f"  {m.what}: {m.document} | {m.vendor} | {m.category} | {m.relation}\n      {m.sentence}"
                      for m in self.mistakes]
        return "\n".join(lines) + "\n"


def evaluate_relations(labels: Path, texts: Path | None = None, manifest: Path | None = None) -> RelationReport:
    """Reads the measured documents of a labels file and judges what the reader says of each.

    Raises nlp.cli.ClassifyError for files that cannot be measured against, and where there is no text reader.
    """
    documents = labelled_texts.load(labels, texts, manifest)
    return judge(documents, labelled_texts.read(documents))


def judge(documents: Iterable[LabelledText], statements: Mapping[str, list[dict[str, Any]]]) -> RelationReport:
    """The report over documents and the statements found in each (TEXT_FOUND's fields)."""
    report = RelationReport()
    measured = list(documents)
    found = {d.document: [_said(s) for s in statements.get(d.document, ()) if s.get("vendor")] for d in measured}
    for document in measured:
        report.documents += 1
        report.labels += sum(1 for r in document.relations if r.category)
        _sentences(report, document, statements.get(document.document, ()))
        _candidates(report, document, found[document.document])
    report.calibration = reliability([(score, right) for score, right, _ in report.scored])
    clear = {name: [s for s in said if s.clear] for name, said in found.items()}
    tables = report.tables
    tables[HEADLINE] = _by_category(measured, found, CANDIDATE)
    tables["The same, only finds the reader calls clear"] = _by_category(measured, clear, CANDIDATE)
    tables["Whatever the relation, on clear labels"] = _by_category(measured, found, _ANY)
    tables["A relation at a time, on clear labels"] = {
        name: _by_category(measured, found, {name})["micro"] for name in RELATIONS if name != "mentioned_only"}
    for title, baseline in ((KEYWORD_TABLE, baselines.keyword_relations), (STOCK_TABLE, baselines.stock_relations)):
        tables[title] = _by_category(measured, _plain(baseline, measured), CANDIDATE)
    return report


def _plain(
    baseline: Callable[[Iterable[tuple[str, str]]], baselines.Found], measured: Iterable[LabelledText]
) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for document, vendor, category in sorted(baseline((d.document, d.text) for d in measured)):
        found.setdefault(document, []).append(Said(vendor, category))
    return found


def _said(statement: Mapping[str, Any]) -> Said:
    return Said(statement["vendor"], statement["category"], statement["relation"], statement["certainty"] == "clear",
                float(statement["score"]), statement["sentence"] or "", statement.get("agency_id") or "")


def _by_category(
    documents: Iterable[LabelledText], found: Mapping[str, list[Said]], relations: Collection[str]
) -> dict[str, Score]:
    """Scores a category: of clear labels and finds of these relations, each vendor counted once a document."""
    scores = {name: Score() for name in (*CATEGORIES, "micro")}
    for document in documents:
        for category in CATEGORIES:
            expected = _vendors(r.vendor for r in document.relations
                                if r.clear and r.category == category and r.relation in relations)
            said = _vendors(s.vendor for s in found.get(document.document, ())
                            if s.category == category and s.relation in relations)
            met = sum(any(same_vendor(vendor, name) for name in said) for vendor in expected)
            false = sum(not any(same_vendor(name, vendor) for vendor in expected)
                        and not _open(document, name, category, relations) for name in said)
            for score in (scores[category], scores["micro"]):
                score.true, score.missed = score.true + met, score.missed + len(expected) - met
                score.false += false
    return scores


def _vendors(names: Iterable[str]) -> list[str]:
    """Names of different vendors: each by the first form met."""
    kept: list[str] = []
    for name in names:
        if not any(same_vendor(name, other) for other in kept):
            kept.append(name)
    return kept


def _open(document: LabelledText, vendor: str, category: str, relations: Collection[str]) -> bool:
    """True where an arguable label says, or does not rule out, what was found: it counts neither way."""
    return any(not r.clear and r.relation in relations and r.category in (category, None)
               and same_vendor(r.vendor, vendor) for r in document.relations)


def _candidates(report: RelationReport, document: LabelledText, said: Iterable[Said]) -> None:
    """Misses, false finds, arguable labels surfaced, scores, evidence of one document's candidates."""
    finds = [s for s in said if s.relation in CANDIDATE]
    labels = [r for r in document.relations if r.relation in CANDIDATE and r.category]
    report.negatives += document.negative
    report.negatives_with_candidates += document.negative and bool(finds)
    for label in labels:
        met = [s for s in finds if s.category == label.category and same_vendor(s.vendor, label.vendor)]
        if not label.clear:
            report.arguable += 1
            report.arguable_surfaced += bool(met)
        if not met:
            report.mistakes.append(_mistake("missed" if label.clear else "not surfaced", document, label.vendor,
                                            label.category, label.relation, label.evidence))
        elif label.evidence:
            report.evidence_judged += 1
            report.evidence_met += any(_meets(s.sentence, label.evidence) for s in met)
    for find in finds:
        right = _right(find, labels)
        if right is None and _open(document, find.vendor, find.category, CANDIDATE):
            continue
        report.scored.append((find.score, bool(right), {
            "category": find.category, "certainty": "clear" if find.clear else "arguable", "source": document.kind,
            "agency": find.agency or "-"}))
        if not right:
            report.mistakes.append(
                _mistake("false find", document, find.vendor, find.category, find.relation, find.sentence))


def _right(find: Said, labels: Iterable[Relation]) -> bool | None:
    """True where a label, clear or arguable, says the same; None where none does."""
    met = any(label.category == find.category and same_vendor(label.vendor, find.vendor) for label in labels)
    return True if met else None


def _sentences(report: RelationReport, document: LabelledText, statements: Iterable[Mapping[str, Any]]) -> None:
    for statement in statements:
        report.sentences += 1
        exact = document.text[statement["start"] : statement["end"]] == statement["sentence"]
        report.sentences_exact += exact
        if not exact:
            report.mistakes.append(_mistake("sentence not exact", document, statement.get("vendor") or "",
                                            statement["category"], statement["relation"], statement["sentence"] or ""))


def _meets(sentence: str, evidence: str) -> bool:
    """True where a run of the labelled words stands in the sentence, or the sentence within them."""
    found, labelled = (" ".join(text.lower().split()) for text in (sentence, evidence))
    words = labelled.split()
    run = " ".join(words[: min(4, len(words))])
    return labelled in found or found in labelled or run in found


def _mistake(what: str, document: LabelledText, vendor: str, category: str | None, relation: str, text: str) -> Mistake:
    return Mistake(what, document.document, vendor, category or "none", relation, " ".join(text.split())[:_SHOWN])
