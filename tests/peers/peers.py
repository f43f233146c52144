"""Scores pairs of names by the peers: runs in the environment `.venv-peers`, prints JSON.

    .venv-peers/bin/python tests/peers/peers.py PAIRS.csv

Belongs here: OpenSanctions' nomenklatura (logic-v2), Splink and RapidFuzz as their documentation shows them, by names
alone. Splink's m values are learned from the very labels it is measured by, which flatters it. Does not belong here:
our own matcher and the table (compare.py).
"""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

LEAST_SECONDS = 3.0
Rows = list[dict[str, str]]
_FORMS = frozenset({"INC", "LLC", "CORP", "THE", "CO", "LTD", "CORPORATION", "COMPANY", "INCORPORATED", "LIMITED"})


def logic_v2(rows: Rows) -> dict[str, Any]:
    """nomenklatura's logic-v2 on two Company entities with a name each; timed warm, entities made beforehand."""
    from followthemoney import model
    from nomenklatura.matching import ScoringConfig, get_algorithm

    algorithm, config = get_algorithm("logic-v2"), ScoringConfig.defaults()
    assert algorithm is not None

    def entity(number: str, name: str) -> Any:
        made = model.make_entity("Company")
        made.id = number
        made.add("name", name)
        return made

    pairs = [(entity(f"a{at}", row["name_a"]), entity(f"b{at}", row["name_b"])) for at, row in enumerate(rows)]
    return _timed(lambda: [algorithm.compare(a, b, config).score for a, b in pairs], len(rows))


def token_sort_ratio(rows: Rows) -> dict[str, Any]:
    """RapidFuzz's token_sort_ratio after its default processing, pairs at once."""
    from rapidfuzz import fuzz, process, utils

    a, b = ([utils.default_process(row[side]) for row in rows] for side in ("name_a", "name_b"))
    return _timed(lambda: process.cpdist(a, b, scorer=fuzz.token_sort_ratio).tolist(), len(rows))


def splink(rows: Rows) -> dict[str, Any]:
    """Splink on DuckDB: Jaro-Winkler levels of the name, words in common, first word."""
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    database = DuckDBAPI()
    settings = SettingsCreator(
        link_type="link_only", blocking_rules_to_generate_predictions=[block_on("pair")],
        comparisons=[cl.JaroWinklerAtThresholds("name", [0.97, 0.92, 0.85, 0.75]),
                     cl.ArrayIntersectAtSizes("words", [3, 2, 1]), cl.ExactMatch("first")],
        additional_columns_to_retain=["pair"])
    sides = [database.register(_table(rows, side), dataset_display_name=f"names_{side}") for side in "ab"]
    linker = Linker(sides, settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    same = [at for at, row in enumerate(rows) if row["same"] == "1"]
    labels = pa.table({"source_dataset_l": ["names_a"] * len(same), "unique_id_l": [f"a{at}" for at in same],
                       "source_dataset_r": ["names_b"] * len(same), "unique_id_r": [f"b{at}" for at in same]})
    linker.training.estimate_m_from_pairwise_labels(database.register(labels))
    found: dict[int, float] = {}

    def predict() -> None:
        for row in linker.inference.predict().as_record_list():
            found[int(row["pair_l"])] = float(row["match_weight"])

    timed = _timed(predict, len(rows))
    return {**timed, "scores": [found.get(at, -100.0) for at in range(len(rows))]}


def _table(rows: Rows, side: str) -> pa.Table:
    listed = [[word for word in re.findall(r"[A-Z0-9]+", row[f"name_{side}"].upper()) if word not in _FORMS] or ["-"]
              for row in rows]
    return pa.table({"unique_id": [f"{side}{at}" for at in range(len(rows))], "pair": list(range(len(rows))),
                     "name": [" ".join(words) for words in listed], "words": listed,
                     "first": [words[0] for words in listed]})


def _timed(run: Callable[[], Any], pairs: int) -> dict[str, Any]:
    """The result and pairs a second of CPU, warm: the first run is not counted."""
    scores = run()
    began, times = time.process_time(), 0
    while time.process_time() - began < LEAST_SECONDS:
        run()
        times += 1
    return {"scores": scores, "pairs_per_second": pairs * times / (time.process_time() - began)}


def main(file: str) -> None:
    """Every peer's scores and speed, or why it could not run, as one JSON object."""
    with Path(file).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    found: dict[str, Any] = {}
    for name, run in (("OpenSanctions logic-v2", logic_v2), ("Splink 5", splink), ("RapidFuzz", token_sort_ratio)):
        try:
            found[name] = run(rows)
        except ImportError as missing:
            found[name] = {"error": f"not installed: {missing}"}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
