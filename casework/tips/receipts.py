"""The receipt code: the tipster's only credential. Shown once, kept only as a slow hash.

Belongs here: making and checking codes. Does not belong here: tips. A code is 8 letters that find the row and 16 that
prove it (80 bits); letters that are read for one another are left out.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import Final

from django.contrib.auth.hashers import check_password, make_password

from casework.models import Tip

_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LOOKUP, _SECRET = 8, 16


class UnknownReceipt(LookupError):
    """No tip has this code. Nothing is said about which half of it was wrong."""


def new() -> tuple[str, str, str]:
    """A code as shown, its lookup half, and the hash of its secret half."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LOOKUP + _SECRET))
    shown = "-".join(code[i : i + 4] for i in range(0, len(code), 4))
    return shown, code[:_LOOKUP], make_password(code[_LOOKUP:])


def find(code: str) -> Tip:
    """The tip of a code. A code that finds no row costs as long as a wrong one. Raises UnknownReceipt."""
    plain = "".join(c for c in code.upper()[:100] if c.isalnum())
    lookup, proof = plain[:_LOOKUP], plain[_LOOKUP:]
    tip = Tip.objects.select_related("jurisdiction").filter(lookup=lookup).first()
    nobodys = _nobodys()
    kept = tip.secret_hash if tip is not None else nobodys
    if not check_password(proof, kept) or tip is None:
        raise UnknownReceipt("no tip has this code; check it letter by letter")
    return tip


@cache
def _nobodys() -> str:
    """The hash that a code without a row is checked against."""
    return make_password(secrets.token_hex(16))
