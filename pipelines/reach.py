"""Whether the sources answer from here: one small request each, for `section3c doctor`. No crawling."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from typing import Literal

TIMEOUT_SECONDS = 8.0
_OFFLINE = "replay still works (section3c run --replay ARCHIVE); for live runs check network, proxy and firewall"


@dataclass(frozen=True)
class Reached:
    """What one source's address answered."""

    source: str
    status: Literal["ok", "warn"]
    detail: str
    todo: str = ""


def names() -> list[str]:
    """Names of all sources."""
    from crawlers.sources import all_sources

    return list(all_sources())


def sources(base_urls: Mapping[str, str], timeout: float = TIMEOUT_SECONDS) -> list[Reached]:
    """One request to each source's base address; ``base_urls`` by source name replace it. Raises SourceError."""
    from crawlers.sources import all_sources

    addresses = {
        name: source.based_at(base_urls.get(name)).base_url
        for name, source in all_sources().items()
    }
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(lambda item: probe(item[0], item[1], timeout), sorted(addresses.items())))


def probe(source: str, address: str, timeout: float = TIMEOUT_SECONDS) -> Reached:
    """HEAD the address. Any HTTP answer counts as reached: what it says is the spider's business."""
    if not address.startswith(("http://", "https://")):
        return Reached(source, "warn", f"{address} is no web address", "correct the source's base address")
    request = urllib.request.Request(address, method="HEAD", headers={"User-Agent": "section3c doctor"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return Reached(source, "ok", f"{address} answered {answer.status}")
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            return Reached(source, "warn", f"{address} answered {error.code}", "the service is in trouble: try later")
        return Reached(source, "ok", f"{address} answered {error.code}")
    except urllib.error.URLError as error:
        return _unreachable(source, address, error.reason)
    except (HTTPException, OSError) as error:
        return _unreachable(source, address, error)


def _unreachable(source: str, address: str, reason: object) -> Reached:
    if isinstance(reason, ssl.SSLError):
        return Reached(source, "warn", f"{address}: the certificate is not trusted ({reason.reason})",
                       "a proxy that opens TLS? give its certificate in SSL_CERT_FILE; it is never switched off here")
    if isinstance(reason, TimeoutError | socket.timeout):
        return Reached(source, "warn", f"{address} did not answer in time", _OFFLINE)
    return Reached(source, "warn", f"{address} is not reachable: {reason}", _OFFLINE)
