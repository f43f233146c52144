"""Scrapy's downloader middlewares and handlers of the framework: what makes every crawl honest and safe.

Order of a request (``crawlers.settings``): Confine (may this address be asked at all), Resume, Robots, Politeness
(waits), then the handler. Order of a response: Evidence (archives it), Redirect, Politeness (retries), Verdict
(passes good captures on, raises BadCapture for others).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.context import CrawlContext

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

ARCHIVED = "archived"  # response flag: it came from the archive, not from the network
ON_DISK = "on_disk"  # response flag: the body is too large to carry; read it with SourceSpider.payload


def context_of(crawler: Crawler) -> CrawlContext:
    """The crawl's context, which its spider carries."""
    context = getattr(crawler.spider, "context", None)
    assert isinstance(context, CrawlContext), "the spider is made by crawlers.child with its context"
    return context
