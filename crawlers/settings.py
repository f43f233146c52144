"""Scrapy settings of every crawl, made from its source; nothing here is set per spider.

Belongs here: settings. Does not belong here: any source's own values (its YAML).
"""

from __future__ import annotations

from typing import Any

from crawlers.decoding import ACCEPT
from crawlers.robots import PRODUCT
from crawlers.sources import Source

VERSION = "0.1"
_M = "crawlers.middlewares"

MIDDLEWARES: dict[str, int | None] = {
    f"{_M}.confine.ConfineMiddleware": 100,
    f"{_M}.verdict.VerdictMiddleware": 150,
    f"{_M}.resume.ResumeMiddleware": 200,
    f"{_M}.robots.RobotsMiddleware": 300,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 410,
    f"{_M}.politeness.PolitenessMiddleware": 500,
    f"{_M}.confine.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    f"{_M}.evidence.EvidenceMiddleware": 900,
}


def user_agent(contact: str | None) -> str:
    """An honest name, with whom to write to."""
    return f"{PRODUCT}/{VERSION} ({contact or 'contact not set: a local test'})"


def settings(source: Source, *, replay: bool, contact: str | None) -> dict[str, Any]:
    """The settings of one crawl."""
    handler = "crawlers.replay.ReplayHandler" if replay else f"{_M}.download.SpoolingHandler"
    slots = 8 if replay else source.politeness.concurrency
    return {
        "BOT_NAME": PRODUCT,
        "USER_AGENT": user_agent(contact),
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "en", "Accept-Encoding": ACCEPT},
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler, "file": None, "ftp": None, "s3": None, "data": None},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": MIDDLEWARES,
        "SPIDER_MIDDLEWARES_BASE": {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25},
        "EXTENSIONS_BASE": {"scrapy.extensions.corestats.CoreStats": 0},
        # local servers that hand control of the process to whoever reaches them
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "COOKIES_ENABLED": False,
        "ROBOTSTXT_OBEY": False,  # ours does (RFC 9309); Scrapy's allows all when robots.txt fails
        "RETRY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "COMPRESSION_ENABLED": False,  # bytes are archived as received, decoded by EvidenceMiddleware
        "HTTPPROXY_ENABLED": not source.local,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_FAIL_ON_DATALOSS": False,  # a broken body is kept and marked
        "DOWNLOAD_MAXSIZE": source.limits.max_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": source.limits.timeout_seconds,
        "DOWNLOAD_DELAY": 0,  # PolitenessMiddleware waits, robots.txt and Retry-After considered
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": slots,
        "TWISTED_DNS_RESOLVER": f"{_M}.download.GuardedResolver",
        "SECTION3C_BASE_URL": source.base_url,  # GuardedResolver is made before any spider
        "DNS_TIMEOUT": 20,
        "LOG_LEVEL": "INFO",
        "LOG_VERSIONS": [],
        "MEMUSAGE_ENABLED": False,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
    }
