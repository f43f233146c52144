"""The registry of parsers: a harvest names one, load runs it.

Belongs here: names and what each reads. Does not belong here: formats (a folder a source). A parser is pure: payload
and context in, (table, batch) pairs out; it reports through its context.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyarrow as pa

from crawlers.documents.rows import ATTACHMENT_PARSER, HANDED_IN_PARSER, parse_attachment, parse_handed_in
from crawlers.facilities import LIST_PARSER
from crawlers.facilities import lists as facility_lists
from crawlers.federal_register import PAGE_PARSER as FR_PAGE
from crawlers.federal_register import TEXT_PARSER as FR_TEXT
from crawlers.federal_register import api as fr_api
from crawlers.federal_register import fulltext as fr_text
from crawlers.gleif import EXCEPTION_PARSER, ISINS_PARSER, RECORDS_PARSER, RELATIONS_PARSER
from crawlers.gleif import records as gleif_records
from crawlers.gleif import relations as gleif_relations
from crawlers.news import article as news_article
from crawlers.news import tables as news_tables
from crawlers.openfigi import MAPPING_PARSER
from crawlers.openfigi import mapping as openfigi_mapping
from crawlers.parsing import ParseContext, Parser
from crawlers.sam import BULK_PARSER, PAGE_PARSER, TEXT_PARSER
from crawlers.sam import api as sam_api
from crawlers.sam import bulk as sam_bulk
from crawlers.sec import EXHIBIT_PARSER, SUBMISSIONS_PARSER, TICKERS_PARSER
from crawlers.sec import exhibit21 as sec_exhibit21
from crawlers.sec import lists as sec_lists
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
    "news_feed": news_tables.feed,
    "news_sitemap": news_tables.sitemap,
    "gdelt_artlist": news_tables.gdelt_articles,
    TICKERS_PARSER: sec_lists.parse_tickers,
    SUBMISSIONS_PARSER: sec_lists.parse_submissions,
    EXHIBIT_PARSER: sec_exhibit21.parse,
    RECORDS_PARSER: gleif_records.parse,
    RELATIONS_PARSER: gleif_relations.parse,
    EXCEPTION_PARSER: gleif_relations.parse_exception,
    ISINS_PARSER: gleif_records.parse_isins,
    MAPPING_PARSER: openfigi_mapping.parse,
    LIST_PARSER: facility_lists.parse,
    ATTACHMENT_PARSER: parse_attachment,
    HANDED_IN_PARSER: parse_handed_in,
}
