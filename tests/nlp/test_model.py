"""The trained part: what it looks at, that it only adds doubt, that it trains the same twice, that worse is refused."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nlp.cli import ClassifyError
from nlp.evaluate import evaluate_records
from nlp.knowledge import knowledge
from nlp.model import adopt, examples
from nlp.model.downloads import read_folder
from nlp.model.features import features
from nlp.model.linear import BLANK, MODEL_FILE, Calibration, Model, ModelError, load, model, save
from nlp.reader import Award, AwardReader, award_features, award_reader
from ordinance.services import CATEGORIES
from tests.nlp.helpers import read

CALIBRATION = {"clear": Calibration(1.0, 0.0, 10.0), "arguable": Calibration(1.0, 0.0, 10.0),
               "model": Calibration(0.5, -1.0, 10.0)}
# Speaks for detention on the words "gladiola services", against nothing.
TINY = Model({"gladiola service": (0.0, 0.0, 9.0), "gladiola": (0.0, 0.0, 6.0)}, (-9.0, -9.0, -2.0), (5.0, 5.0, 5.0),
             CALIBRATION, {})


def _services(reader: AwardReader, *descriptions: str) -> list[Any]:
    return list(reader.read(Award(descriptions=descriptions), with_model=True).services)


def test_features_stand_where_they_say() -> None:
    award = Award(descriptions=("Gladiola Services for the IHSC",), recipient="Oak Inc", psc_code="s206")
    found = list(award_features(award))
    for feature in found:
        text = award.descriptions[feature.index] if feature.index >= 0 else getattr(award, feature.field)
        assert text[feature.start : feature.end] == feature.text
    assert {"gladiola", "gladiola service", "ihsc", "r:oak", "p#S206"} <= {f.key for f in found}
    assert not {"for", "the"} & {f.key for f in found}  # words of every record are left out


@pytest.mark.parametrize("text", ["", "\x00", "😀 " * 300, "A" * 50_000, "word " * 5_000, "\ud800 meals"])
def test_hostile_text_gives_features_without_harm(text: str) -> None:
    assert len(list(features({}, (text,), ("", "")))) < 1_000


def test_the_model_alone_surfaces_as_arguable_and_its_words_add_up() -> None:
    reader = award_reader().using(TINY)
    (found,) = _services(reader, "GLADIOLA SERVICES")
    base = knowledge().law.category("detention").base_bits
    assert (found.category, found.certainty, found.by_model) == ("detention", "arguable", True)
    assert {w.rule for w in found.words} == {"model.detention"} and {w.text for w in found.words} == {
        "GLADIOLA SERVICES", "GLADIOLA"}
    assert base + sum(w.bits for w in found.words) == pytest.approx(found.bits, abs=0.01)
    assert found.score == pytest.approx(CALIBRATION["model"].probability(found.bits), abs=1e-3)
    assert not award_reader().using(BLANK).read(Award(descriptions=("GLADIOLA SERVICES",)), with_model=True).services
    assert not reader.read(Award(descriptions=("GLADIOLA SERVICES",))).services  # other texts: rules only


def test_what_rules_say_against_silences_the_model() -> None:
    assert not _services(award_reader().using(TINY), "GLADIOLA SERVICES, BACKGROUND INVESTIGATIONS")


def test_the_model_takes_nothing_from_the_rules() -> None:
    against = replace(TINY, weights=dict.fromkeys(("detainee", "meal", "detainee meal"), (-9.0, -9.0, -9.0)))
    mine, plain = (_services(award_reader().using(one), "DETAINEE MEALS AT KROME") for one in (against, BLANK))
    assert [(s.category, s.certainty, s.words) for s in mine] == [(s.category, s.certainty, s.words) for s in plain]


def test_the_shipped_model_is_small_readable_and_counts_in_the_version(monkeypatch: pytest.MonkeyPatch,
                                                                       tmp_path: Path) -> None:
    from nlp import version

    assert MODEL_FILE.stat().st_size < 1_500_000
    plain = json.loads(gzip.decompress(MODEL_FILE.read_bytes()))
    assert plain["categories"] == list(CATEGORIES) and plain["about"]["seed"] == adopt.SEED
    assert set(model().calibration) == {"clear", "arguable", "model"}
    assert "model/award_model.json.gz" in version._READING_FILES


@pytest.mark.parametrize("content", [b"", b"not gzip", gzip.compress(b"[]"), gzip.compress(b'{"format": 99}')],
                         ids=["empty", "plain", "a list", "another format"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "m.json.gz"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"m\.json\.gz"):
        load(file)


def test_a_saved_model_is_the_same_and_saves_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    save(TINY, one)
    assert load(one) == TINY
    save(load(one), two)
    assert one.read_bytes() == two.read_bytes()


def _downloads(folder: Path) -> Path:
    """Eighty awards of four kinds by twenty vendors, as the transaction search exports them."""
    folder.mkdir()
    texts = ("DETAINEE MEALS AT THE PROCESSING CENTER", "SKIP TRACING SERVICES FOR ERO", "VETTING SUPPORT SERVICES",
             "OFFICE CHAIRS FOR HEADQUARTERS")
    lines = ["Agency,Award ID,Recipient Name,Product/Service Description,NAICS Description,Transaction Description,"
             "Generated Award ID"]
    lines += [f"ICE,P{n},VENDOR{n % 20} LLC,SUPPORT,CATERING,{texts[n % 4]} {n},A{n}" for n in range(80)]
    (folder / "awards.csv").write_text("\n".join([*lines, lines[1]]), encoding="utf-8")
    return folder


def _labels(path: Path, start: int = 0) -> Path:
    kinds: list[tuple[str, list[str]]] = [("DETAINEE LAUNDRY", ["detention"]), ("SKIP TRACING", ["data_broker"]),
                                          ("SOCIAL MEDIA SCREENING", ["extreme_vetting"]), ("CHAIRS", []),
                                          ("DETAINEE MEALS", [])]
    rows = [{"id": f"L{start + n}", "piid": f"P{start + n}", "agency": "ICE", "recipient": f"FIRM{n} LLC",
             "descriptions": f"{kinds[n % 5][0]} {n}", "categories": kinds[n % 5][1], "certainty": "clear",
             "entity": "company"} for n in range(20)]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_training_is_reproducible_and_never_learns_from_the_frozen_set(tmp_path: Path) -> None:
    awards = read_folder(_downloads(tmp_path / "in"))
    assert (len(awards), len(awards[0]["descriptions"])) == (80, 1)  # the repeated row is one description
    inputs = adopt.Inputs(awards, _labels(tmp_path / "l", 500), _labels(tmp_path / "f", 0))
    learnt, _ = adopt.build(inputs)
    assert len(learnt) == 20 + 60  # twenty awards bear a PIID of the frozen set
    assert any(e.keys - e.masked for e in learnt) and all(e.masked <= e.keys for e in learnt)
    files = [tmp_path / "one.gz", tmp_path / "two.gz"]
    outcomes = [adopt.run(inputs, file) for file in files]
    assert files[0].read_bytes() == files[1].read_bytes() and all(outcome.adopted for outcome in outcomes)
    assert "adopted" in outcomes[0].render() and outcomes[0].examples == 80


def test_a_worse_model_is_refused_with_the_figures() -> None:
    rows = [{"id": 1, "agency": "ICE", "descriptions": "GLADIOLA SERVICES", "recipient": "A", "entity": "company",
             "categories": ["detention"], "certainty": "arguable"},
            {"id": 2, "agency": "ICE", "descriptions": "GLADIOLA SERVICES", "recipient": "B", "entity": "company",
             "categories": [], "certainty": "clear"}]
    with_it, without = (evaluate_records(iter(map(dict, rows)), award_reader().using(one)) for one in (TINY, BLANK))
    assert adopt.worse(without, without) == ()
    lost = adopt.worse(with_it, without)
    assert any(text.startswith("arguable rows surfaced: 0.000, in use 1.000") for text in lost)
    assert any("F1" in text for text in adopt.worse(without, with_it))  # TINY shows the second too


def _decision(**more: Any) -> dict[str, Any]:
    return {"record_kind": "award", "record_key": "A1", "statement_id": "s1", "decision": "verified",
            "category": "detention", "company_id": "o1", "decided_at": "2026-01-02T03:04:05Z", "reader_version": "x",
            "agency": "ICE", "recipient": "OAK LLC", "descriptions": ["GLADIOLA SERVICES"], **more}


def test_decisions_become_labels(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in (
        _decision(),
        _decision(decision="rejected", decided_at="2026-02-02T03:04:05Z"),  # the later one counts
        _decision(statement_id="s2", decision="wrong_category", category="data_broker", read_category="detention"),
        _decision(statement_id="s3", decision="wrong_company"),
        _decision(statement_id="s4", record_kind="article"),
    )), encoding="utf-8")
    records, counts = examples.decided(file)
    assert [record["said"] for record in records] == [{"detention": 0.0}, {"detention": 0.0, "data_broker": 1.0}]
    assert counts == {"rejected": 1, "wrong_category": 1, "wrong_company": 1, "of a text": 1}
    (first, _) = examples.gold(records, award_reader().using(BLANK))
    assert first.targets == (None, None, 0.0) and first.weights[2] == examples.GOLD_WEIGHT


@pytest.mark.parametrize("bad", [{"decision": "maybe"}, {"statement_id": ""}, {"category": "prison"}])
def test_a_faulty_decision_is_named(tmp_path: Path, bad: dict[str, Any]) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text(json.dumps(_decision()) + "\n" + json.dumps(_decision(**bad)), encoding="utf-8")
    with pytest.raises(ClassifyError, match=r"decisions\.jsonl, line 2"):
        examples.decided(file)


def test_a_folder_that_holds_no_awards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClassifyError, match=r"holds no \.csv"):
        read_folder(tmp_path)
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ClassifyError, match=r"x\.csv"):
        read_folder(tmp_path)


def test_scores_order_clear_above_arguable() -> None:
    clear = read("SKIP TRACING SERVICES")["services"][0]
    doubtful = read("CELLEBRITE LICENSES")["services"][0]
    assert clear["certainty"] == "clear" and doubtful["certainty"] == "arguable"
    assert clear["score"] > 0.9 > doubtful["score"] > 0.5
