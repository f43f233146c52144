"""`make bench-peers`: ours and the peers on the same pairs in one run, as a table.

    .venv/bin/python -m tests.peers.compare [PAIRS.csv]

Belongs here: running both and printing. Does not belong here: how a peer is asked (peers.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from entities.matching.matcher import Matcher
from entities.matching.measure import curve, score
from entities.matching.spelling import read_name
from records.delimited import read_delimited

HERE = Path(__file__).resolve().parent
PAIRS = HERE.parent / "entities" / "matching" / "data" / "pairs.csv"
PYTHON = HERE.parents[1] / ".venv-peers" / "bin" / "python"
LEAST_SECONDS = 3.0


def ours(a: list[str], b: list[str]) -> tuple[NDArray[np.float32], NDArray[np.bool_], float, float]:
    """(bits, same, pairs a second warm, pairs a second cold: every name read anew)."""
    matcher = Matcher()
    names = matcher.encode([*a, *b])
    left, right = np.arange(len(a)), np.arange(len(a), 2 * len(a))
    times = max(1, 40_000 // len(a))  # the size of a list, not of a test file: arrays are compared in one go
    left, right = np.tile(left, times), np.tile(right, times)
    scores = matcher.score_encoded(names, names, left, right)
    began, rounds = time.process_time(), 0
    while time.process_time() - began < LEAST_SECONDS:
        matcher.score_encoded(names, names, left, right)
        rounds += 1
    warm = len(left) * rounds / (time.process_time() - began)
    read_name.cache_clear()
    began = time.process_time()
    Matcher().score_many(a, b)
    return scores.bits[: len(a)], scores.same[: len(a)], warm, len(a) / (time.process_time() - began)


def main(file: Path) -> int:
    """Prints the table; exit code 1 when a peer could not run or ours is less than eight times as fast as logic-v2."""
    table = read_delimited(file)
    a, b = table.column("name_a"), table.column("name_b")
    same = np.array([value == "1" for value in table.column("same")])
    if not PYTHON.exists():
        print("the peers' environment is missing: run `make bench-peers`, which makes it (needs libicu-dev, "
              "pkg-config and g++)", file=sys.stderr)
        return 1
    bits, called, warm, cold = ours(a, b)
    ran = subprocess.run([str(PYTHON), str(HERE / "peers.py"), str(file)], capture_output=True, text=True, check=False)
    if ran.returncode:
        print(ran.stderr[-3000:], file=sys.stderr)
        return 1
    peers = json.loads(ran.stdout.splitlines()[-1])
    print(f"{file.name}: {len(a):,} pairs, {int(same.sum()):,} the same\n")
    print(f"{'':24}     F1  best F1  recall at 95 %  pairs a second")
    found = curve(bits.astype(np.float64), same)
    print(f"{'section3c':24}  {score(called, same).f1:.3f}    {found.best_f1:.3f}           {found.recall_at(0.95):.3f}"
          f"  {warm:>14,.0f}  ({cold:,.0f} with every name read anew)")
    defaults = {"OpenSanctions logic-v2": 0.7, "Splink 5": 0.0, "RapidFuzz": 90.0}
    for name, peer in peers.items():
        if "error" in peer:
            print(f"{name:24}  {peer['error']}")
            continue
        values = np.array(peer["scores"], np.float64)
        line = curve(values, same)
        print(f"{name:24}  {score(values >= defaults[name], same).f1:.3f}    {line.best_f1:.3f}           "
              f"{line.recall_at(0.95):.3f}  {peer['pairs_per_second']:>14,.0f}")
    print("\nF1: ours at the shipped threshold, logic-v2 at 0.7 (its documented default), Splink at even odds, "
          "RapidFuzz at 90.\nBest F1 and recall at 95 % precision: at the threshold that suits these labels best.")
    base = peers.get("OpenSanctions logic-v2", {}).get("pairs_per_second")
    if base is None:
        return 1
    print(f"Speed beside logic-v2, both warm: {warm / base:.0f} times (asked: at least 8).")
    return 0 if warm >= 8 * base else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PAIRS))
