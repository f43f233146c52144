"""The registry of parsers: a harvest names one, load runs it.

Belongs here: names and what each reads. Does not belong here: formats (crawlers/usaspending/, later one folder a
source). A parser is pure: payload and context in, (table, batch) pairs out; it reports through its context.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyarrow as pa

from crawlers.federal_register import PAGE_PARSER as FR_PAGE
from crawlers.federal_register import TEXT_PARSER as FR_TEXT
from crawlers.federal_register import api as fr_api
from crawlers.federal_register import fulltext as fr_text
from crawlers.news import article as news_article
from crawlers.news import feeds as news_feeds
from crawlers.news import gdelt as news_gdelt
from crawlers.news import sitemaps as news_sitemaps
from crawlers.parsing import ParseContext, Parser
from crawlers.sam import BULK_PARSER, PAGE_PARSER, TEXT_PARSER
from crawlers.sam import api as sam_api
from crawlers.sam import bulk as sam_bulk
from crawlers.usaspending import csvfile, search
from ordinance.agencies import crawl_targets


def csv_of_listed_agencies(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Official CSVs of a whole department: only rows awarded or funded by a listed sub-tier (ordinance/agencies)."""
    context.keep = frozenset(target.code for target in crawl_targets())
    yield from csvfile.parse(payload, context)


PARSERS: Final[dict[str, Parser]] = {
    "usaspending_csv": csvfile.parse,
    "usaspending_csv_listed": csv_of_listed_agencies,
    "usaspending_search": search.parse,
    BULK_PARSER: sam_bulk.parse,
    PAGE_PARSER: sam_api.parse_page,
    TEXT_PARSER: sam_api.parse_text,
    FR_PAGE: fr_api.parse,
    FR_TEXT: fr_text.parse,
    "news_article": news_article.parse,
    "news_feed": news_feeds.parse,
    "news_sitemap": news_sitemaps.parse,
    "gdelt_artlist": news_gdelt.parse,
}
