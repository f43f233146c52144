from __future__ import annotations

import random
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from entities.resolution.clusters import clusters
from entities.resolution.journal import in_effect
from entities.resolution.model import Judgement, Link

IDS = [f"uei:{letter}" for letter in "ABCDEFGH"]
PAIRS = st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)).filter(lambda pair: pair[0] != pair[1])
LINKS = st.lists(st.builds(lambda p, rank: Link(rank, min(p), max(p), "rule", "why"), PAIRS, st.integers(0, 3)))
SAID = st.lists(st.tuples(PAIRS, st.sampled_from(["same", "different", "unsure"])), max_size=8)
DAYS = dict.fromkeys(IDS, date(2020, 1, 1))


def lines(said: list[tuple[tuple[str, str], str]]) -> list[dict[str, object]]:
    blank = {"evidence_sha256": None, "matcher_version": None, "score_bits": None}
    return [
        {"number": number, "event": "judgement", "a": a, "b": b, "verdict": verdict, "reason": "r", "by": "p",
         "at": "2026-01-01", **blank}
        for number, ((a, b), verdict) in enumerate(said, 1)
    ]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(LINKS, SAID, st.tuples(PAIRS, st.sampled_from(["same", "different", "unsure"])))
def test_an_undo_restores_the_former_clusters_exactly(
    links: list[Link], said: list[tuple[tuple[str, str], str]], last: tuple[tuple[str, str], str]
) -> None:
    before = lines(said)
    after = lines([*said, last])
    undone = [*after, {"number": len(after) + 1, "event": "undo", "undoes": len(after)}]
    redone = [*undone, {"number": len(after) + 2, "event": "undo", "undoes": len(after) + 1}]
    assert clusters(DAYS, links, in_effect(undone)) == clusters(DAYS, links, in_effect(before))
    assert clusters(DAYS, links, in_effect(redone)) == clusters(DAYS, links, in_effect(after))


@settings(max_examples=120, deadline=None)
@given(LINKS, SAID, st.randoms(use_true_random=False))
def test_persons_stand_whatever_rules_say_and_the_order_of_links_does_not_matter(
    links: list[Link], said: list[tuple[tuple[str, str], str]], chance: random.Random
) -> None:
    judgements = in_effect(lines(said))
    made = clusters(DAYS, links, judgements)
    shuffled = links[:]
    chance.shuffle(shuffled)
    assert clusters(DAYS, shuffled, judgements) == made
    for one in judgements:
        if one.verdict == "different":
            assert made.company_of[one.a] != made.company_of[one.b]
        if one.verdict == "same" and made.company_of[one.a] != made.company_of[one.b]:
            assert any(one.a in (c.explanation.split()[0], *c.others) or one.b in (c.explanation.split()[0], *c.others)
                       for c in made.conflicts if c.kind == "judgements_disagree")  # fmt: skip
    assert all(made.company_of[company] == company for company in made.company_of.values())


def judged(a: str, b: str, verdict: str) -> list[Judgement]:
    return in_effect(lines([((a, b), verdict)]))


def test_different_holds_apart_through_others_and_tells_so() -> None:
    links = [Link(0, "uei:A", "uei:B", "stated", "one record"), Link(2, "uei:B", "uei:C", "name", "same name")]
    made = clusters(DAYS, links, judged("uei:A", "uei:C", "different"))
    assert made.company_of["uei:A"] == made.company_of["uei:B"] != made.company_of["uei:C"]
    (conflict,) = made.conflicts
    assert conflict.kind == "held_apart" and "same name" in conflict.explanation


def test_a_company_is_called_by_its_steadiest_earliest_id() -> None:
    days = {"name:X": date(2010, 1, 1), "uei:NEW": date(2022, 1, 1), "uei:OLD": date(2015, 1, 1), "duns:1": None}
    links = [Link(0, "name:X", other, "r", "r") for other in ("uei:NEW", "uei:OLD", "duns:1")]
    assert set(clusters(days, links, []).company_of.values()) == {"uei:OLD"}
