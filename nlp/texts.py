"""Statements of texts as JSON lines: what ``section3c read PATH... --out FILE`` writes, a line a statement.

Belongs here: the line's fields, writing the file whole or not at all. Does not belong here: getting text out of files
(the command line asks ``crawlers.documents``), reading it (``nlp.prose``).
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from nlp.prose.reader import Text, read_text
from nlp.prose.statements import Statement

FIELDS: Final = (
    "document",
    "vendor",
    "agency",
    "category",
    "kind",
    "relation",
    "certainty",
    "score",
    "amount",
    "amount_kind",
    "sentence",
    "start",
    "end",
    "via",
    "date",
)


class TextsError(ValueError):
    """The output cannot be written; the message says what to do."""


def lines(document: str, text: str, title: str = "") -> Iterator[dict[str, Any]]:
    """A text's statements with FIELDS; ``sentence`` is exactly ``text[start:end]``.

    Public bodies are no vendors in the sense of §2.6: what they supply stands in the readings (``read_documents``),
    with the reason of their exclusion, not here.
    """
    for statement in read_text(Text(text, title))[1]:
        if statement.entity != "government":
            yield _line(document, statement)


def _line(document: str, statement: Statement) -> dict[str, Any]:
    return {"document": document, **{name: getattr(statement, name) for name in FIELDS[1:]}}


def write_lines(texts: Iterable[tuple[str, str]], target: Path) -> Counter[str]:
    """Reads (document name, text) pairs and writes their statements; counts documents and statements by relation.

    Raises TextsError when the file cannot be written; it appears whole or not at all.
    """
    if target.is_dir():
        raise TextsError(f"{target}: is a folder. Name the file to write")
    counts: Counter[str] = Counter(documents=0, statements=0)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            for name, text in texts:
                counts["documents"] += 1
                for line in lines(name, text):
                    counts["statements"] += 1
                    counts[line["relation"]] += 1
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")
        temporary.replace(target)
    except OSError as problem:
        raise TextsError(
            f"{problem.filename or target}: {problem.strerror}. Check name, permissions and disk"
        ) from problem
    finally:
        temporary.unlink(missing_ok=True)
    return counts
