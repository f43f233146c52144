"""Ids made from raw source values, fewest stable fields; changing one is a migration, not a refactor."""

from __future__ import annotations

import hashlib
import re
import unicodedata


def digest(*parts: str | None, length: int = 20) -> str:
    """Hex id over the parts; None and '' differ, and no joining of neighbours can collide."""
    h = hashlib.sha256()
    for part in parts:
        if part is None:
            h.update(b"\x00")
        else:  # the length goes first, for a crawled text may hold any byte, a separator's too
            data = part.encode("utf-8", "surrogatepass")
            h.update(b"\x01" + len(data).to_bytes(8, "big") + data)
    return h.hexdigest()[:length]


def capture_id(uri: str, request_sha256: str | None, payload_sha256: str) -> str:
    """Same request, same bytes: same capture, whichever run fetched it."""
    return "c" + digest(uri, request_sha256, payload_sha256)


def statement_id(record_key: str, category: str, kind: str, vendor_role: str, company_id: str) -> str:
    """One statement a record, category, kind and vendor; rereading the same record keeps its id."""
    return "s" + digest(record_key, category, kind, vendor_role, company_id)


def text_statement_id(
    work_key: str, text_sha256: str, category: str, kind: str, relation: str, agency: str, vendor_role: str,
    company_id: str,
) -> str:
    """One statement a text, relation, agency, category, kind and vendor; the same words fetched again keep its id."""
    return "s" + digest("text", work_key, text_sha256, category, kind, relation, agency, vendor_role, company_id)


def candidate_id(company_id: str, category: str) -> str:
    """One candidate a company and category."""
    return "k" + digest(company_id, category, length=12)


def words_key(text: str) -> str:
    """The words of a text in capitals, one space between: for keys of published names. '' when there are none."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())


def facility_key(name: str, state: str | None) -> str:
    """Key of a place of detention: its name's words and its state ('ADELANTO ICE PROCESSING CENTER | CA')."""
    return f"{words_key(name)} | {words_key(state)}" if state else words_key(name)
