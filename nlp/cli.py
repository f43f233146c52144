"""Classifies awards from a JSONL file: what ``section3c classify IN OUT`` runs.

Belongs here: reading and writing JSONL, the forms a field may take. Does not belong here: the reading itself
(``nlp.reader``), printing (``section3c.py``).
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from nlp.awards import read_one
from nlp.reader import AwardReader

_PSC_CODE: Final = re.compile(r"(?=[A-Z]*\d)[A-Z0-9]{4}")
_NAICS_CODE: Final = re.compile(r"\d{2,6}")
_JOINER: Final = " || "


class ClassifyError(ValueError):
    """A line or file cannot be classified; the message names the file, the line and what to do."""


def classify_file(in_path: str | Path, out_path: str | Path) -> dict[str, int]:
    """Reads awards (one JSON object a line) and writes one reading a line, in input order; returns counts.

    Fields used: ``id``, ``agency``, ``recipient``, ``psc``, ``naics`` (code or description), ``descriptions``
    (text, several joined by ' || ', or a list) and, where present, ``office``, ``parent``, ``business_flags``;
    others are ignored. The output file appears whole or not at all. Raises ClassifyError for a line that is no
    award, for a file that cannot be read or written, and where both are one file; nothing is written then.
    """
    source, target = Path(in_path), Path(out_path)
    if target.is_dir():
        raise ClassifyError(f"{target}: is a folder. Name the file to write")
    if target.exists() and source.exists() and target.samefile(source):
        raise ClassifyError(f"{target}: is the input itself. Name another file to write")
    try:
        return _classified(source, target)
    except OSError as problem:
        raise ClassifyError(f"{problem.filename or target}: {problem.strerror}. Check name, permissions and "
                            "disk") from problem


def _classified(source: Path, target: Path) -> dict[str, int]:
    counts: Counter[str] = Counter(awards=0)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    records = read_awards(source)
    first = list(islice(records, 1))  # an input that cannot be opened is named before the output is
    try:
        # half a surrogate pair has no UTF-8: it goes out as JSON's own escape, as it came in
        with temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            for record in chain(first, records):
                answer = classify(record)
                counts["awards"] += 1
                counts[f"entity_{answer['entity']}"] += 1
                for service in answer["services"]:
                    counts[f"{service['category']}_{service['certainty']}"] += 1
                out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return dict(counts)


def read_awards(source: Path) -> Iterator[dict[str, Any]]:
    """The file's objects; empty lines are passed over. Raises ClassifyError naming the line that is no award."""
    with source.open("rb") as lines:
        for number, raw in enumerate(lines, start=1):
            place = f"{source.name}, line {number}"
            try:
                text = raw.decode("utf-8").strip("\ufeff \t\r\n")
            except UnicodeDecodeError as problem:
                raise ClassifyError(f"{place}: is not UTF-8 ({problem.reason}); save the file as UTF-8") from None
            if not text:
                continue
            try:
                record = json.loads(text, parse_constant=lambda _name: None)  # NaN is how tables write nothing
            except json.JSONDecodeError as problem:
                raise ClassifyError(f"{place}: is not JSON at character {problem.pos + 1} ({problem.msg}); "
                                    "write one JSON object a line") from None
            except ValueError:  # digits without end
                raise ClassifyError(f"{place}: holds a number too long to be one") from None
            except RecursionError:
                raise ClassifyError(f"{place}: is nested too deeply for an award") from None
            if not isinstance(record, dict):
                raise ClassifyError(f"{place}: is a {type(record).__name__}, not an object with the fields of an award")
            if record.get("id") is None:
                raise ClassifyError(f"{place}: has no 'id'; every award needs one, so that its answer can be found")
            if isinstance(record["id"], bool | list | dict):
                raise ClassifyError(f"{place}: 'id' must be text or a number, not {type(record['id']).__name__}")
            yield _checked(record, place)


def classify(record: dict[str, Any], reader: AwardReader | None = None) -> dict[str, Any]:
    """One award as ``read_awards`` gives it, to the answer of ``classify_file``; ``reader``: not this process's own."""
    reading = read_one(reading_input(record), reader)
    services = [
        {"category": s["category"], "kind": s["kind"], "certainty": s["certainty"], "score": s["score"],
         "words": list(dict.fromkeys(w["text"] for w in s["words"] if w["bits"] > 0)), "maker": s["maker"]}
        for s in reading["services"]
    ]
    return {"id": record["id"], "entity": reading["entity"], "services": services}


def reading_input(record: dict[str, Any]) -> dict[str, Any]:
    """An award of a JSONL file in the reader's fields: codes and descriptions told apart, descriptions split."""
    descriptions = record.get("descriptions") or ()
    if isinstance(descriptions, str):
        descriptions = descriptions.split(_JOINER)
    psc, naics = (str(record.get(name) or "").strip() for name in ("psc", "naics"))
    psc = psc.upper() if _PSC_CODE.fullmatch(psc.upper()) else psc
    psc_is_code, naics_is_code = bool(_PSC_CODE.fullmatch(psc)), bool(_NAICS_CODE.fullmatch(naics))
    return {
        "award_key": str(record["id"]), "agency": record.get("agency"), "office": record.get("office"),
        "recipient": record.get("recipient"), "parent": record.get("parent"),
        "psc_code": psc if psc_is_code else "", "psc": "" if psc_is_code else psc,
        "naics_code": naics if naics_is_code else "", "naics": "" if naics_is_code else naics,
        "descriptions": list(descriptions), "business_flags": record.get("business_flags") or (),
    }


def _checked(record: dict[str, Any], place: str) -> dict[str, Any]:
    for name in ("agency", "recipient", "office", "parent"):
        if record.get(name) is not None and not isinstance(record[name], str):
            raise ClassifyError(f"{place}: '{name}' must be text, not {type(record[name]).__name__}")
    for name in ("psc", "naics"):
        if isinstance(record.get(name), float) and record[name].is_integer():
            record[name] = int(record[name])  # 561210.0: a table whose column had gaps
        if record.get(name) is not None and (isinstance(record[name], bool) or not isinstance(record[name], str | int)):
            raise ClassifyError(f"{place}: '{name}' must be a code or description, not {type(record[name]).__name__}")
    descriptions = record.get("descriptions")
    listed = isinstance(descriptions, list) and all(item is None or isinstance(item, str) for item in descriptions)
    if descriptions is not None and not isinstance(descriptions, str) and not listed:
        raise ClassifyError(f"{place}: 'descriptions' must be text or a list of texts")
    flags = record.get("business_flags")
    if flags is not None and not (isinstance(flags, list) and all(isinstance(flag, str) for flag in flags)):
        raise ClassifyError(f"{place}: 'business_flags' must be a list of column names")
    return record
