"""The bundled archives are what samples/README.md says: small, real where it says so, synthetic where it says so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.common import SAMPLE
from crawlers.archive import Capture, EvidenceArchive
from crawlers.news.decoded import decode
from crawlers.news.outlets import outlets
from pipelines.options import sources_in

ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+\.\w")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> EvidenceArchive:
    found = EvidenceArchive(tmp_path_factory.mktemp("evidence"))
    found.adopt(SAMPLE)
    return found


def pages(archive: EvidenceArchive, source: str, kind: str) -> list[tuple[Capture, bytes]]:
    found = []
    for capture in archive.captures(source):
        if capture.media_type == kind:
            with archive.payload(capture) as payload:
                found.append((capture, payload.read()))
    assert found
    return found


def test_every_source_is_there_and_all_of_it_is_small() -> None:
    assert sources_in(SAMPLE) == {"usaspending", "sam_notices", "federal_register", "news", "facilities"}
    files: list[Path] = list(SAMPLE.glob("*.warc.gz"))
    assert sum(file.stat().st_size for file in files) < 2_000_000


def test_notices_name_no_contacts(archive: EvidenceArchive) -> None:
    ((_, body),) = pages(archive, "sam_notices", "text/csv")
    assert body.count(b"\r\n") > 50 and b"Sources Sought" in body and b"Award Notice" in body
    assert not ADDRESS.search(body)


def test_what_is_synthetic_says_so(archive: EvidenceArchive) -> None:
    articles = [(c, body) for c, body in pages(archive, "news", "text/html") if c.uri.endswith(".html")]
    assert len(articles) >= 8
    for capture, body in articles:
        assert "This article is synthetic" in decode(body).text, capture.uri
        outlet = outlets().of(capture.uri)
        assert outlet is not None and "synthetic" in outlet.name and not outlet.crawl
    documents = [body for c, body in pages(archive, "federal_register", "text/html") if "/content/pkg/" in c.uri]
    assert documents and all(b"no such document exists" in re.sub(rb"\s+", b" ", body) for body in documents)
    ((_, listed),) = pages(archive, "facilities", "text/csv")
    assert b"Synthetic Place 1 Detention Center" in listed
