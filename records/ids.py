"""Ids made from raw source values, fewest stable fields; changing one is a migration, not a refactor."""

from __future__ import annotations

import hashlib


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


def candidate_id(company_id: str, category: str) -> str:
    """One candidate a company and category."""
    return "k" + digest(company_id, category, length=12)
