"""The warehouse's tables as files: one SELECT each in sql/, its header saying what it is, its order found from it.

Belongs here: reading sql/*.sql, their headers, their dependencies and their order. Does not belong here: running them.

A header is the leading ``--`` lines: sentences for people, then directives: ``key: a, b`` (unique, the order of rows),
``order: a, b`` (where there is no key), ``shape: NAME`` (column descriptions from records or shapes),
``kind: view``, ``provenance: whole table``, ``column NAME: text``, ``column NAME (provenance): text``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from records import published, schemas
from warehouse import company_shapes, shapes
from warehouse.engine import WarehouseError, one_row

FOLDER: Final = Path(__file__).parent / "sql"
_SHAPES: Final = (schemas, published, shapes, company_shapes)
_DIRECTIVE: Final = re.compile(r"(key|order|shape|kind|provenance|column (\w+)( \(provenance\))?):\s*(.+)")


@dataclass
class TableFile:
    """One table or view: its SELECT, what it is for people, its key, its columns' descriptions."""

    name: str
    select: str
    about: str = ""
    key: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    view: bool = False
    all_provenance: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    provenance: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)


def load(folder: Path = FOLDER) -> list[TableFile]:
    """All tables of the folder in the order they must be built. Raises WarehouseError for a cycle or a bad header."""
    tables = {path.stem: parse(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))}
    with duckdb.connect(":memory:") as con:
        graph = {name: referenced(con, table) & tables.keys() - {name} for name, table in tables.items()}
    try:
        sorter = TopologicalSorter(graph)
        sorter.prepare()
        ordered: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            ordered += ready
            sorter.done(*ready)
    except CycleError as error:
        raise WarehouseError(f"{folder.name}/: tables refer to each other in a circle: {error.args[1]}") from error
    return [tables[name] for name in ordered]


def parse(name: str, text: str) -> TableFile:
    """One file. Raises WarehouseError for an unknown shape."""
    lines = text.splitlines()
    body = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    table = TableFile(name, "\n".join(lines[body:]).strip().rstrip(";"))
    about: list[str] = []
    for line in lines[:body]:
        words = line.removeprefix("--").strip()
        found = _DIRECTIVE.fullmatch(words)
        if found is None:
            about.append(words)
        else:
            _apply(table, found)
    table.about = " ".join(about)
    return table


def _apply(table: TableFile, found: re.Match[str]) -> None:
    directive, column, seen, value = found.groups()
    if column:
        table.columns[column] = value
        if seen:
            table.provenance.add(column)
    elif directive in ("key", "order"):
        setattr(table, directive, tuple(part.strip() for part in value.split(",")))
    elif directive == "shape":
        _shape(table, value.strip())
    elif directive == "kind":
        table.view = value.strip() == "view"
    elif directive == "provenance":
        table.all_provenance = True


def _shape(table: TableFile, name: str) -> None:
    schema: pa.Schema | None = next((found for room in _SHAPES if (found := getattr(room, name, None))), None)
    if schema is None:
        raise WarehouseError(f"sql/{table.name}.sql: no shape '{name}' in records or warehouse.*shapes")
    for column in schema:
        table.columns.setdefault(column.name, column.metadata[b"description"].decode())
        if schemas.is_provenance(column):
            table.provenance.add(column.name)
        if not column.nullable:
            table.required.add(column.name)


def referenced(con: duckdb.DuckDBPyConnection, table: TableFile) -> set[str]:
    """Names the SELECT reads from, as DuckDB's own parser sees them. Raises WarehouseError when it does not parse."""
    tree = json.loads(one_row(con, "SELECT json_serialize_sql(?)", [table.select])[0])
    if tree.get("error"):
        raise WarehouseError(f"sql/{table.name}.sql does not parse: {tree.get('error_message', 'no answer')}")
    return {str(node["table_name"]) for node in _walk(tree) if node.get("type") == "BASE_TABLE"}


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def names(tables: Iterable[TableFile]) -> list[str]:
    """Their names, in order."""
    return [table.name for table in tables]
