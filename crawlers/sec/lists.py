"""Parsers of SEC's JSON: the list of companies with tickers, and one company's submissions with its former names.

Belongs here: those two shapes, and which annual reports a company filed. Does not belong here: exhibits (exhibit21),
asking (crawlers.spiders.sec). Natural persons file too (insiders): nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa

from crawlers.corporate import Rows, day, item, items, json_object, report_unknown, text
from crawlers.parsing import BadPageError, ParseContext
from records.published import COMPANY_ALIAS

_AGAIN: Final = "SEC's answer is not as documented; ask again later"
_READ: Final = frozenset({"cik", "entityType", "sic", "name", "tickers", "lei", "ein", "stateOfIncorporation",
                          "formerNames", "filings"})
# Descriptions of codes, contact data, and what has no use here.
_IGNORED: Final = frozenset({
    "sicDescription", "ownerOrg", "insiderTransactionForOwnerExists", "insiderTransactionForIssuerExists", "exchanges",
    "description", "website", "investorWebsite", "category", "fiscalYearEnd", "stateOfIncorporationDescription",
    "addresses", "phone", "flags",
})
_OUR_ROW: Final = frozenset({"cik_str", "ticker", "title"})
#: Annual reports, and the exhibit of each that lists subsidiaries (Regulation S-K Item 601; Form 20-F Item 19).
ANNUAL: Final[Mapping[str, str]] = {
    "10-K": "EX-21", "10-K405": "EX-21", "10-KSB": "EX-21", "10-KSB40": "EX-21", "10-KT": "EX-21", "10-K/A": "EX-21",
    "20-F": "EX-8", "20-F/A": "EX-8",
}


class Filing(NamedTuple):
    """One annual report. ``accession`` with dashes, ``report`` the day it reports for."""

    accession: str
    form: str
    filed: date | None
    report: date | None


def cik_key(cik: Any) -> str | None:
    """'cik:0000320193' of a CIK as number or text; None when it is none (ten digits at most)."""
    said = str(cik if cik is not None else "").strip()
    return f"cik:{said.zfill(10)}" if said.isascii() and said.isdigit() and 0 < int(said[:11]) <= 10**10 - 1 else None


def parse_tickers(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'company_alias' rows (legal name once a company, every ticker) of company_tickers.json. Raises BadPageError."""
    found = json_object(payload, "company_tickers")
    rows = Rows("company_alias", COMPANY_ALIAS, context)
    named: set[str] = set()
    for number, entry in found.items():
        one = item(entry)
        key, title, ticker = cik_key(one.get("cik_str")), text(one.get("title")), text(one.get("ticker"))
        report_unknown(context, one, _OUR_ROW, "company_tickers")
        if key is None or title is None:
            context.report("row", "has no CIK or no title; it was not read", where="company_tickers", severity="error")
            continue
        locator = f'json:$["{number}"]'
        if key not in named:
            rows.add(f"{locator}.title", company_key=key, name=title, kind="legal")
            named.add(key)
        if ticker:
            rows.add(f"{locator}.ticker", company_key=key, name=ticker, kind="ticker")
    if not named:
        raise BadPageError("holds no company", where="company_tickers", do=_AGAIN)
    yield from rows.take()


def parse_submissions(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'company_alias' rows of one company's submissions: its name, its former names with days, tickers, LEI.

    A shard of older filings (no name in it) has no rows. Raises BadPageError.
    """
    found = json_object(payload, "submissions")
    if "accessionNumber" in found and "cik" not in found:
        return
    key, name = cik_key(found.get("cik")), text(found.get("name"))
    if key is None or name is None:
        raise BadPageError("has no cik or no name", where="submissions", do=_AGAIN)
    report_unknown(context, found, _READ | _IGNORED, "submissions")
    if is_person(found):
        context.report("person", "is an insider's record, a natural person's: nothing of it was kept",
                       where="submissions", severity="note")
        context.left_out += 1
        return
    rows = Rows("company_alias", COMPANY_ALIAS, context)
    lei = text(found.get("lei"))
    former = _former(found, context)
    rows.add("json:$.name", company_key=key, name=name, kind="legal", same_as=[f"lei:{lei}"] if lei else None,
             valid_from=max((end for _, _, end, _ in former if end is not None), default=None))
    for number, start, end, old in former:
        rows.add(f"json:$.formerNames[{number}].name", company_key=key, name=old, kind="former", valid_from=start,
                 valid_to=end)
    for number, ticker in enumerate(found.get("tickers") or ()):
        if said := text(ticker):
            rows.add(f"json:$.tickers[{number}]", company_key=key, name=said, kind="ticker")
    yield from rows.take()


def _former(found: Mapping[str, Any], context: ParseContext) -> list[tuple[int, date | None, date | None, str]]:
    """(place, first day, last day, name) of each former name. SEC's day of change is the day of the first filing."""
    former = []
    for number, one in enumerate(items(found.get("formerNames"))):
        report_unknown(context, one, ("name", "from", "to"), "submissions.formerNames")
        start, end, old = day(one.get("from")), day(one.get("to")), text(one.get("name"))
        if old is None:
            context.report("row", "a former name is blank", where="submissions.formerNames")
            continue
        if start is not None and end is not None and end < start:
            context.report("dates", "ends before it begins; both days were left out", where="submissions.formerNames")
            start = end = None
        former.append((number, start, end, old))
    return former


def is_person(found: Mapping[str, Any]) -> bool:
    """True for an insider's record: no industry, no employer number, no state of incorporation, no ticker."""
    told = [found.get(name) for name in ("sic", "stateOfIncorporation", "tickers", "lei")]
    told.append(str(found.get("ein") or "").strip("0- "))
    return found.get("entityType") != "operating" and not any(told)


def annual_reports(filings: Mapping[str, Any]) -> list[Filing]:
    """The annual reports of a columnar block of filings (``filings.recent`` or a shard), newest first.

    Columns of different length are cut to the shortest: the service's columns belong together by position.
    """
    columns = [filings.get(name) for name in ("accessionNumber", "form", "filingDate", "reportDate")]
    if not all(isinstance(column, list) for column in columns):
        return []
    found = [
        Filing(str(accession), str(form), day(filed), day(reported))
        for accession, form, filed, reported in zip(*columns, strict=False)
        if str(form) in ANNUAL
    ]
    return sorted(found, key=lambda one: one.filed or date.min, reverse=True)
