"""A company's page as a terminal shows it. Nothing is computed here.

Belongs here: drawing with Rich, hostile text tamed. Does not belong here: what is shown (company_pages.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from warehouse.company_judging import Standing
from warehouse.company_pages import Choice, Link, Profile
from warehouse.present import tame

_MOST_NAMES: Final = 30
_MOST_OWNED: Final = 25
_MOST_ROWS: Final = 12


def profile(page: Profile, console: Console) -> None:
    """Who it is, its names, family, candidates, statements and doubts."""
    row = page.company
    console.rule(f"{_t(page.name)}  {_t(page.company_id)}")
    if page.rekeyed_from:
        console.print(f"asked for {_t(page.rekeyed_from)}, which is this company today", highlight=False)
    console.print(f"{row['entity']}; {row['awards']} awards, {row['subawards']} subawards, ${row['obligated']:,.2f} "
                  f"obligated, {row['first_seen'] or '?'} to {row['last_seen'] or '?'}", highlight=False)
    _family(page, console)
    _names(page, console)
    _ids(page, console)
    _candidates("Candidates", page.candidates, console)
    _candidates("Candidates of companies under common control (§2.6)", page.family_candidates, console)
    _statements(page, console)
    for conflict in page.conflicts:
        console.print(f"[bold red]conflict[/] {_t(conflict['kind'])}: {_t(conflict['explanation'])}", highlight=False)
    for review in page.reviews:
        other = "b" if review["a"] == page.company_id else "a"
        console.print(f"[yellow]to review[/] {_t(review[other + '_name'])} {_t(review[other])}: {_t(review['reason'])}",
                      highlight=False)  # fmt: skip
    console.print(f"[dim]version {page.version}; `section3c company judge` decides a review.[/]")


def choices(asked: str, found: Sequence[Choice], console: Console) -> None:
    """Several companies that a name may mean."""
    table = Table(title=f"'{_t(asked)}' may mean:", title_justify="left")
    for name in ("id", "company", "found by", "records"):
        table.add_column(name, overflow="fold")
    for one in found:
        table.add_row(_t(one.company_id), _t(one.name), _t(one.why), str(one.records))
    console.print(table)


def chain(links: Sequence[Link], console: Console) -> None:
    """A chain of control, a line a link."""
    if not links:
        console.print("both are one company")
    for number, link in enumerate(links, 1):
        console.print(f"{number}. {_t(link.words)}  [dim]{_source(link)}[/]", highlight=False)


def judged(listed: Sequence[Standing], console: Console) -> None:
    """Judgements in effect."""
    table = Table(title="Judgements in effect", title_justify="left")
    for name in ("line", "a", "b", "verdict", "reason", "by", "day", "evidence"):
        table.add_column(name, overflow="fold")
    for one in listed:
        j = one.judgement
        sides = (f"{_t(one.a_name)} {_t(j.a)}", f"{_t(one.b_name)} {_t(j.b)}")
        table.add_row(str(j.number), *sides, j.verdict, _t(j.reason), _t(j.by), j.at[:10],
                      "[red]changed since[/]" if one.stale else "as seen")  # fmt: skip
    console.print(table)


def _family(page: Profile, console: Console) -> None:
    tree = Tree(f"[bold]{_t(page.name)}[/] {f'on {page.on}' if page.on else 'today'}")
    for way in page.owners:
        branch = tree
        for link in way:
            branch = branch.add(f"{_t(link.words)}  [dim]{_source(link)}[/]")
    if page.owned:
        below = tree.add(f"owns {len(page.owned)}")
        for link in page.owned[:_MOST_OWNED]:
            below.add(f"{_t(link.to_name)} ({link.control})  [dim]{_source(link)}[/]")
        if len(page.owned) > _MOST_OWNED:
            below.add(f"... {len(page.owned) - _MOST_OWNED} more")
    if page.past:
        gone = tree.add(f"not {'then' if page.on else 'any more, or never'}: {len(page.past)}")
        for link in page.past[:_MOST_OWNED]:
            why = f" ({link.standing}: {_t(link.why)})" if link.why else ""
            gone.add(f"{_t(link.words)}{why}  [dim]{_source(link)}[/]")
    console.print(tree if tree.children else "family: nothing known")


def _source(link: Link) -> str:
    days = f", seen {link.first_seen} to {link.last_seen}" if link.first_seen else ""
    return f"{_t(link.source)}: {_t(link.reason)}{days}; {_t(link.known)}; {_t(link.evidence)}"


def _names(page: Profile, console: Console) -> None:
    table = Table(title="Names", title_justify="left")
    for name in ("name", "kind", "from", "to", "source"):
        table.add_column(name, overflow="fold")
    for row in page.names[:_MOST_NAMES]:
        table.add_row(_t(row["name"]), row["kind"], str(row["valid_from"] or ""), str(row["valid_to"] or ""),
                      f"{_t(row['source'])}: {_t(row['reason'])}")  # fmt: skip
    console.print(table)
    if len(page.names) > _MOST_NAMES:
        console.print(f"... {len(page.names) - _MOST_NAMES} more")


def _ids(page: Profile, console: Console) -> None:
    for row in page.identifiers[:_MOST_NAMES]:
        console.print(f"also {_t(row['old_company_id'])}: {_t(row['why'])}", highlight=False)


def _candidates(title: str, rows: Sequence[dict[str, Any]], console: Console) -> None:
    for row in rows[:_MOST_ROWS]:
        console.print(f"{title}: {row['candidate_id']} {_t(row['company'])}, {row['category']}, {row['certainty']}, "
                      f"{row['relation']}, {row['score']} bits ({row['band']})", highlight=False)  # fmt: skip


def _statements(page: Profile, console: Console) -> None:
    for row in page.statements[:_MOST_ROWS]:
        note = f" excluded: {_t(row['excluded'])}" if row["excluded"] else ""
        console.print(f"statement {row['statement_id']}: {_t(row['vendor'])} ({row['vendor_role']}) {row['relation']} "
                      f"{row['category']} to {row['agency_id']}, {row['last_action']}{note}", highlight=False)
    if len(page.statements) > _MOST_ROWS:
        console.print(f"... {len(page.statements) - _MOST_ROWS} more statements")


def _t(text: object) -> str:
    return escape(tame(str(text)))
