"""Made pairs.csv beside it from public names: SEC former names and federal award records.

Run once, with the development data at hand, and kept so that anybody can see how the pairs came to be:

    python tests/entities/matching/data/make_pairs.py SEC_NAMES.csv.gz AWARDS.csv.gz KNOWN_PAIRS.csv

Pairs of one company: two names under one CIK, or a recipient's name and its trade name under one DUNS, that share a
word of at most 20 names of their list, or their first four letters: full renames are a matter of aliases, no names can
tell. Pairs of two: a name and one of its nearest others by TF-IDF of words, under another CIK or another parent's DUNS.
Funds, trusts and shells, which sell nothing, and recipients that may be persons are left out, and so is every name of
KNOWN_PAIRS.csv, to which the scorecard was fitted.
"""

from __future__ import annotations

import csv
import gzip
import random
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

SEED = 20_261_128
NO_VENDOR = re.compile(r"\b(FUNDS?|TRUST|ETF|ACQUISITION|PORTFOLIO|SERIES)\b", re.IGNORECASE)
ORGANISATION = re.compile(r"\b(INC|INCORPORATED|LLC|CORP|CORPORATION|CO|COMPANY|LTD|LIMITED|LP|SERVICES|GROUP)\b")
Pair = tuple[str, str, int, str]


def _rows(path: str) -> list[dict[str, str]]:
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[A-Z0-9]{2,}", name.upper()))


def _same(groups: dict[str, set[str]], known: set[str], kind: str, most: int, rng: random.Random) -> list[Pair]:
    count = Counter(word for names in groups.values() for name in names for word in _words(name))
    found: list[Pair] = []
    for key in rng.sample(sorted(groups), len(groups)):
        names = sorted(name for name in groups[key] - known if not NO_VENDOR.search(name))
        if len(names) >= 2:
            a, b = rng.sample(names, 2)
            if any(count[word] <= 20 for word in _words(a) & _words(b)) or a[:4].upper() == b[:4].upper():
                found.append((a, b, 1, kind))
    return found[:most]


def _others(owner: dict[str, str], known: set[str], kind: str, most: int, rng: random.Random) -> list[Pair]:
    names = sorted(name for name in set(owner) - known if not NO_VENDOR.search(name))
    vectors = TfidfVectorizer(token_pattern=r"\w+").fit_transform(names)
    found: list[Pair] = []
    for at in rng.sample(range(len(names)), len(names)):
        near = np.asarray((vectors[at] @ vectors.T).todense()).ravel()
        near[[one for one in range(len(names)) if owner[names[one]] == owner[names[at]]]] = 0
        other = int(rng.choice(np.argsort(-near)[:5].tolist()))
        if near[other] > 0.1:
            found.append((names[at], names[other], 0, kind))
        if len(found) == most:
            break
    return found


def main(sec: str, awards: str, pairs: str) -> None:
    """Writes pairs.csv beside this file."""
    rng = random.Random(SEED)
    known = {row[side] for row in _rows(pairs) for side in ("name_a", "name_b")}
    by_cik: dict[str, set[str]] = defaultdict(set)
    for row in _rows(sec):
        by_cik[row["cik"]].add(row["name"])
    trade: dict[str, set[str]] = defaultdict(set)
    parent: dict[str, str] = {}
    for row in _rows(awards):
        duns = row["recipient_duns"]
        if duns and ORGANISATION.search(row["recipient_name"]):
            parent[row["recipient_name"]] = row["recipient_parent_duns"] or duns
            trade[duns] |= {row["recipient_name"], row["recipient_doing_business_as_name"]} - {""}
    cik = {name: key for key, names in by_cik.items() for name in names}
    found = [*_same(by_cik, known, "former", 170, rng), *_same(trade, known, "other_name", 60, rng),
             *_others(cik, known, "unrelated_sec", 170, rng), *_others(parent, known, "unrelated_award", 80, rng)]
    with (Path(__file__).parent / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name_a", "name_b", "same", "kind"])
        writer.writerows(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
