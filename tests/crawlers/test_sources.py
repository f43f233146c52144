"""Sources: faults named by file, line and field; addresses confined; base addresses overridden with care."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.sources import Source, SourceError, all_sources, load
from ordinance.loader import OrdinanceError

TEXT = """\
name: made
title: A source
publisher: Nobody
licence: {name: public domain}
cadence: nightly
coverage: all
base_url: https://api.example.org
hosts: [api.example.org, files.example.org]
spider: some.module:Spider
robots: {policy: api_documented, reason: documented for machines}
media_types: [text/csv]
"""


def write(folder: Path, text: str = TEXT) -> Path:
    (folder / "made.yaml").write_text(text)
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return load("made", write(tmp_path))


def test_own_sources_are_all_valid() -> None:
    for name, source in all_sources().items():
        assert source.name == name
        assert source.robots.reason and source.licence.name


@pytest.mark.parametrize(("old", "new", "said"), [
    ("cadence: nightly", "cadence: hourly", "made.yaml:5: cadence"),
    ("hosts: [api.example.org, files.example.org]", "hosts: [other.example.org]", "is not in hosts"),
    ("robots: {policy: api_documented, reason: documented for machines}", "robots: {policy: ignore, reason: x}",
     "made.yaml:10: robots"),
    ("coverage: all", "coverage: all\npolitness: {}", "made.yaml:7"),
    ("publisher: Nobody\n", "", "publisher"),
    ("spider: some.module:Spider", "spider: Spider", "made.yaml:9: spider"),
    ("name: made", "name: other", "rename the file or the source"),
])
def test_faults_name_the_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises((OrdinanceError, SourceError)) as caught:
        load("made", write(tmp_path, TEXT.replace(old, new)))
    assert said in str(caught.value)


@pytest.mark.parametrize(("url", "why"), [
    ("https://api.example.org/x", None),
    ("https://FILES.example.org:443/x.zip", None),
    ("http://api.example.org/x", "https on port 443 only"),
    ("https://api.example.org:8443/", "https on port 443 only"),
    ("https://evil.example/", "not one of the source's hosts"),
    ("https://api.example.org.evil.example/", "not one of the source's hosts"),
    ("https://api.example.org@evil.example/", "user name"),
    ("https://127.0.0.1/", "private"), ("https://[::1]/", "private"), ("https://2130706433/", "private"),
    ("https://localhost/", "private"), ("https://169.254.169.254/", "private"), ("https://[fd00::1]/", "private"),
    ("https://[::ffff:10.0.0.1]/", "private"), ("file:///etc/passwd", "scheme"), ("ftp://api.example.org/", "scheme"),
    ("https://api.example.org:99999/", "cannot be read"), ("https://[::1/", "cannot be read"), ("", "scheme"),
])
def test_address_outside_the_source_is_refused(source: Source, url: str, why: str | None) -> None:
    refusal = source.refuses(url)
    assert (refusal is None) if why is None else (refusal is not None and why in refusal)


def test_replica_on_this_machine_drops_delays_and_opens_only_its_own_port(source: Source) -> None:
    local = source.based_at("http://127.0.0.1:8000/")
    assert local.base_url == "http://127.0.0.1:8000" and local.local
    assert local.politeness.delay_seconds == 0 < source.politeness.delay_seconds
    assert local.refuses("http://127.0.0.1:8000/api") is None
    assert local.refuses("http://127.0.0.1:8001/") and local.refuses("http://localhost:8000/")
    assert local.refuses("https://files.example.org/x") is None


def test_environment_overrides_and_the_argument_overrides_it(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_MADE_URL", "http://localhost:9")
    assert source.based_at().base_url == "http://localhost:9"
    assert source.based_at("https://mirror.example.net").base_url == "https://mirror.example.net"
    assert source.based_at("https://mirror.example.net").refuses("https://mirror.example.net/x") is None


@pytest.mark.parametrize("url", ["http://mirror.example.net", "ftp://127.0.0.1", "https://a.example/path", "mirror"])
def test_base_address_that_cannot_be_is_refused(source: Source, url: str) -> None:
    with pytest.raises(SourceError, match="base address"):
        source.based_at(url)


def test_unknown_source_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no source 'x' \(known: made\)"):
        load("x", write(tmp_path))
