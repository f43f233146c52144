"""Everything a packet says, read from one published version and from the archived bytes.

Belongs here: which statements, passages and captures stand behind a candidate. Does not belong here: files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from crawlers.archive import Capture, EvidenceArchive
from crawlers.warc_index import Entry
from records.workspace import Workspace
from warehouse import listings
from warehouse.engine import WarehouseError
from warehouse.reader import Reader, connect
from warehouse.showing import in_place

_TRIES: Final = 3
_BY_RECORD: Final = """
SELECT DISTINCT r.capture_id FROM {table} AS r
JOIN statement AS s ON s.record_kind = '{kind}' AND s.record_key = r.{key}
JOIN candidate AS c USING (company_id, category)
WHERE c.candidate_id = ? ORDER BY ALL
"""
_SPANS: Final = """
SELECT p.* FROM statement_span AS p JOIN statement AS s USING (statement_id)
JOIN candidate AS c USING (company_id, category)
WHERE c.candidate_id = ? ORDER BY p.statement_id, p.position
"""
_META: Final = "SELECT version, as_of, reader_version, law_sha256, inputs_sha256, sql_sha256 FROM meta"
#: Record kinds whose figures (amounts, dates) come from rows of their own: table and key.
_ROWS: Final = {"award": ("award_action", "award_key"), "subaward": ("subaward", "subaward_key")}


class PacketError(WarehouseError):
    """A packet cannot be made or read; the message says what, where and what to do."""


@dataclass(frozen=True)
class Kept:
    """A capture of the packet: the index entry that holds its payload, and what it is there for."""

    capture: Capture
    entry: Entry
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Contents:
    """A candidate with all that stands behind it. ``passages`` are spans with their archived text in place."""

    version: str
    meta: dict[str, Any]
    candidate: dict[str, Any]
    waterfall: list[dict[str, Any]]
    statements: list[dict[str, Any]]
    passages: list[dict[str, Any]]
    names: list[str]
    parents: list[str]
    kept: tuple[Kept, ...]

    @property
    def id(self) -> str:
        """Candidate id."""
        return str(self.candidate["candidate_id"])


def gather(workspace: Workspace, candidate_id: str, *, words_only: bool = False) -> Contents:
    """The contents of a packet. ``words_only`` leaves out captures that hold figures but no quoted words.

    Raises PacketError when a capture behind the candidate is missing or damaged, or quoted words are not in it: a
    packet says nothing that it does not hold. Raises WarehouseError when none or several candidates fit the id.
    """
    for _ in range(_TRIES):
        page = listings.candidate(workspace, candidate_id)
        with connect(workspace) as reader:
            if reader.version != page.version:  # published in between: begin again with the new version
                continue
            chosen = page.candidate.to_pylist()[0]
            key = chosen["candidate_id"]
            spans = _rows(reader, _SPANS, key)
            figures = {} if words_only else _figures(reader, key)
            meta = _rows(reader, _META)
        passages = [span | shown for span, shown in zip(spans, in_place(workspace, spans), strict=True)]
        _sound(passages)
        return Contents(
            version=page.version, meta=meta[0], candidate=chosen, waterfall=page.waterfall.to_pylist(),
            statements=page.statements.to_pylist(), passages=passages, kept=_kept(workspace, passages, figures),
            names=sorted({row["name"] for row in page.names.to_pylist() if row.get("name")}),
            parents=sorted({row["parent"] for row in page.parents.to_pylist() if row.get("parent")}),
        )  # fmt: skip
    raise PacketError("versions are being published faster than this packet can be made: try again in a minute")


def _rows(reader: Reader, sql: str, *parameters: str) -> list[dict[str, Any]]:
    answer = reader.query(sql, parameters, max_rows=1_000_000)
    rows: list[dict[str, Any]] = answer.table.to_pylist()
    return rows


def _figures(reader: Reader, candidate_id: str) -> dict[str, None]:
    """Captures of the rows whose amounts and dates the score counts."""
    found: dict[str, None] = {}
    for kind, (table, key) in _ROWS.items():
        sql = _BY_RECORD.format(table=table, kind=kind, key=key)
        found |= dict.fromkeys(str(row["capture_id"]) for row in _rows(reader, sql, candidate_id))
    return found


def _sound(passages: list[dict[str, Any]]) -> None:
    for passage in passages:
        if not passage["found"]:
            why = passage["problem"] or f"other words stand at {passage['locator']}, column {passage['column']}"
            raise PacketError(f"statement {passage['statement_id']}: '{passage['words']}' cannot be read back from "
                              f"capture {passage['capture_id']}: {why}. Run `section3c evidence verify`.")


def _kept(workspace: Workspace, passages: list[dict[str, Any]], figures: dict[str, None]) -> tuple[Kept, ...]:
    archive = EvidenceArchive(workspace.evidence)
    words = {str(passage["capture_id"]) for passage in passages}
    roles = {c: tuple(name for name, some in (("words", words), ("figures", figures)) if c in some)
             for c in sorted(words | figures.keys())}
    for capture_id in tuple(roles):  # the same bytes fetched before: that record holds them
        earlier = _get(archive, capture_id).revisit_of
        if earlier is not None and "payload" not in roles.get(earlier, ()):
            roles[earlier] = (*roles.get(earlier, ()), "payload")
    captures = {capture_id: _get(archive, capture_id) for capture_id in sorted(roles)}
    return tuple(Kept(capture, _entry(archive, capture), roles[key]) for key, capture in captures.items())


def _get(archive: EvidenceArchive, capture_id: str) -> Capture:
    try:
        return archive.get(capture_id)
    except KeyError:
        raise PacketError(f"capture {capture_id} is not in the archive: restore its file, or run `section3c run` "
                          "to publish a version without it") from None


def _entry(archive: EvidenceArchive, capture: Capture) -> Entry:
    for entry in archive.entries_of(capture.warc_file):
        if entry.capture is not None and entry.places[-1].offset == capture.warc_offset:
            return entry
    raise PacketError(f"{capture.warc_file} at byte {capture.warc_offset}: the index has no such record; "
                      "run `section3c evidence verify`")
