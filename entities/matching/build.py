"""Makes the shipped tables from public texts: how many names have each word, and which words are ordinary English.

Belongs here: counting. Does not belong here: using the counts (words). Run it again, on the same files, and the same
tables come out; docs/matching.md says which files made those shipped:

    python -m entities.matching.build rarity  recipients.csv:recipient_name names.csv.gz:name
    python -m entities.matching.build ordinary notices.csv.gz:Description notices.parquet:summary
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from entities.matching.spelling import read_name
from entities.matching.words import DATA

LEAST_NAMES: Final = 3
LEAST_TEXTS: Final = 5
_RUNNING: Final = re.compile(r"(?<=[a-z,;] )[a-z]{3,}(?![\w@./-])")  # a word inside a sentence, not a name's capital


def values(source: str) -> Iterator[str]:
    """The column's values of 'FILE:COLUMN' (CSV, CSV.GZ or Parquet). Raises SystemExit naming what is missing."""
    path, _, column = source.rpartition(":")
    file = Path(path)
    if not path or not file.is_file():
        raise SystemExit(f"{source}: no such file (write FILE:COLUMN)")
    if file.suffix == ".parquet":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(file).iter_batches(columns=[column]):
            yield from (value for value in batch.column(0).to_pylist() if value)
        return
    csv.field_size_limit(50_000_000)
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8", errors="replace", newline="") as text:
        rows = csv.DictReader(text)
        if column not in (rows.fieldnames or ()):
            raise SystemExit(f"{source}: no column {column!r}; it has {', '.join(rows.fieldnames or ())}")
        yield from (row[column] for row in rows if row[column])


def rarity(names: Iterable[str]) -> str:
    """rarity.csv: how many distinct names have each word, words of fewer than three names left out."""
    seen: set[frozenset[str]] = set()
    counts: Counter[str] = Counter()
    for name in names:
        listed = frozenset(word for reading in read_name(name).readings for word in reading.words)
        if listed and listed not in seen:
            seen.add(listed)
            counts.update(listed)
    lines = [f"{word},{count}" for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
             if count >= LEAST_NAMES]
    return "\n".join([f"names,{len(seen)}", "word,count", *lines]) + "\n"


def ordinary(texts: Iterable[str]) -> str:
    """ordinary.txt: words that stand in small letters inside sentences of at least five texts, capitals, sorted."""
    counts: Counter[str] = Counter()
    for text in set(texts):
        counts.update(set(_RUNNING.findall(text)))
    listed = sorted(word.upper() for word, count in counts.items() if count >= LEAST_TEXTS)
    return "# Words of running text in federal notices: a name of one such word alone confirms nothing.\n" + "\n".join(
        listed) + "\n"


def main(arguments: list[str]) -> None:
    """Writes the table asked for into the data folder."""
    kinds = {"rarity": (rarity, "rarity.csv"), "ordinary": (ordinary, "ordinary.txt")}
    if len(arguments) < 2 or arguments[0] not in kinds:
        raise SystemExit(__doc__)
    make, name = kinds[arguments[0]]
    (DATA / name).write_text(make(value for source in arguments[1:] for value in values(source)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
