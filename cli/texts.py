"""The verb that reads texts: ``section3c read PATH... --out FILE.jsonl``.

Belongs here: naming the files, getting text out of them, and one call into the reader. Does not belong here: what a
text says (``nlp``), how a PDF is read (``crawlers.documents``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.common import fail

_PLAIN: Final = frozenset({".txt", ".text", ".md", ".markdown"})
_app = typer.Typer()


@_app.command()
def read(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Texts, HTML pages, PDF, DOCX; folders hold more.")
    ],
    out: Annotated[Path, typer.Option("--out", help="JSON lines to write, one a statement.")],
    texts: Annotated[
        Path | None,
        typer.Option(
            "--texts", help="Folder to write each document's text to (NAME.txt): what start and end count in."
        ),
    ] = None,
) -> None:
    """Read who supplies which service to which immigration agency, by which exact words.

    Each line: document, vendor, agency, category, kind, relation, certainty, score, amount, amount_kind, sentence,
    start, end, via, date. Of a plain text file start and end count its characters as decoded (UTF-8, else as its bytes
    suggest); of HTML, PDF and DOCX the characters of the text taken out of it, which --texts writes. A file that cannot
    be read is named and passed over; the exit code is then 1.
    """
    from nlp.texts import TextsError, write_lines

    failed: list[str] = []
    try:
        counts = write_lines(_documents(paths, texts, failed), out)
    except (TextsError, OSError) as error:
        raise fail(error) from error
    typer.echo(", ".join(f"{count} {name}" for name, count in counts.items()))
    if failed:
        raise typer.Exit(1)


def _documents(paths: list[Path], texts: Path | None, failed: list[str]) -> Iterator[tuple[str, str]]:
    files = list(_files(paths, failed))
    names = Counter(path.name for path in files)
    if texts is not None:
        texts.mkdir(parents=True, exist_ok=True)
    for path in files:
        try:
            text = _text(path)
        except (OSError, ValueError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
            failed.append(path.name)
            typer.echo(f"{path}: {reason}; passed over", err=True)
            continue
        name = path.name if names[path.name] == 1 else str(path)
        if texts is not None:
            target = texts / f"{name.replace('/', '_')}.txt"
            target.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
        yield name, text


def _files(paths: list[Path], failed: list[str]) -> Iterator[Path]:
    """The files named, and those in the folders named, in order; what does not exist is said."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        elif path.exists():
            yield path
        else:
            failed.append(path.name)
            typer.echo(f"{path}: no such file or folder; check the name", err=True)


def _text(path: Path) -> str:
    """A file's text. Raises OSError, or ValueError that says why there is none."""
    from crawlers.documents import extract

    if path.suffix.lower() in _PLAIN:
        return _decoded(path)
    found = extract(path)
    if found.format == "text" and found.ok:
        return _decoded(path)
    if not found.ok:
        raise ValueError(f"cannot be read ({found.reason()})")
    return found.text


def _decoded(path: Path) -> str:
    """A plain file's characters, line ends as they are. Raises ValueError for a file that is no text."""
    from charset_normalizer import from_bytes

    body = path.read_bytes()
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        if b"\0" in body[:4096] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ValueError("is no text file; give it its own ending (.pdf, .docx, .html)") from None
        best = from_bytes(body).best()
        if best is None:
            raise ValueError("is in no encoding that can be told; save it as UTF-8") from None
        return body.decode(best.encoding)


def add_to(app: typer.Typer) -> None:
    """Hang this module's verb into the command line."""
    app.registered_commands += _app.registered_commands
