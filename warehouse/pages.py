"""A candidate, a piece of evidence and a verification as a terminal shows them. Nothing is computed here.

Belongs here: drawing with Rich, hostile text tamed. Does not belong here: tables for spreadsheets (present.py).
"""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from warehouse.listings import CandidatePage
from warehouse.present import tame

_CATEGORIES: Final = {"data_broker": "Data Broker", "extreme_vetting": "Extreme Vetting", "detention": "Detention"}
_BAR_WIDTH: Final = 24
_SHOWN_STATEMENTS: Final = 12
_SHOWN_WORDS: Final = 4


def candidate(page: CandidatePage, console: Console) -> None:
    """Who, what, the sum of the score bar by bar, the statements with their words and where each stands."""
    row = page.candidate.to_pylist()[0]
    console.rule(f"{row['candidate_id']}  {escape(tame(row['company'] or row['company_id']))}")
    _facts(row, console)
    _waterfall(page, row, console)
    _statements(page, console)
    _names(page, console)
    console.print(f"[dim]version {page.version}; section3c evidence show STATEMENT shows the words in place.[/]")


def _facts(row: dict[str, Any], console: Console) -> None:
    category = _CATEGORIES.get(row["category"], row["category"])
    console.print(f"[bold]{category}[/], {row['certainty']}, {row['relation']}; "
                  f"{row['score']} bits ({row['band']})", highlight=False)
    console.print(f"id {escape(tame(row['company_id']))}" + (f", parent as filed {escape(tame(row['parent']))}"
                                                            if row["parent"] else ""), highlight=False)
    amount = f"${row['obligated']:,.2f}" if row["obligated"] is not None else "amount not filed"
    console.print(f"{row['records']} records, {row['statements']} statements, {amount} obligated, "
                  f"{row['first_action']} to {row['last_action']}, agencies: {row['agencies']}", highlight=False)
    for label in ("kinds", "products", "facilities", "via"):
        if row[label]:
            console.print(f"{label}: {escape(tame(row[label]))}", highlight=False)


def _waterfall(page: CandidatePage, row: dict[str, Any], console: Console) -> None:
    bars = page.waterfall.to_pylist()
    largest = max((abs(bar["bits"]) for bar in bars), default=0) or 1
    table = Table(title="How the score adds up (bits)", title_justify="left")
    for name, justify in (("bar", "left"), ("bits", "right"), ("", "left"), ("because", "left")):
        table.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    for bar in bars:
        length = round(abs(bar["bits"]) / largest * _BAR_WIDTH)
        colour = "green" if bar["bits"] > 0 else "red"
        because = tame(bar["label"] or "") + (f": \u201c{tame(bar['words'])}\u201d" if bar["words"] else "")
        table.add_row(bar["bar"], f"{bar['bits']:+}", Text("\u2588" * length, style=colour), Text(because))
    table.add_section()
    table.add_row("score", f"{row['score']:+}", "", f"service {row['service']:+}, identity {row['identity']:+}, "
                  f"corroboration {row['corroboration']:+}, contradiction {row['contradiction']:+}")
    console.print(table)


def _statements(page: CandidatePage, console: Console) -> None:
    words: dict[str, list[dict[str, Any]]] = {}
    for span in page.words.to_pylist():
        words.setdefault(span["statement_id"], []).append(span)
    table = Table(title="Statements, surest first", title_justify="left", show_lines=True)
    for name in ("statement", "record", "reading", "words", "archived in"):
        table.add_column(name, overflow="fold")
    statements = page.statements.to_pylist()
    for one in statements[:_SHOWN_STATEMENTS]:
        spans = words.get(one["statement_id"], [])[:_SHOWN_WORDS]
        quoted = [f"\u201c{tame(span['words'])}\u201d ({span['column']}, {span['bits']:+})" for span in spans]
        amount = f"\n${one['obligated']:,.2f}" if one["obligated"] is not None else ""
        table.add_row(
            Text(one["statement_id"]),
            Text(tame(f"{one['record_key']}\n{one['agency']}, {one['first_action']} to {one['last_action']}{amount}")),
            Text(f"{one['kind']}, {one['relation']}\n{one['certainty']} {one['score']}"),
            Text("\n".join(quoted)),
            Text("\n".join(dict.fromkeys(f"{span['capture_id']}\n{tame(span['locator'])}" for span in spans))),
        )
    console.print(table)
    if len(statements) > _SHOWN_STATEMENTS:
        console.print(f"... and {len(statements) - _SHOWN_STATEMENTS} more (--format json shows all)")


def _names(page: CandidatePage, console: Console) -> None:
    names = [tame(row["name"]) for row in page.names.to_pylist() if row.get("name")]
    if len(names) > 1:
        console.print("Names seen: " + escape("; ".join(names)), highlight=False)
    parents = [tame(row["parent"]) for row in page.parents.to_pylist() if row.get("parent")]
    if len(parents) > 1:
        console.print("[yellow]Parents filed differ:[/] " + escape("; ".join(parents)), highlight=False)
