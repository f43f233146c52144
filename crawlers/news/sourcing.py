"""The news source as a crawl has it: its hosts are those of the outlets, and of nobody else.

Belongs here: which addresses the news crawl may ask, and in which form. Does not belong here: asking.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawlers.news.outlets import Outlet
from crawlers.sources import Source, is_loopback, is_private

# Marks that lead readers' clicks back to a newsletter: the page is the same without.
_TRACKING: Final = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid", "cmpid", "smid", "ito", "at_medium", "at_campaign")


class NewsSource(Source):
    """A source whose hosts are its outlets'. ``origins`` are (scheme, host:port) of outlets on this machine."""

    domains: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    def refuses(self, url: str) -> str | None:
        """As ``Source.refuses``, with every host of an outlet and the hosts below it; outlets on this machine only
        where the base address is on this machine too."""
        refusal = super().refuses(url)
        if refusal is None:
            return None
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return refusal
        host = (parts.hostname or "").lower()
        if parts.username is not None or parts.scheme not in ("http", "https"):
            return refusal
        if self.local:
            return None if f"{parts.scheme}://{parts.netloc}" in self.origins else (
                f"the base address {self.base_url} stands in for all outlets; '{host}' is not asked")
        if is_private(host) or parts.scheme != "https" or port not in (None, 443):
            return refusal
        labels = host.removeprefix("www.").split(".")
        names = (".".join(labels[at:]) for at in range(max(1, len(labels) - 1)))
        return None if any(name in self.domains for name in names) else f"'{host}' is no outlet's host (outlets.yaml)"


def source_of(source: Source, listed: Iterable[Outlet]) -> NewsSource:
    """The source with the outlets' hosts."""
    chosen = [one for one in listed if one.crawl]
    addresses = [a for one in chosen for a in (one.home, *one.feeds, *one.sitemaps)]
    local = {f"{p.scheme}://{p.netloc}" for p in map(urlsplit, addresses) if is_loopback(p.hostname or "")}
    feeds = {(urlsplit(a).hostname or "").removeprefix("www.") for a in addresses}
    given: dict[str, Any] = {name: getattr(source, name) for name in Source.model_fields}
    return NewsSource(**given, origins=frozenset(local),
                      domains=frozenset(d for one in chosen for d in one.domains) | frozenset(feeds))


def tidied(url: str) -> str:
    """An announced address as it is asked: https, without fragment, tracking marks and doubled slashes."""
    parts = urlsplit(url.strip())
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True)
                       if not k.lower().startswith(_TRACKING)]) if parts.query else ""
    local = is_loopback(parts.hostname or "")
    scheme = parts.scheme if local else "https"
    host = parts.netloc.removesuffix(":80") if parts.scheme == "http" and not local else parts.netloc
    return urlunsplit((scheme, host.lower(), parts.path or "/", query, ""))
