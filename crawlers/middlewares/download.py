"""The live download handler: Scrapy's own, with bodies spooled to disk and a guard on resolved addresses.

Belongs here: transfer. Does not belong here: archiving, judging, retrying.

Scrapy keeps a body in memory whole; a bulk download of a gigabyte must not be. Its reader is subclassed so that
bytes go to a spool, which becomes a file above a few megabytes (``meta['body_path']``, the body is then empty).
"""

from __future__ import annotations

import ipaddress
import tempfile
import urllib.request
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ResponseReader, _ScrapyAgent
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError
from twisted.web.iweb import UNKNOWN_LENGTH

from crawlers.errors import Refused, TooLarge
from crawlers.middlewares import context_of
from crawlers.sources import is_loopback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.base import ReactorBase

SPOOL_BYTES: Final = 4 << 20


class _Spool:
    """A body as it arrives: in memory, then in a file. Has of BytesIO what Scrapy's reader uses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memory = bytearray()
        self._file: Any = None
        self.path: Path | None = None

    def write(self, data: bytes) -> int:
        if self._file is None and len(self._memory) + len(data) <= SPOOL_BYTES:
            self._memory += data
            return len(data)
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.NamedTemporaryFile(dir=self._folder, delete=False)  # noqa: SIM115
            self.path = Path(self._file.name)
            self._file.write(self._memory)
            self._memory.clear()
        self._file.write(data)
        return len(data)

    def truncate(self, _size: int) -> None:
        """Scrapy drops the body so when it is too large."""
        self.discard()

    def discard(self) -> None:
        self._memory.clear()
        if self._file is not None:
            self._file.close()
            self._file = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self.path = None

    def getvalue(self) -> bytes:
        """The body when it stayed in memory; empty when it is in the file at ``path``."""
        if self._file is not None:
            self._file.close()
            self._file = None
        return bytes(self._memory)


class _SpoolingReader(_ResponseReader):
    def __init__(self, spool: _Spool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._bodybuf = spool  # type: ignore[assignment]


class _SpoolingAgent(_ScrapyAgent):
    """One download. As Scrapy's, but the body goes to a spool and a size limit raises TooLarge."""

    def __init__(self, *, folder: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spool = _Spool(folder)
        self.too_large = False

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        request.meta["reason_phrase"] = txresponse.phrase.decode("latin-1", "replace")
        if txresponse.length == 0:
            return super()._cb_bodyready(txresponse, request)
        maxsize = request.meta.get("download_maxsize", self._maxsize)
        if maxsize and txresponse.length is not UNKNOWN_LENGTH and txresponse.length > maxsize:
            self.too_large = True
            txresponse._transport._producer.abortConnection()
            raise TooLarge(_too_large(request, maxsize, f"{txresponse.length:,} bytes are announced"))
        finished: Deferred[Any] = Deferred(partial(self._give_up, txresponse=txresponse))
        txresponse.deliverBody(_SpoolingReader(
            self.spool, finished=finished, txresponse=txresponse, request=request, maxsize=maxsize, warnsize=0,
            fail_on_dataloss=False, crawler=self._crawler,
        ))
        self._txresponse = txresponse
        return finished

    def _give_up(self, _deferred: Any, txresponse: Any) -> None:
        """Called when the time is over or the size limit is passed."""
        timer: Any = self._timeout_cl
        self.too_large = timer.active()
        txresponse._transport._producer.abortConnection()


def _too_large(request: Request, limit: int, what: str) -> str:
    return (f"{request.method} {request.url}: {what}, the limit is {limit:,}. If the source is sound, raise "
            "limits.max_body_bytes in its YAML.")


class SpoolingHandler(HTTP11DownloadHandler):
    """http and https. TLS certificates are verified (DOWNLOAD_VERIFY_CERTIFICATES)."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False  # PolitenessMiddleware asks again, and counts it
        self._context = context_of(crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch; a large body is in the file ``request.meta['body_path']``. Raises TooLarge and Scrapy's errors."""
        request.meta.pop("body_path", None)
        agent = _SpoolingAgent(
            folder=self._context.scratch, contextFactory=self._contextFactory, bindAddress=self._bind_address,
            pool=self._pool, maxsize=self._default_maxsize, crawler=self._crawler,
        )
        try:
            with wrap_twisted_exceptions():
                response = await maybe_deferred_to_future(agent.download_request(request))
        except BaseException as problem:
            agent.spool.discard()
            refused = GuardedResolver.refused.get(urlsplit(request.url).hostname or "")
            if refused is not None:
                raise Refused(refused) from None
            if agent.too_large and not isinstance(problem, TooLarge):
                limit = request.meta.get("download_maxsize", self._default_maxsize)
                raise TooLarge(_too_large(request, limit, "more bytes came than allowed")) from problem
            raise
        if agent.spool.path is not None:
            request.meta["body_path"] = str(agent.spool.path)
        return response


class GuardedResolver(CachingThreadedResolver):
    """Refuses names that resolve to private addresses, whatever a public name server says.

    The address that was checked is the one that is connected to: there is no second look-up between.
    """

    allowed: frozenset[str] = frozenset()
    refused: ClassVar[dict[str, str]] = {}  # Twisted reports only "no address": the reason is kept here

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        """Allow what the operator named: the base address's host and the proxies of the environment."""
        made = super().from_crawler(crawler, reactor)
        assert isinstance(made, cls)
        named = [crawler.settings["SECTION3C_BASE_URL"], *urllib.request.getproxies().values()]
        made.allowed = frozenset(host for url in named if (host := urlsplit(url).hostname))
        return made

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """Resolve and check. Fails with DNSLookupError; for a private address the reason is in ``refused``."""
        deferred = super().getHostByName(name, timeout)
        if name not in self.allowed:
            deferred.addCallback(self._checked, name)
        return deferred

    @classmethod
    def _checked(cls, address: str, name: str) -> str:
        try:
            public = ipaddress.ip_address(address).is_global
        except ValueError:
            raise DNSLookupError(f"{name} has no usable address") from None
        if not public or is_loopback(address):
            cls.refused[name] = (f"{name} resolves to {address}, a private address; it is not asked. If that is meant "
                                 "(a mirror inside your network), name the host as the source's base address.")
            raise DNSLookupError(cls.refused[name])
        return address
