"""What may never stand in the ledger, whoever asks: a determination without evidence that the law admits.

Belongs here: rules over a single event, checked when it is appended and again by verification. Does not belong here:
who may act (access.py), which step may follow which (cases/act.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from ordinance.evidence import kinds
from ordinance.jurisdiction import Jurisdiction

DETERMINING: Final = frozenset({"determine", "proposed:determine"})
_TIP: Final = "public_submission"
_SUPPLYING: Final = frozenset({"provides", "ended"})


class RuleError(ValueError):
    """The event would break a rule of the ordinance; the message names the clause and what is missing."""


def law_of(law: Jurisdiction) -> dict[str, Any]:
    """What of the law decides whether evidence is enough. It stands in the event: profiles change, decisions stay."""
    return {
        "admitted": sorted(law.evidence.admitted), "fallback": sorted(law.evidence.fallback),
        "bidding_is_enough": law.bidding_is_enough,
    }


def check(stream: str, kind: str, data: Mapping[str, Any], evidence: Sequence[Mapping[str, Any]]) -> None:
    """Raise RuleError when the event is a determination that its own evidence cannot carry."""
    if not stream.startswith("case:") or kind not in DETERMINING:
        return
    law = data.get("law")
    if not isinstance(law, Mapping):
        raise RuleError("§3.3: a determination must say which kinds of evidence its law admitted")
    relied = [one for one in evidence if one.get("relied")]
    if not relied:
        raise RuleError("§3.3: a determination must name the evidence it relies on")
    _tips(relied)
    found = frozenset(str(one.get("evidence_kind")) for one in relied)
    admitted = admissible(found, law)
    if not admitted:
        raise RuleError(f"§3.3: this law admits none of the evidence relied on ({', '.join(sorted(found))}); it admits "
                        f"{', '.join(law.get('admitted', ()))}")
    alone = {one.id: one.alone_enough for one in kinds()}
    if len(admitted) == 1 and not alone.get(next(iter(admitted)), False):
        only = next(iter(admitted))
        if only == _TIP:
            raise RuleError("§3.3.d: a tip alone can never make a determination; link evidence of another kind")
        raise RuleError(f"§3.3: evidence of the kind '{only}' does not carry a determination alone")
    if not law.get("bidding_is_enough") and not any(
        one.get("relation") in _SUPPLYING and one.get("evidence_kind") in admitted for one in relied
    ):
        raise RuleError("§3.1: nothing relied on and admitted says that the company provides the service; bidding, "
                        "proposing or attending is not providing")


def admissible(found: Collection[str], law: Mapping[str, Any]) -> frozenset[str]:
    """Of the kinds found, those the law admits; fallback kinds only where none of the others is there."""
    first = frozenset(found) & frozenset(law.get("admitted", ()))
    return first or frozenset(found) & frozenset(law.get("fallback", ()))


def _tips(relied: Sequence[Mapping[str, Any]]) -> None:
    for one in relied:
        if one.get("evidence_kind") == _TIP and not one.get("verified_by"):
            raise RuleError("§3.3.d: information from the public counts only once it is duly verified; tip "
                            f"{one.get('record_key')} is not")
