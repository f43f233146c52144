"""The vocabulary as data: phrases, signals and rules that fit together, and faults named in words."""

from __future__ import annotations

import pytest

from nlp.knowledge import knowledge
from ordinance.phrases import fold, parse
from ordinance.services import CATEGORIES, Rule, Signal, check, rule_files, services


@pytest.mark.clause("§2.2")
@pytest.mark.clause("§2.3")
@pytest.mark.clause("§2.4")
def test_three_categories_with_clause_and_kinds() -> None:
    law = services()
    assert [(c.id, c.clause) for c in law.categories] == list(zip(CATEGORIES, ("§2.2", "§2.3", "§2.4"), strict=True))
    assert {k.id[:2] for k in law.category("data_broker").kinds} == {"a.", "b."}
    assert {k.id for k in law.category("detention").kinds} == {
        "transport",
        "identification",
        "processing",
        "security",
        "maintenance",
        "other",
    }


def test_everything_fits_together_and_each_kind_can_be_named() -> None:
    known = knowledge()
    named = {(rule.category, rule.kind) for rule in known.rules}
    for category in known.law.categories:
        for kind in category.kinds:
            assert (category.id, kind.id) in named or kind.hints, f"{category.id}/{kind.id} can never be named"


def test_every_signal_is_used() -> None:
    known = knowledge()
    used = {name for rule in known.rules for name in (*rule.all, *rule.any, *rule.none)}
    used |= {part for signal in known.signals for part in signal.of}
    used |= {hint for category in known.law.categories for kind in category.kinds for hint in kind.hints}
    loose = [
        s.id for file in rule_files() for s in file.signals if s.id not in used and not s.id.startswith("spelling.")
    ]
    assert loose == []


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("DETAINEES", "detainee"),
        ("Detainee's", "detainee"),
        ("FACILITIES", "facility"),
        ("BUS", "bus"),
        ("STATUS", "status"),
        ("IRIS", "iris"),
        ("ICE", "ice"),
    ],
)
def test_words_fold(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_phrases_stand_for_patterns() -> None:
    assert len(parse("border patrol [station] checkpoint")) == 2
    assert len(parse("(air|charter|ground support) flight")) == 2
    wild = parse("detain* .. meals")[0]
    assert wild[0].prefixes == ("detain",) and wild[1].gap == 2 and wild[2].words == ("meal",)


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("(a|b", "not closed"),
        ("a|b", "round brackets"),
        ("a)", "closes nothing"),
        ("* x", "no word"),
        ("de* x", "too much"),
        (".. meals", "begin and end"),
        ("", "begin and end"),
    ],
)
def test_a_bad_phrase_is_explained(phrase: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(phrase)


def test_faults_across_files_are_listed() -> None:
    signals = (Signal(id="a", phrases=("meal",)), Signal(id="a", phrases=("meal",)), Signal(id="b", of=("zz",)))
    rules = (Rule(id="r", category="detention", all=("a", "nowhere"), bits=1, kind="flying"),)
    faults = check(signals, rules, services())
    assert [f.split()[-1] for f in faults if "twice" in f] == ["twice"]
    assert (
        any("'zz'" in f for f in faults)
        and any("'nowhere'" in f for f in faults)
        and any("'flying'" in f for f in faults)
    )


def test_an_empty_signal_and_an_empty_rule_are_refused() -> None:
    with pytest.raises(ValueError, match="neither phrases nor codes"):
        Signal(id="empty")
    with pytest.raises(ValueError, match="names no signal"):
        Rule(id="r", category="detention", bits=1)
    with pytest.raises(ValueError, match="only in the fields"):
        Signal(id="s", codes=("S206",))
