"""`section3c evaluate matching`: how well the matcher does on labelled pairs, and in a search of a long list.

Belongs here: reading labels, running ours and the baselines on the same pairs, the report. Does not belong here: the
arithmetic (measure), the baselines (baselines), peers in their own environment (tests/peers).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entities.matching import baselines
from entities.matching.index import NameIndex
from entities.matching.matcher import Matcher
from entities.matching.measure import Score, curve, score
from records.delimited import Delimited, DelimitedError, read_delimited

_TRUE: Final = frozenset({"1", "true", "yes", "y", "same"})
_FALSE: Final = frozenset({"0", "false", "no", "n", "different"})
_SEARCHED: Final = 100  # candidates a watch name


@dataclass(frozen=True)
class Line:
    """Figures of one way of matching. ``tuned`` ways were given the threshold that is best on these very labels."""

    name: str
    precision: float
    recall: float
    f1: float
    recall_at_95: float | None
    tuned: bool


@dataclass(frozen=True)
class Miss:
    """A pair called wrongly, or a name of a search."""

    name_a: str
    name_b: str
    same: bool
    score: float
    group: str
    reason: str


@dataclass(frozen=True)
class MatchingReport:
    """What ``render`` prints. Groups are rows by kind and bucket, where the file has those columns."""

    title: str
    pairs: int
    same: int
    threshold: float
    version: str
    lines: tuple[Line, ...]
    groups: tuple[tuple[str, Score], ...]
    misses: tuple[Miss, ...]

    def to_dict(self, *, totals: bool = False) -> dict[str, Any]:
        """The report as plain values; ``totals`` leaves every single pair out."""
        found = {"title": self.title, "pairs": self.pairs, "same": self.same, "threshold": self.threshold,
                 "version": self.version, "figures": [asdict(line) for line in self.lines],
                 "groups": {name: {"pairs": one.pairs, "precision": one.precision, "recall": one.recall, "f1": one.f1}
                            for name, one in self.groups}}
        return found if totals else {**found, "misses": [asdict(miss) for miss in self.misses]}

    def render(self, *, totals: bool = False) -> str:
        """The report as text."""
        width = max(len(line.name) for line in self.lines)
        out = [f"{self.title}: {self.pairs:,} pairs, {self.same:,} the same; scorecard {self.version}, "
               f"same from {self.threshold:+.2f} bits", "",
               f"{'':<{width}}  precision  recall     F1  recall at 95 % precision"]
        out += [f"{line.name:<{width}}  {line.precision:9.3f}  {line.recall:6.3f}  {line.f1:5.3f}  "
                f"{'-' if line.recall_at_95 is None else format(line.recall_at_95, '.3f')}"
                f"{'  (threshold tuned on these pairs)' if line.tuned else ''}" for line in self.lines]
        if self.groups:
            wide = max(len(name) for name, _ in self.groups)
            out += ["", f"{'ours by group':<{wide}}  pairs   right  wrong  missed"]
            out += [f"{name:<{wide}}  {one.pairs:5}  {one.right:6}  {one.wrong:5}  {one.missed:6}"
                    for name, one in self.groups]
        if not totals and self.misses:
            out += ["", f"called wrongly ({len(self.misses)}):"]
            out += [f"  {'missed' if miss.same else 'wrong '} {miss.score:+6.1f}  {miss.name_a} | {miss.name_b}"
                    f"{'  [' + miss.group + ']' if miss.group else ''}" for miss in self.misses]
        return "\n".join(out)


def evaluate_pairs(file: Path) -> MatchingReport:
    """Labelled pairs (columns name_a, name_b, same; kind and bucket are shown where there) against ours and baselines.

    Raises DelimitedError for a file without those columns or with a label that is neither yes nor no.
    """
    table = read_delimited(file)
    a, b, same = table.column("name_a"), table.column("name_b"), _labels(table, file)
    found = Matcher()
    scores = found.score_many(a, b)
    bits = scores.bits.astype(np.float64)
    called = scores.same
    # a name held back for review counts below every name confirmed
    ranked = np.where((scores.code == 1) & (bits >= found.scorecard.same), found.scorecard.same - 0.001, bits)
    others = baselines.of_pairs(a, b)
    exact = others.pop("the same spelling")
    lines = (_line("ours", called, same, ranked),
             _line("ours, by the bits alone", bits >= found.scorecard.same, same, bits),
             _line("the same spelling", exact == 1, same, exact),
             *(_tuned(name, values, same) for name, values in others.items()))
    groups = tuple((f"{column} {value}", score(called[rows], same[rows])) for column in ("source", "kind", "bucket")
                   for value, rows in _groups(table, column))
    kinds = table.column("kind") if table.position("kind") is not None else [""] * len(a)
    misses = tuple(Miss(a[at], b[at], bool(same[at]), round(float(bits[at]), 2), kinds[at],
                        found.score(a[at], b[at]).reason) for at in np.flatnonzero(called != same))
    return MatchingReport("pairs", len(a), int(same.sum()), found.scorecard.same, found.version, lines, groups, misses)


def evaluate_watch(file: Path, names: Path) -> MatchingReport:
    """A search of watch names (name_a) in a long list (column name, or the first one), against the pairs labelled the
    same (name_b as it stands in the list). Names of the list that no row calls the same are others.

    Raises DelimitedError as ``evaluate_pairs`` does.
    """
    table, listed = read_delimited(file), read_delimited(names)
    same = _labels(table, file)
    column = listed.position("name")
    every = list(dict.fromkeys(row[column or 0] for row in listed.rows))
    a, b = table.column("name_a"), table.column("name_b")
    watch = list(dict.fromkeys(a))
    truth = {(one, two) for one, two, label in zip(a, b, same, strict=True) if label}
    missing = {two for _, two in truth} - set(every)
    if missing:
        raise DelimitedError(f"{file}: {len(missing)} names of name_b do not stand in {names} as written, first "
                             f"{sorted(missing)[0]!r}")
    matcher = Matcher()
    hits = NameIndex(every, matcher).search_many(watch, _SEARCHED)
    got = {(watch[query], every[at]): (float(bits), code == 2)
           for query, at, bits, code in zip(hits.query, hits.position, hits.bits, hits.code, strict=True)}
    called = {pair for pair, (_, sure) in got.items() if sure}
    lines = (_search_line("ours", called, truth), _search_line("ours, reviews too", set(got), truth),
             *(_search_line(name, found, truth, tuned=name != "the same spelling")
               for name, found in baselines.of_search(watch, every, truth).items()))
    misses = tuple(Miss(one, two, (one, two) in truth, round(got.get((one, two), (-99.0, False))[0], 2), "", "")
                   for one, two in sorted(called ^ truth))
    return MatchingReport(f"search of {len(watch)} watch names in {len(every):,} names", len(got), len(truth),
                          matcher.scorecard.same, matcher.version, lines, (), misses)


def _labels(table: Delimited, file: Path) -> NDArray[np.bool_]:
    read = [value.strip().casefold() for value in table.column("same")]
    for number, value in enumerate(read, start=2):
        if value not in _TRUE | _FALSE:
            raise DelimitedError(f"{file}: row {number}: same is {value!r}; write 1 or 0")
    return np.array([value in _TRUE for value in read], bool)


def _groups(table: Delimited, column: str) -> list[tuple[str, NDArray[np.bool_]]]:
    if table.position(column) is None:
        return []
    values = np.array(table.column(column), object)
    return [(value, values == value) for value in sorted(set(values))]


def _line(name: str, called: NDArray[np.bool_], same: NDArray[np.bool_], ranked: NDArray[np.float64],
          tuned: bool = False) -> Line:
    one = score(called, same)
    return Line(name, one.precision, one.recall, one.f1, curve(ranked, same).recall_at(0.95), tuned)


def _tuned(name: str, values: NDArray[np.float64], same: NDArray[np.bool_]) -> Line:
    return _line(name, values > curve(values, same).best_threshold, same, values, tuned=True)


def _search_line(name: str, found: set[tuple[str, str]], truth: set[tuple[str, str]], *, tuned: bool = False) -> Line:
    right = len(found & truth)
    one = Score(len(found), right, len(found) - right, len(truth) - right)
    return Line(name, one.precision, one.recall, one.f1, None, tuned)

