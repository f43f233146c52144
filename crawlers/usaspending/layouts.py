"""Official file layouts as data (columns.yaml): which layout a header is, which column fills which lake column.

Belongs here: reading columns.yaml and recognising headers. Does not belong here: reading rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from crawlers.parsing import BadCsvError, MissingColumnError, UnknownLayoutError, printable


class Layout(BaseModel):
    """One official layout. ``columns``: lake column to official names, the first with a value wins."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    table: Literal["transaction", "subaward"]
    detect: tuple[str, ...]
    mandatory: tuple[str, ...]
    keys: Literal["filed", "parts", "search", "summary", "subaward"]
    flags: Literal["columns", "codes", "words", "none"]
    dates: Literal["mdy", "dmy"]
    columns: dict[str, tuple[str, ...]]


class Columns(BaseModel):
    """columns.yaml as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layouts: dict[str, Layout]
    flags: tuple[str, ...]
    flag_aliases: dict[str, str]
    flag_codes: dict[str, str]
    flag_words: dict[str, str]
    ignored: frozenset[str]


@cache
def columns() -> Columns:
    """The validated columns.yaml."""
    text = resources.files("crawlers.usaspending").joinpath("columns.yaml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)
    for name, layout in raw["layouts"].items():
        layout["name"] = name
    return Columns.model_validate(raw)


@cache
def official_header(name: str) -> tuple[str, ...]:
    """The published column names of a layout, in order (contract_transaction has 297)."""
    file = resources.files("crawlers.usaspending").joinpath("headers", f"{name}.txt")
    return tuple(file.read_text(encoding="utf-8").split())


def recognise(header: Sequence[str], where: str) -> Layout:
    """The layout of a header. Raises MissingColumnError, UnknownLayoutError, or BadCsvError (repeated names)."""
    present = set(header)
    if len(present) < len(header):
        twice = sorted({name for name in header if list(header).count(name) > 1})
        raise BadCsvError(f"column {', '.join(map(printable, twice))} stands more than once in the header",
                          where=where, do="Download the file again without editing it")
    for layout in columns().layouts.values():
        if present.issuperset(layout.detect):
            _demand(layout, layout.mandatory, present, where)
            return layout
    likely = max(columns().layouts.values(), key=lambda item: _likeness(item, present))
    if _likeness(likely, present) >= 0.5:
        _demand(likely, (*likely.detect, *likely.mandatory), present, where)
    shown = printable(", ".join(header), 160) or "nothing"
    raise UnknownLayoutError(f"no official USAspending layout has this header: {shown}", where=where,
                             do="Give an unchanged CSV or zip from usaspending.gov (award data download)")


def unknown_columns(layout: Layout, header: Sequence[str]) -> list[str]:
    """Columns that no list names: reported, never fatal."""
    known = columns()
    mapped = {name for names in layout.columns.values() for name in names}
    listed = known.ignored | mapped | set(known.flags) | set(known.flag_aliases) | _all_mapped()
    return [name for name in header if name not in listed]


def flag_sources(header: Sequence[str]) -> list[str | None]:
    """For each official flag, in columns.yaml's order, the header's column that holds it (its name or an older one)."""
    present = set(header)
    older = {new: old for old, new in columns().flag_aliases.items()}
    return [flag if flag in present else older[flag] if older.get(flag) in present else None
            for flag in columns().flags]


@cache
def _all_mapped() -> frozenset[str]:
    return frozenset(
        name for layout in columns().layouts.values() for names in layout.columns.values() for name in names
    )


def _likeness(layout: Layout, present: set[str]) -> float:
    """How much a header has in common with a layout's published one, 0 to 1."""
    if resources.files("crawlers.usaspending").joinpath("headers", f"{layout.name}.txt").is_file():
        wanted = set(official_header(layout.name))
    else:
        wanted = {name for names in layout.columns.values() for name in names}
    return len(wanted & present) / len(wanted | present)


def _demand(layout: Layout, names: Sequence[str], present: set[str], where: str) -> None:
    missing = [name for name in names if name not in present]
    if missing:
        raise MissingColumnError(
            f"{', '.join(missing)} missing from what looks like the layout '{layout.name}'", where=where,
            do="The layout changed or the file was edited: nothing was loaded. Download it again; if the column is "
            "gone for good, map its successor in crawlers/usaspending/columns.yaml",
        )
