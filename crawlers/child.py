"""The child process of one crawl: ``python -m crawlers.child``, a spec (JSON) on stdin, events (JSON) on stdout.

Belongs here: setting the scene, running Scrapy, reporting. Does not belong here: any source's behaviour.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawlers.archive import ArchiveError, EvidenceArchive
from crawlers.context import CrawlContext, EventSink
from crawlers.journal import Journal, finish_window
from crawlers.settings import settings
from crawlers.sources import Source, SourceError, load
from ordinance.loader import OrdinanceError
from records.workspace import Workspace

if TYPE_CHECKING:
    from scrapy import Spider
    from twisted.python.failure import Failure

    from crawlers.spiders.base import SourceSpider

CONTACT_VARIABLE = "SECTION3C_CONTACT"
_log = logging.getLogger("crawlers.child")


def main() -> int:
    """Run one crawl; 0 when it ended in order (its report may still tell of problems), 2 for a bad spec."""
    sink = _take_stdout()
    line = sys.stdin.buffer.readline()
    if not line:
        sink({"event": "problem", "text": "no spec came on stdin; this program is started by crawlers.run"})
        return 2
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        context = _context(json.loads(line), sink)
        spider = _spider_class(context.source)
    except (SourceError, OrdinanceError, ArchiveError) as problem:
        sink({"event": "problem", "text": str(problem)})
        return 2
    try:
        _crawl(context, spider)
    finally:
        if context.writer is not None:
            context.writer.close()
        shutil.rmtree(context.scratch, ignore_errors=True)
    return 0


def _take_stdout() -> EventSink:
    """Keep the real stdout for events; whatever a library prints goes to the log."""
    events = os.dup(1)
    os.dup2(2, 1)
    return EventSink(lambda data: _write_all(events, data))


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data):]


def _end_with_parent() -> None:
    """The parent keeps our stdin open as long as it lives; the archive is safe to leave at any instant."""
    while os.read(0, 4096):  # not through sys.stdin: its lock would be held at exit
        pass
    os._exit(3)


def _context(spec: dict[str, Any], sink: EventSink) -> CrawlContext:
    options = dict(spec["options"])
    workspace = Workspace(Path(spec["workspace"]))
    folder = options.get("source_folder")
    source = load(spec["source"], Path(folder) if folder else None)
    archive = EvidenceArchive(workspace.evidence)
    for healed in archive.recover():
        sink({"event": "note", "text": f"after an earlier crash: {healed}"})
    replay = spec["mode"] == "replay"
    if replay and spec["replay"]:
        options["replay_files"] = sorted(archive.adopt(Path(spec["replay"])))
    source = source.based_at(spec["base_url"] or (_recorded_base(archive, source, options) if replay else None))
    state = workspace.state / "crawl"
    context = CrawlContext(
        source=source, run_id=spec["run_id"], mode=spec["mode"], options=options, archive=archive,
        scratch=state / "scratch" / f"{source.name}-{os.getpid()}", state=state, emit=sink,
        contact=os.environ.get(CONTACT_VARIABLE) or source.contact,
    )
    if not replay:
        _sweep(state / "scratch")
        _go_live(context)
    return context


def _recorded_base(archive: EvidenceArchive, source: Source, options: dict[str, Any]) -> str | None:
    """The base address the replayed captures were recorded from, when they agree on one."""
    files, run = options.get("replay_files"), options.get("replay_run")
    found = {info["base_url"] for name, info in archive.runs() if info.get("source") == source.name
             and "base_url" in info and (files is None or name in files) and run in (None, info.get("run_id"))}
    return found.pop() if len(found) == 1 else None


def _go_live(context: CrawlContext) -> None:
    source = context.source
    if context.contact is None:
        if not source.local:
            raise SourceError(f"{source.name}: a public host is not asked by a crawler that does not say whom to write "
                              f"to. Set {CONTACT_VARIABLE} to a mail address or page of yours.")
        context.event("note", text=f"{CONTACT_VARIABLE} is not set; public hosts would not be asked without it")
    context.writer = context.archive.writer(source.name, context.run_id, info={
        "base_url": source.base_url, "contact": context.contact or "", "publisher": source.publisher,
        "robots": f"{source.robots.policy}: {source.robots.reason}", **_asked_about(context),
    })
    key = context.options.get("resume") or context.options.get("window")
    if key:
        context.journal = Journal(context.state / source.name, str(key))


def _asked_about(context: CrawlContext) -> dict[str, str]:
    """Whom the source was asked about, for the file's first record: a replay must ask the same."""
    asks = context.source.asks
    told = {name: context.options[name] for name in (asks.options if asks else ()) if context.options.get(name)}
    return {"asked": json.dumps(told, ensure_ascii=False)} if told else {}


def _sweep(scratch: Path) -> None:
    """Remove what killed crawls left in scratch folders."""
    for folder in scratch.glob("*-*"):
        pid = folder.name.rpartition("-")[2]
        if pid.isdigit() and not Path("/proc", pid).exists() and Path("/proc").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _spider_class(source: Source) -> type[SourceSpider]:
    from crawlers.spiders.base import SourceSpider

    module, _, name = source.spider.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as problem:
        raise SourceError(f"{source.name}: spider '{source.spider}' cannot be loaded ({problem})") from None
    if not (isinstance(found, type) and issubclass(found, SourceSpider)):
        raise SourceError(f"{source.name}: spider '{source.spider}' is no subclass of SourceSpider")
    return found


def _crawl(context: CrawlContext, spider: type[SourceSpider]) -> None:
    from scrapy import signals
    from scrapy.crawler import CrawlerProcess

    process = CrawlerProcess(settings(context.source, replay=context.mode == "replay", contact=context.contact))
    crawler = process.create_crawler(spider)
    reporter = _Reporter(context)
    for name in ("scrapy.core.engine", "scrapy.core.scraper"):
        logging.getLogger(name).addHandler(reporter)

    def closed(spider: Spider, reason: str) -> None:
        if reason == "finished":
            _finish(context)
        context.event("done", reason=reason, stats=_stats(context))

    crawler.signals.connect(closed, signal=signals.spider_closed)
    process.crawl(crawler, context=context).addErrback(_broken, context)
    process.start()


def _broken(failure: Failure, context: CrawlContext) -> None:
    _log.error("the crawl could not run\n%s", failure.getTraceback())
    context.problem(f"{context.source.name}: the crawl could not run: {failure.getErrorMessage()}")


def _finish(context: CrawlContext) -> None:
    """A complete crawl: its journal has served, its window is noted. An incomplete one keeps its journal."""
    if context.problems or context.failed_proofs:
        return
    if context.journal is not None and not context.options.get("keep_journal"):
        context.journal.finish()
    window = context.options.get("window")
    if window and context.mode == "live" and not context.options.get("keep_journal"):
        finish_window(context.state / context.source.name, str(window), context.run_id)


class _Reporter(logging.Handler):
    """Scrapy logs a spider's exceptions, and failures nobody handles, and goes on: make problems of them."""

    def __init__(self, context: CrawlContext) -> None:
        super().__init__(logging.ERROR)
        self._context = context

    def emit(self, record: logging.LogRecord) -> None:
        """One problem a logged error."""
        cause = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        text = f"{record.getMessage()}: {type(cause).__name__}: {cause}" if cause else record.getMessage()
        self._context.problem(f"{self._context.source.name}: {text}")


def _stats(context: CrawlContext) -> dict[str, Any]:
    counts = context.counts
    wanted = ("requests", "bytes", "captures", "retries", "redirects", "resumed")
    robots = {name.removeprefix("robots_"): n for name, n in counts.items() if name.startswith("robots_")}
    return {**{name: counts[name] for name in wanted}, "robots": robots, "verdicts": dict(context.verdicts)}


if __name__ == "__main__":
    sys.exit(main())
