"""What components find in a sentence: one shape for vendors, agencies, facilities, products, services, amounts, dates.

Belongs here: the shape, and which of overlapping finds stands. Does not belong here: finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

Role = Literal["agency", "other", "vendor", "product", "facility", "amount", "date", "service", "never"]
# Of overlapping finds what is known stands before what is guessed, then the longest, then the role that comes first.
_ORDER: Final = ("agency", "facility", "never", "vendor", "product", "other", "amount", "date")


@dataclass(frozen=True, slots=True)
class Mention:
    """A find in a sentence, in the sentence's own characters.

    ``id`` is the agency, product, facility or maker it stands for; ``sure`` from 0 to 1 how surely it is what its
    role says; ``rule`` names the component and rule; ``value``/``note`` carry an amount with what it is, or a date.
    """

    role: Role
    start: int
    end: int
    text: str
    id: str = ""
    name: str = ""
    sure: float = 1.0
    rule: str = ""
    value: float | None = None
    note: str = ""
    generic: bool = False

    def moved(self, by: int) -> Mention:
        """The same mention ``by`` characters further on."""
        return replace(self, start=self.start + by, end=self.end + by)


def apart(mentions: Iterable[Mention]) -> list[Mention]:
    """Mentions without overlap, in order of place."""

    def rank(m: Mention) -> tuple[int, int, int, float]:
        guessed = 0 if m.id or m.role not in ("vendor", "never", "date") else 1 if m.sure >= 0.85 else 2
        return (guessed, m.start - m.end, _ORDER.index(m.role), -m.sure)

    kept: list[Mention] = []
    for mention in sorted(mentions, key=rank):
        if all(mention.end <= k.start or mention.start >= k.end for k in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)
