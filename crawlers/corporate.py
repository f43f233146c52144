"""What the parsers of corporate records and lists share: rows of one table, JSON answers, days, one spelling of a name.

Belongs here: helpers of crawlers/sec, gleif, openfigi and facilities. Does not belong here: any source's format, and
deciding who is who (entities).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.parsing import BadPageError, ParseContext, printable
from records.ids import words_key

MAX_JSON_BYTES: Final = 64 << 20
AGAIN: Final = "The service answered with something else than documented; ask again later"
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?=T|\s|$)")
_STEPS: Final = re.compile(r'\[(\d+)\]|\["([^"]*)"\]|\.([^.\[]+)')
_FORMS: Final = frozenset({
    "INC", "INCORPORATED", "CORP", "CORPORATION", "CO", "COMPANY", "LTD", "LIMITED", "LLC", "LLP", "LP", "PLC", "SA",
    "NV", "AG", "THE", "DE", "NEW",
})


class Rows:
    """Rows of one lake table on their way to a batch. Provenance is filled in from the context."""

    def __init__(self, table: str, schema: pa.Schema, context: ParseContext) -> None:
        self.table, self._schema, self._context = table, schema, context
        self._rows: list[dict[str, Any]] = []

    def add(self, locator: str, **values: Any) -> None:
        """One row; columns that are not given are null. Raises KeyError for a column that the table has not."""
        unknown = values.keys() - set(self._schema.names)
        if unknown:
            raise KeyError(f"{self.table} has no column {', '.join(sorted(unknown))}")
        row = {name: values.get(name) for name in self._schema.names}
        self._rows.append({**row, "source": self._context.source, "capture_id": self._context.capture_id,
                           "locator": locator})

    def take(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The rows as one batch; nothing when there are none."""
        if self._rows:
            self._context.read[self.table] += len(self._rows)
            yield self.table, pa.RecordBatch.from_pylist(self._rows, schema=self._schema)
            self._rows = []


def json_answer(payload: BinaryIO, where: str) -> Any:
    """The payload as JSON. Raises BadPageError for what is none, is too large or is nested without end."""
    raw = payload.read(MAX_JSON_BYTES + 1)
    if len(raw) > MAX_JSON_BYTES:
        raise BadPageError(f"is larger than {MAX_JSON_BYTES >> 20} MB", where=where, do=AGAIN)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise BadPageError(f"is no JSON ({printable(str(problem), 80)})", where=where, do=AGAIN) from None


def json_object(payload: BinaryIO, where: str) -> dict[str, Any]:
    """The payload as a JSON object. Raises BadPageError."""
    found = json_answer(payload, where)
    if not isinstance(found, dict):
        raise BadPageError(f"is a JSON {type(found).__name__}, not an object", where=where, do=AGAIN)
    return found


def text(found: Any, length: int = 1000) -> str | None:
    """A value as clean text: control characters and lone surrogates out, white space folded; None when blank."""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        return None
    clean = " ".join(_UNFIT.sub(" ", str(found)).split())
    return clean[:length] or None


def day(found: Any) -> date | None:
    """The day of an ISO date or moment; None for blanks and for what is no day."""
    said = _DAY.match(str(found or "").strip())
    if said is None:
        return None
    try:
        return date(int(said[1]), int(said[2]), int(said[3]))
    except ValueError:
        return None


def items(found: Any) -> list[dict[str, Any]]:
    """A JSON list of objects; anything else in it is left out."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def item(found: Any) -> dict[str, Any]:
    """A JSON object, empty where there is none."""
    return found if isinstance(found, dict) else {}


def json_cells(
    payload: BinaryIO, wanted: set[tuple[str, str]], folder: object = None
) -> Iterator[tuple[tuple[str, str], str]]:
    """Texts at 'json:$.path[N]["key"]', for reading evidence back in place; of an object, the column of that name."""
    del folder
    whole = json_answer(payload, "capture")
    for locator, column in wanted:
        found = whole
        for step in _STEPS.finditer(locator.removeprefix("json:$")):
            if step[1] is not None:
                found = found[int(step[1])] if isinstance(found, list) and int(step[1]) < len(found) else None
            else:
                found = item(found).get(step[2] or step[3])
        if isinstance(found, dict):
            found = found.get(column)
        if (said := text(found)) is not None:
            yield (locator, column), said


def report_unknown(context: ParseContext, found: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Note fields that no documentation names, so that a new one is noticed."""
    for name in found.keys() - set(known):
        context.report("unknown_field", "is not a documented field; it was not read", where=where,
                       column=printable(str(name), 60), severity="note")


def comparable(name: str) -> str:
    """A company's name without legal forms, articles, case and punctuation, for asking registries by name only."""
    plain = unicodedata.normalize("NFKD", name.replace(".", "").replace("'", "").replace("’", ""))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = words_key(plain.replace("&", " AND ").split("/")[0]).split()
    kept = [word for word in words if word not in _FORMS]
    return " ".join(kept or words)
