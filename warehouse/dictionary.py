"""The data dictionary: every table and column of a version with its description, as Markdown.

Belongs here: rendering of the comments that the built file carries. Does not belong here: the descriptions themselves
(records.schemas, shapes, the headers of sql/*.sql).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import duckdb

from records.schemas import CAPTURE
from records.workspace import Workspace
from warehouse import build, compose, statements, table_files
from warehouse.engine import WarehouseError
from warehouse.publish import current
from warehouse.readings import Read

_HEAD: Final = """# Data dictionary

Tables of the published warehouse, as `section3c sql` sees them. Made from the comments in the database by
`section3c dictionary --out docs/data-dictionary.md` (or `python -m warehouse.dictionary`, which needs no published
version); a test holds it current. Columns marked *seen* say where a fact was seen, not what it says. Amounts are US
dollars, evidence is in bits (log2 odds), times are UTC.
"""


def markdown(workspace: Workspace) -> str:
    """The dictionary of the published version. Raises WarehouseError when nothing is published."""
    published = current(workspace)
    if published is None:
        raise WarehouseError(f"nothing is published in {workspace.warehouse} yet: run `section3c run`")
    return of_file(published.path)


def of_file(path: Path) -> str:
    """The dictionary of one built version."""
    files = {table.name: table for table in table_files.load()}
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(
            "SELECT t.name, t.comment, c.column_name, c.data_type, c.comment FROM ("
            "SELECT table_name AS name, comment FROM duckdb_tables() UNION ALL "
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal) AS t "
            "JOIN duckdb_columns() AS c ON c.table_name = t.name ORDER BY t.name, c.column_index"
        ).fetchall()
    parts = [_HEAD]
    last = ""
    for table, about, column, kind, text in rows:
        file = files.get(table)
        if table != last:
            parts.append(_table_head(table, about or "", file))
            last = table
        described = text or (file.columns.get(column, "") if file else "")
        if not described and file and file.view:
            described = _inherited(files, column)
        seen = " *seen*" if file and (file.all_provenance or column in file.provenance) else ""
        parts.append(f"| `{column}` | {kind} | {_cell(described)}{seen} |")
    return "\n".join(parts) + "\n"


def _table_head(table: str, about: str, file: table_files.TableFile | None) -> str:
    key = f" Key: {', '.join(f'`{column}`' for column in file.key)}." if file and file.key else ""
    view = " A view." if file and file.view else ""
    return f"\n## {table}\n\n{about}{key}{view}\n\n| column | type | what it is |\n| --- | --- | --- |"


def _inherited(files: dict[str, table_files.TableFile], column: str) -> str:
    """A view's column is described where it comes from."""
    return next((file.columns[column] for file in files.values() if column in file.columns), "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def of_empty_version() -> str:
    """The dictionary of a version built from nothing: the same tables and columns, without a workspace."""
    nobody: Read = lambda batches, *, workers=1: iter(())  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder)).ensure()
        none = CAPTURE.empty_table()
        compose.compose(workspace, captures=none)
        statements.make(workspace, nobody, reader_version="none", captures=none)
        return of_file(build.build(workspace, captures=none).file)


if __name__ == "__main__":
    import sys

    sys.stdout.write(of_empty_version())
