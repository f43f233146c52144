"""`section3c bench`: speed and memory, each figure a ratio to a named baseline in the same run.

Belongs here: running the measurements one after another, and what is asked of each. Does not belong here: the thing
measured. Absolute figures vary with the machine and the hour; the ratios are what is compared.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from records.schemas import READING_INPUT
from records.workspace import Workspace

LEAST_LOAD_RATIO: Final = 0.5
MOST_LOAD_GIB: Final = 2.0
LEAST_DISTINCT_A_MINUTE: Final = 20_000
MOST_REPEAT_RATIO: Final = 0.5
MOST_QUIET_NIGHT: Final = 0.05
LEAST_PAIRS: Final = 100_000
MOST_GROWTH: Final = 1.5  # beside n log n: figures of one run vary by a third on a shared machine
_PREPARED: Final = 50_000
_ASKED_NAMES: Final = 100_000
_DISTINCT: Final = 6_000
_REPEATS: Final = 10
_BATCH: Final = 1_000
LEAST_NEWS_RATIO: Final = 10
MOST_LOST: Final = 0.01
_TEXTS: Final = 1_000
_STOCK_TEXTS: Final = 100
_MOST_AWARDS: Final = 3_000_000


@dataclass(frozen=True)
class Measure:
    """One figure beside what is asked of it; ``ok`` None where nothing is asked."""

    name: str
    value: str
    asked: str = ""
    ok: bool | None = None


@dataclass
class BenchReport:
    """All measures of one run."""

    measures: list[Measure] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when every measure that something is asked of holds."""
        return all(measure.ok is not False for measure in self.measures)

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps({"ok": self.ok, "measures": [asdict(one) for one in self.measures]}, indent=1)

    def render(self) -> str:
        """One line a measure."""
        width = max(len(one.name) for one in self.measures)
        marks = {True: "ok  ", False: "MISS", None: "    "}
        lines = [f"{marks[one.ok]} {one.name:<{width}}  {one.value}" for one in self.measures]
        asked = [f"  (asked: {one.asked})" if one.asked else "" for one in self.measures]
        return "\n".join(line + note for line, note in zip(lines, asked, strict=True))


def bench(rows: int, sample: Path) -> BenchReport:
    """Measure loading of ``rows`` official rows, reading of awards, and a no-change night over ``sample``.

    Takes a few minutes and, for two million rows, about 6 GB of disk. Raises RuntimeError when a night fails.
    """
    report = BenchReport()
    with tempfile.TemporaryDirectory(prefix="section3c-bench-") as name:
        folder = Path(name)
        report.measures += _nights(folder / "data", sample)
        report.measures += _reading(Workspace(folder / "data"))
        report.measures += _news()
        report.measures += _loading(rows, folder)
    return report


def bench_names(count: int) -> BenchReport:
    """The matcher: pairs a second on one core, ``count`` payees searched in ``count`` names, growth from 10,000 on.

    Takes about half a minute for 100,000 names, ten minutes for a million.
    """
    from entities.matching import bench as matching

    names = matching.made_names(min(count, _PREPARED))
    rate, prepared, baseline = matching.pairs_per_second(names)
    report = BenchReport([
        Measure("name pairs a second, one core", f"{rate:,.0f}", f"at least {LEAST_PAIRS:,}", rate >= LEAST_PAIRS),
        Measure("  baseline: RapidFuzz token_sort_ratio", f"{baseline:,.0f}"),
        Measure("  names prepared a second, once each", f"{prepared:,.0f}")])
    steps = [size for size in (10_000, 30_000, 100_000, 300_000) if size < count] + [count]
    curve = [matching.search(size) for size in steps]
    report.measures += [
        Measure(f"{one.names:,} payees in {one.names:,} names", f"{one.seconds:.1f} s of CPU, {one.hits:,} hits, "
                f"{one.per_name * 1e6:.1f} microseconds a name and log2 n") for one in curve]
    growth = curve[-1].per_name / curve[0].per_name
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    report.measures += [
        Measure("  growth beside n log n", f"{growth:.2f} from {steps[0]:,} to {count:,}", f"at most {MOST_GROWTH:g}",
                growth <= MOST_GROWTH if count > steps[0] else None),
        Measure("  memory at most", f"{memory:.2f} GiB", f"under {MOST_LOAD_GIB:g} GiB",
                memory < MOST_LOAD_GIB if count <= _ASKED_NAMES else None)]
    return report


def _loading(rows: int, folder: Path) -> Iterator[Measure]:
    from crawlers.usaspending.bench import measure

    found = measure(rows, folder=folder)
    ratio, memory = found["ratio"], found["peak_gib"]
    yield Measure("award load, rows a second",
                  f"{found['rows_per_second']:,} of {rows:,} rows, {found['columns']} columns")
    yield Measure("  baseline: DuckDB, same CSV to Parquet", f"{found['baseline_rows_per_second']:,}")
    yield Measure("  ratio", f"{ratio:.2f}", f"at least {LEAST_LOAD_RATIO}", ratio >= LEAST_LOAD_RATIO)
    yield Measure("  memory at most", f"{memory:.2f} GiB", f"under {MOST_LOAD_GIB:g} GiB", memory < MOST_LOAD_GIB)


def _reading(workspace: Workspace) -> Iterator[Measure]:
    """Distinct awards are the sample's own, told apart by a number in the text; so nothing is read from memory."""
    from nlp.awards import read_batches
    from nlp.evaluate import keyword_search

    awards = award_inputs(workspace)
    distinct = [_numbered(awards[number % len(awards)], number) for number in range(_DISTINCT)]
    texts = sum(len(one["descriptions"]) for one in distinct)
    list(read_batches([_batch(awards[:1])]))  # the vocabulary is loaded once a process
    once = _timed(lambda: list(read_batches(_batches(distinct))))
    again = _timed(lambda: list(read_batches(_batches(distinct * _REPEATS))))
    plain = _timed(lambda: [keyword_search(one) for one in distinct])
    rate = texts / once * 60
    yield Measure("reading, distinct descriptions a minute", f"{rate:,.0f} in {_DISTINCT:,} awards, one process",
                  f"at least {LEAST_DISTINCT_A_MINUTE:,}", rate >= LEAST_DISTINCT_A_MINUTE)
    yield Measure("  baseline: keyword search", f"{texts / plain * 60:,.0f}")
    ratio = again / (once * _REPEATS)
    yield Measure(f"  the same {_REPEATS} times over, of {_REPEATS} times the work", f"{ratio:.2f}",
                  f"at most {MOST_REPEAT_RATIO:g}", ratio <= MOST_REPEAT_RATIO)
    yield Measure("  memory of this process", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GiB")


def _news() -> Iterator[Measure]:
    """Texts a second on a stream of which 2 % is relevant, beside the stock pipeline; what the gate loses."""
    from nlp.evaluation.news import measure

    found = measure(_TEXTS, stock_count=_STOCK_TEXTS)
    yield Measure("news, texts a second", f"{found.ours:,.0f}; the gate let {found.passed} of {found.documents} "
                  f"through, {found.relevant} are relevant")
    yield Measure("  baseline: stock spaCy pipeline", f"{found.stock:,.1f}")
    yield Measure("  ratio", f"{found.ratio:.1f}", f"at least {LEAST_NEWS_RATIO:g}", found.ratio >= LEAST_NEWS_RATIO)
    yield Measure("  statements lost to the gate", f"{found.lost} of {found.statements}", f"at most {MOST_LOST:.0%}",
                  found.loss <= MOST_LOST)


def _nights(data: Path, sample: Path) -> Iterator[Measure]:
    full = _timed(lambda: _night(data, sample))
    quiet = min(_timed(lambda: _night(data, sample)) for _ in range(3))
    yield Measure("a full night on the sample", f"{full:.1f} s, as a process")
    yield Measure("a no-change night", f"{quiet:.2f} s")
    yield Measure("  ratio", f"{quiet / full:.1%}", f"at most {MOST_QUIET_NIGHT:.0%}", quiet / full <= MOST_QUIET_NIGHT)


def _night(data: Path, sample: Path) -> None:
    command = [sys.executable, "-m", "section3c", "run", "--replay", str(sample), "--data", str(data)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        raise RuntimeError(f"the night did not end well:\n{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}")


def award_inputs(workspace: Workspace) -> list[dict[str, Any]]:
    """The awards of the published version as the reader is given them."""
    from warehouse import reader

    sql = """SELECT a.award_key, a.awarding_subtier AS agency, a.awarding_office AS office, a.recipient, a.parent,
                a.psc_code, a.psc, a.naics_code, a.naics, a.business_flags, t.descriptions
             FROM award AS a JOIN (SELECT award_key, list(description ORDER BY text_index) AS descriptions
                                   FROM award_text GROUP BY award_key) AS t USING (award_key)
             ORDER BY a.award_key"""
    found: list[dict[str, Any]] = reader.query(workspace, sql, max_rows=_MOST_AWARDS, seconds=600).table.to_pylist()
    return found


def _numbered(award: dict[str, Any], number: int) -> dict[str, Any]:
    return award | {"award_key": f"{award['award_key']}-{number}",
                    "descriptions": [f"{text} {number}" for text in award["descriptions"]]}


def _batches(awards: list[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(awards), _BATCH):
        yield _batch(awards[start:start + _BATCH])


def _batch(awards: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(awards, schema=READING_INPUT)


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
