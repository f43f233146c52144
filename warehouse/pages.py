"""A candidate, a piece of evidence and a verification as a terminal shows them. Nothing is computed here.

Belongs here: drawing with Rich, hostile text tamed. Does not belong here: tables for spreadsheets (present.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from warehouse.listings import CandidatePage
from warehouse.present import tame
from warehouse.showing import SENTENCE

if TYPE_CHECKING:
    from warehouse.evidence import VerifyReport

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
            Text(tame(_record(one) + amount)),
            Text(f"{one['kind']}, {one['relation']}\n{one['certainty']} {one['score']}" + _caveat(one)),
            Text("\n".join(quoted)),
            Text("\n".join(dict.fromkeys(f"{span['capture_id']}\n{tame(span['locator'])}" for span in spans))),
        )
    console.print(table)
    if len(statements) > _SHOWN_STATEMENTS:
        console.print(f"... and {len(statements) - _SHOWN_STATEMENTS} more (--format json shows all)")


def _caveat(one: dict[str, Any]) -> str:
    """Why a statement makes no candidate by itself."""
    if one["excluded"]:
        return tame(f"\n{one['excluded']}")
    return "" if one["alone"] else "\nsupports, makes none by itself"


def _record(one: dict[str, Any]) -> str:
    """What a statement was read from: an award's key and dates, or a text's title, publisher and day."""
    if one["title"] is None and one["publisher"] is None:
        return f"{one['record_key']}\n{one['agency']}, {one['first_action']} to {one['last_action']}"
    who = ", ".join(filter(None, (one["publisher"], one["reliability"])))
    told = f", states ${one['amount']:,.0f} ({one['amount_kind']})" if one["amount"] else ""
    what = f"{one['record_kind']}: {one['title'] or one['record_key']}"
    return f"{what}\n{who}, {one['stated_on']}\n{one['agency']}{told}"


def _names(page: CandidatePage, console: Console) -> None:
    names = [tame(row["name"]) for row in page.names.to_pylist() if row.get("name")]
    if len(names) > 1:
        console.print("Names seen: " + escape("; ".join(names)), highlight=False)
    parents = [tame(row["parent"]) for row in page.parents.to_pylist() if row.get("parent")]
    if len(parents) > 1:
        console.print("[yellow]Parents filed differ:[/] " + escape("; ".join(parents)), highlight=False)


def evidence(found: dict[str, Any], console: Console) -> None:
    """What stands behind an id: each word in place, highlighted, with its capture, hash, address and file."""
    console.rule(f"{found['kind']} {escape(found['id'])}")
    if found["kind"] == "capture":
        _capture(found["capture"], console)
        console.print(f"{len(found['statements'])} statements stand on it: {', '.join(found['statements'][:12])}"
                      + (" ..." if len(found["statements"]) > 12 else ""), highlight=False)
        return
    stated = found.get("statement")
    if stated:
        console.print(f"[bold]{escape(tame(stated['vendor']))}[/] {stated['relation']} "
                      f"{_CATEGORIES.get(stated['category'], stated['category'])} ({stated['kind']}) to "
                      f"{stated['agency_id']}; {stated['certainty']}, {stated['score']:.2f}", highlight=False)
        published = f", published {stated['stated_on']}" if stated["stated_on"] else ""
        console.print(f"{stated['record_kind']} {escape(tame(stated['record_key']))}{published}", highlight=False)
        if stated["excluded"]:
            console.print(f"[yellow]makes no candidate:[/] {escape(tame(stated['excluded']))}", highlight=False)
    if found.get("withdrawn"):
        console.print(f"[red]withdrawn:[/] {escape(tame(str(found['withdrawn'].get('reason'))))}", highlight=False)
    shown: set[str] = set()
    for words in _together(found["words"]):
        if len(words) == 1:
            _word(words[0], console)
        else:
            _sentence(words, console)
        capture = words[0]["capture"]
        if capture and capture["capture_id"] not in shown:
            shown.add(capture["capture_id"])
            _capture(capture, console)


def verification(report: VerifyReport, console: Console) -> None:
    """What was recomputed, and every finding by file, offset and capture."""
    console.print(f"{report.captures:,} captures hashed, {report.spans:,} spans of {report.statements:,} statements "
                  "read back in place", highlight=False)
    for finding in report.findings:
        console.print(f"[red]{escape(tame(str(finding)))}[/]", highlight=False)
    if report.restored:
        console.print(f"sound again: {', '.join(report.restored)}", highlight=False)
    if report.ok:
        console.print("[bold green]Every hash and every word is as it was archived.[/]")
    else:
        console.print(f"[bold red]{len(report.findings)} findings.[/] {len(report.withdrawn)} statements leave the "
                      "next publication: run `section3c run`, or restore the files from a backup and verify again.")


def _word(word: dict[str, Any], console: Console) -> None:
    line = Text("  ")
    if word["found"]:
        line.append("\u2026" if len(word["before"]) >= 160 else "")
        line.append(tame(word["before"]))
        line.append(tame(word["words"]), style="black on yellow")
        line.append(tame(word["after"]))
    else:
        why = tame(str(word["problem"] or "other words stand in its place"))
        line.append(f"\u201c{tame(word['words'])}\u201d is not there: {why}", style="red")
    console.print(line)
    console.print(f"  [dim]{escape(tame(word['column']))} at {escape(tame(word['locator']))}, rule "
                  f"{escape(tame(word['rule']))}, {word['bits']:+.2f} bits[/]", highlight=False)


def _together(words: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Words of one sentence of a text together, all others by themselves."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, word in enumerate(words):
        own = word["found"] and word["places"] is not None and word["capture"]
        key = (word["capture"]["capture_id"], word["locator"], word["text"]) if own else (str(number),)
        groups.setdefault(key, []).append(word)
    return list(groups.values())


def _sentence(words: list[dict[str, Any]], console: Console) -> None:
    """A sentence in place with all its words marked, then each word with its rule and its bytes."""
    line = Text("  \u2026")
    line.append(tame(words[0]["text"]))
    for word in words:
        if word["rule"] != SENTENCE:
            start, end = (len(tame(word["text"][:at])) + 3 for at in word["highlight"])
            line.stylize("black on yellow", start, end)
    console.print(line.append("\u2026"))
    for word in words:
        said = "the sentence" if word["rule"] == SENTENCE else f"\u201c{tame(word['words'])}\u201d"
        console.print(f"  [dim]{escape(said)}: rule {escape(tame(word['rule']))}, {word['bits']:+.2f} bits, at "
                      f"{escape(tame(' '.join(word['places'])))}[/]", highlight=False)
    where = f"{words[0]['column']} at {words[0]['locator']}"
    console.print(f"  [dim]{escape(tame(where))}[/]", highlight=False)


def _capture(capture: dict[str, Any], console: Console) -> None:
    console.print(f"  capture {capture['capture_id']} ({capture['verdict']}"
                  + (f": {escape(tame(capture['verdict_reason']))}" if capture["verdict_reason"] else "") + ")",
                  highlight=False)
    console.print(f"  [dim]{capture['method']} {escape(tame(capture['uri']))}\n"
                  f"  fetched {capture['fetched_at']:%Y-%m-%d %H:%M:%S} UTC, sha256 {capture['payload_sha256']}\n"
                  f"  evidence/{escape(capture['warc_file'])} at byte {capture['warc_offset']:,}, "
                  f"{capture['warc_length']:,} bytes[/]", highlight=False)
