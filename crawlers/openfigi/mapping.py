"""The parser of OpenFIGI's mapping answers: positional, one result a job.

Belongs here: results into securities. Does not belong here: asking (crawlers.spiders.openfigi), check digits
(identifiers). What was asked is not in the answer: the spider hands it in (hint ``jobs``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.corporate import AGAIN, Rows, item, items, json_answer, report_unknown, text
from crawlers.parsing import BadPageError, ParseContext
from records.published import SECURITY

_TYPES: Final = {"ID_CUSIP": "CUSIP", "ID_CINS": "CINS", "ID_ISIN": "ISIN", "TICKER": "TICKER"}
_READ: Final = frozenset({"figi", "name", "ticker", "securityType", "compositeFIGI", "exchCode"})
_IGNORED: Final = frozenset({"shareClassFIGI", "securityType2", "marketSector", "securityDescription", "metadata"})
_NONE: Final = "no identifier found"


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'security' rows: one an instrument found (venues joined by composite FIGI), one a job without any.

    Raises BadPageError when the answer has not as many results as jobs were asked: then no position means anything.
    """
    found = json_answer(payload, "mapping")
    jobs = items(context.hints.get("jobs"))
    if not isinstance(found, list) or len(found) != len(jobs):
        count = len(found) if isinstance(found, list) else "no list of"
        raise BadPageError(f"has {count} results for {len(jobs)} jobs; results are told apart by position only",
                           where="mapping", do=AGAIN)
    rows = Rows("security", SECURITY, context)
    for number, (job, result) in enumerate(zip(jobs, found, strict=True)):
        asked = {"id_type": _TYPES.get(str(job.get("idType")), str(job.get("idType"))),
                 "id_value": str(job.get("idValue"))}
        _result(number, item(result), asked, rows, context)
    yield from rows.take()


def _result(number: int, result: dict[str, Any], asked: dict[str, str], rows: Rows, context: ParseContext) -> None:
    report_unknown(context, result, ("data", "warning", "error"), "mapping")
    told = text(result.get("warning")) or text(result.get("error"))
    seen: set[tuple[str | None, ...]] = set()
    for place, one in enumerate(items(result.get("data"))):
        report_unknown(context, one, _READ | _IGNORED, "mapping.data")
        figi, name = text(one.get("compositeFIGI")) or text(one.get("figi")), text(one.get("name"))
        same = (figi, name, text(one.get("securityType")))
        if same in seen:  # the same instrument on another venue
            continue
        seen.add(same)
        rows.add(f"json:$[{number}].data[{place}]", **asked, figi=figi, name=name, ticker=text(one.get("ticker")),
                 security_type=same[2], outcome="found")
    if seen:
        return
    if told is None:
        context.report("row", "has neither data nor a warning", where=f"mapping result {number + 1}", severity="error")
        return
    known = _NONE in told.lower()
    if not known and "invalid" not in told.lower():
        context.report("told", f"says '{told[:120]}', taken as invalid", where="mapping")
    rows.add(f"json:$[{number}]", **asked, outcome="none" if known else "invalid")
