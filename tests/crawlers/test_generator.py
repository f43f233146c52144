"""A new source: its files load and run at once, and its test fails until a golden page is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.generator import new_source
from crawlers.sources import SourceError, load
from tests.crawlers.golden import compare

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the rooms that a new source touches or stands on."""
    for room in ("records", "ordinance", "crawlers"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "crawlers").mkdir(parents=True)
    (tmp_path / "tests" / "__init__.py").touch()
    (tmp_path / "tests" / "crawlers" / "__init__.py").touch()
    shutil.copy(ROOT / "tests" / "crawlers" / "golden.py", tmp_path / "tests" / "crawlers")
    return tmp_path


def run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=checkout, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(checkout)})


def test_new_source_fails_until_its_golden_page_is_there(checkout: Path) -> None:
    files = new_source("city_news", checkout, "https://news.example.org/feed?x=1")
    assert [str(f.relative_to(checkout)) for f in files] == [
        "crawlers/sources/city_news.yaml", "crawlers/spiders/city_news.py", "tests/crawlers/test_city_news.py"]
    source = load("city_news", checkout / "crawlers" / "sources")
    assert (source.base_url, source.hosts, source.robots.policy) == (
        "https://news.example.org", ("news.example.org",), "obey")

    quiet = [argument for name in ("cacheprovider", "xdist", "cov") for argument in ("-p", f"no:{name}")]
    pytest_here = ("-m", "pytest", "-q", *quiet, "tests/crawlers/test_city_news.py")
    before = run(checkout, *pytest_here)
    assert before.returncode == 1
    assert "source city_news has no golden page" in before.stdout

    case = checkout / "tests" / "golden" / "city_news" / "first"
    case.mkdir(parents=True)
    (case / "request.json").write_text(json.dumps({"parser": "city_news", "as_of": "2026-11-22"}))
    (case / "response.body").write_bytes(b"Palantir\nGiant Oak\n")
    (case / "expected.jsonl").write_text('{"table": "name", "name": "Palantir"}\n{"table": "name", "name": "X"}\n')
    with pytest.raises(AssertionError, match="there is no parser 'city_news'"):
        compare(case)

    with (checkout / "crawlers" / "parsers.py").open("a") as file:
        file.write('\n\ndef lines(payload, context):\n    yield "name", pa.record_batch('
                   '{"name": payload.read().decode().split("\\n")[:-1]})\n\n\nPARSERS["city_news"] = lines\n')
    wrong = run(checkout, "-c", "import sys, pathlib; from tests.crawlers.golden import compare, record\n"
                                "case = pathlib.Path(sys.argv[1]); print(compare(case)); record(case, [])", str(case))
    assert wrong.stdout == "row 2: name: expected 'X', got 'Giant Oak'\n", wrong.stderr
    after = run(checkout, *pytest_here)
    assert after.returncode == 0, after.stdout


def test_generated_spider_is_one_that_a_crawl_can_load(checkout: Path) -> None:
    new_source("city_news", checkout, "https://news.example.org/feed")
    found = run(checkout, "-c", "from crawlers.child import _spider_class as c; from crawlers.sources import load; "
                                "print(c(load('city_news')).__name__)")
    assert found.stdout == "CityNews\n", found.stderr


@pytest.mark.parametrize(("name", "url", "why"), [
    ("../evil", "https://a.example/", "cannot name a source"),
    ("class", "https://a.example/", "cannot name a source"),
    ("ok_name", "http://a.example/", "public https address"),
    ("ok_name", "https://127.0.0.1/", "public https address"),
    ("ok_name", "a.example", "public https address"),
    ("ok_name", 'https://a.example/"); import os #', "public https address"),
])
def test_bad_name_or_address_writes_nothing(checkout: Path, name: str, url: str, why: str) -> None:
    before = sorted(checkout.rglob("*"))
    with pytest.raises(SourceError, match=why):
        new_source(name, checkout, url)
    assert sorted(checkout.rglob("*")) == before


def test_nothing_is_overwritten_and_only_a_checkout_is_written_to(checkout: Path, tmp_path: Path) -> None:
    new_source("twice", checkout, "https://a.example/")
    with pytest.raises(SourceError, match=r"crawlers/sources/twice\.yaml is there already"):
        new_source("twice", checkout, "https://a.example/")
    with pytest.raises(SourceError, match="not a checkout"):
        new_source("other", tmp_path / "tests", "https://a.example/")
