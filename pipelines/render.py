"""How a run looks in a terminal: progress bars while it works, a readable summary when it ends. Nothing is computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import Console
from rich.markup import escape as _escape
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from pipelines.summary import RunSummary

if TYPE_CHECKING:
    from crawlers.load import LoadReport

_ORIGINS = {"live": "live", "stored": "what the lake holds, nothing crawled"}
_CATEGORIES = {"data_broker": "Data Broker", "extreme_vetting": "Extreme Vetting", "detention": "Detention"}


def escape(text: str) -> str:
    """Crawled text as a terminal may show it: no escapes, no control characters, no markup."""
    if not text.replace("\n", "").isprintable():
        from warehouse.present import tame

        text = tame(text)
    return _escape(text)


class Bars:
    """Progress bars, one a stage; use as a context manager around the run."""

    def __init__(self, console: Console | None = None) -> None:
        self._bars = RichProgress(
            SpinnerColumn(finished_text=" "), TextColumn("{task.description}"), BarColumn(bar_width=24),
            MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("[dim]{task.fields[note]}"),
            console=console or Console(stderr=True), refresh_per_second=8,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        """Show them."""
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave them standing as they are."""
        self._bars.stop()

    def start(self, stage: str, label: str, total: int | None = None) -> None:
        """A bar that pulses until a total is known."""
        self._tasks[stage] = self._bars.add_task(escape(label), total=total, note="")

    def advance(self, stage: str, done: int, total: int | None = None, label: str | None = None) -> None:
        """Move the stage's bar."""
        if stage in self._tasks:
            self._bars.update(self._tasks[stage], completed=done, total=total,
                              note=escape(label) if label else None)

    def finish(self, stage: str, label: str, ok: bool = True) -> None:
        """Fill the stage's bar, or stop it where it stands."""
        if stage not in self._tasks:
            return
        task = self._tasks[stage]
        first = label.splitlines()[0][:100] if label else ""
        if ok:
            total = self._bars.tasks[self._bars.task_ids.index(task)].total or 1
            self._bars.update(task, total=total, completed=total, note=escape(first))
        else:
            self._bars.update(task, total=1, note=f"[red]failed: {escape(first)}[/]")
            self._bars.stop_task(task)


def render_import(file: Path, report: LoadReport, console: Console) -> None:
    """Print what an import of one file brought, and what was odd about it."""
    rows = ", ".join(f"{count:,} {table} rows" for table, count in report.rows.items()) or "no rows"
    told = [f"{report.duplicates:,} exact duplicates"] if report.duplicates else []
    console.print(f"[green]Imported[/] {escape(file.name)}: {', '.join([rows, *told])}", highlight=False)
    for problem in report.problems:
        console.print(f"  [yellow]Note:[/] {escape(problem)}", highlight=False)


def render(summary: RunSummary, console: Console) -> None:
    """Print the summary: what came in, what was found, what stands published, what needs a person."""
    _head(summary, console)
    if not summary.unchanged:
        _intake(summary, console)
        _found(summary, console)
    _candidates(summary, console)
    _stages(summary, console)
    _trouble(summary, console)
    _end(summary, console)


def _head(summary: RunSummary, console: Console) -> None:
    window = f", window {summary.window_from} to {summary.window_to}" if summary.window_from else ""
    origin = f"replay of {summary.archive}" if summary.mode == "replay" else _ORIGINS[summary.mode]
    console.rule(f"Run {summary.run_id[:8]}")
    console.print(f"{escape(origin)}{window}, {summary.seconds:.1f} s", highlight=False)
    if summary.unchanged:
        console.print(f"[green]Nothing to do:[/] {escape(summary.unchanged)}")


def _intake(summary: RunSummary, console: Console) -> None:
    rows = summary.rows
    if rows:
        parts = ", ".join(f"{count:,} {name}" for name, count in rows.items())
        console.print(f"Rows: {parts}", highlight=False)
    for source in summary.sources:
        verdicts = ", ".join(f"{n:,} {name}" for name, n in source.verdicts.items()) or "none"
        console.print(f"{source.source}: {source.requests:,} requests; captures: {verdicts}", highlight=False)
        held = [proof for proof in source.proofs if proof.ok]
        if held:
            console.print(f"  [green]proved complete[/]: {len(held):,} of {len(source.proofs):,} counts of the source "
                          "agree with what was collected", highlight=False)
        for proof in source.proofs:
            if not proof.ok:
                console.print(f"  [red]NOT proved[/] {escape(proof.name)}: the source counts {escape(proof.expected)}, "
                              f"collected {escape(proof.got)}", highlight=False)
    if summary.evidence:
        console.print(f"Evidence: {escape(summary.evidence)}", highlight=False)


def _found(summary: RunSummary, console: Console) -> None:
    if summary.statements:
        table = Table(title="Statements", title_justify="left")
        for name in ("category", "clear", "arguable"):
            table.add_column(name, justify="left" if name == "category" else "right")
        for category, counts in summary.statements.items():
            table.add_row(_CATEGORIES.get(category, category), f"{counts.get('clear', 0):,}",
                          f"{counts.get('arguable', 0):,}")
        console.print(table)
    if summary.by_record:
        table = Table(title="Statements by kind of record", title_justify="left")
        for name in ("record", "make a candidate", "support one", "context or excluded"):
            table.add_column(name, justify="left" if name == "record" else "right")
        for record, counts in summary.by_record.items():
            table.add_row(record.replace("_", " "), *(f"{counts[name]:,}" for name in ("makes", "supports", "context")))
        console.print(table)
    if summary.excluded:
        console.print(f"Set aside as government bodies and employees (§2.6): {summary.excluded:,}", highlight=False)
        for example in summary.excluded_examples:
            console.print(f"  {escape(example.vendor)} [dim]({escape(example.reason)})[/]", highlight=False)
    if summary.withdrawn:
        console.print(f"[red]Withdrawn[/] because their evidence no longer verifies: {summary.withdrawn:,} statements",
                      highlight=False)


def _candidates(summary: RunSummary, console: Console) -> None:
    """Blocks of lines, not a table: ids must stay whole in a narrow terminal to be copied."""
    if not summary.candidates:
        return
    console.print(f"\n[bold]Candidates: {summary.candidate_count:,}[/], the strongest of each category "
                  "(bits of evidence, log2 odds):", highlight=False)
    for category in dict.fromkeys(one.category for one in summary.candidates):
        console.print(f"[bold]{escape(_CATEGORIES.get(category, category))}[/]")
        for one in (c for c in summary.candidates if c.category == category):
            console.print(f"  {one.bits:5.1f}  {escape(one.company)} [dim]({one.certainty})[/]  {one.candidate_id}",
                          highlight=False)
            if one.words:
                console.print(f"         [italic]{escape(_short(one.words))}[/]  [dim]evidence[/] {one.evidence_id}",
                              highlight=False)
    console.print("[dim]section3c candidate ID shows the sum, section3c evidence show ID the words in place.[/]\n")


def _short(text: str, length: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 3] + "..."


def _stages(summary: RunSummary, console: Console) -> None:
    if not summary.stages:
        return
    parts = [f"{s.name} {s.seconds:.1f} s{' (unchanged)' if s.skipped else ''}" for s in summary.stages]
    console.print(f"Stages: {', '.join(parts)}", highlight=False)


def _trouble(summary: RunSummary, console: Console) -> None:
    for text in summary.problems:
        console.print(f"[yellow]Note:[/] {escape(text)}", highlight=False)
    for text in summary.stale:
        console.print(f"[yellow]Stale:[/] {escape(text)}", highlight=False)


def _end(summary: RunSummary, console: Console) -> None:
    if summary.table_hashes:
        console.print("Content of each table (hash over its facts):", highlight=False)
        pairs = [f"[dim]{escape(table):<20} {escape(digest)}[/]" for table, digest in summary.table_hashes.items()]
        console.print(Columns(pairs, padding=(0, 3)), highlight=False)
    if summary.version and not summary.why_not:
        console.print(f"[bold green]Published version {escape(summary.version)}[/]", highlight=False)
        return
    console.print(f"[bold red]Not published:[/] {escape(summary.why_not or 'the run did not reach publication')}",
                  highlight=False)
    if summary.version:
        console.print(f"Version {escape(summary.version)} still stands; readers notice nothing.", highlight=False)
