"""Outcomes of a request that are no evidence.

Belongs here: the errors a spider's errback sees. Does not belong here: how they come about (middlewares).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.http import Response

    from crawlers.archive_types import Capture


class CrawlFault(Exception):
    """Base of the framework's errors; the message says what, where and what to do."""


class BadCapture(CrawlFault):
    """The answer is archived but is no evidence: block page, error, truncated, wrong type, empty.

    ``response`` is what came (its body may say why, as USAspending's 422 does); None when it was not at hand.
    """

    def __init__(self, capture: Capture, verdict: str, reason: str, response: Response | None) -> None:
        self.capture = capture
        self.verdict = verdict
        self.reason = reason
        self.response = response
        super().__init__(f"{capture.method} {capture.uri}: {verdict} ({reason}); kept as capture {capture.capture_id}")


class Refused(CrawlFault):
    """The request was not sent: robots.txt, foreign host, private address, POST redirected."""


class TooLarge(CrawlFault):
    """The body passed the source's size limit and was not read further."""


class ReplayMiss(CrawlFault):
    """The archive that is replayed holds no answer to this request."""
