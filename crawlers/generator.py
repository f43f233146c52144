"""Makes the files of a new source: its YAML, its spider, and a test that fails until a golden page is there.

Belongs here: writing the templates out. Does not belong here: the templates' text (``crawlers/templates``).
"""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import urlsplit

from crawlers.sources import SourceError, is_private

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,40}")
_URL: Final = re.compile(r"[A-Za-z0-9:/?#@!&()*+,;=%._~-]+")  # it is written into YAML and Python text


def new_source(name: str, root: Path, url: str) -> list[Path]:
    """Write ``crawlers/sources/NAME.yaml``, ``crawlers/spiders/NAME.py`` and ``tests/crawlers/test_NAME.py``.

    ``root`` is the project's checkout. Overwrites nothing. Raises SourceError for a name or address that cannot
    be used, a file that is there already, or a folder that is no checkout.
    """
    parts = urlsplit(url if _URL.fullmatch(url) else "")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise SourceError(f"'{name}' cannot name a source: use small letters, digits and underscores, "
                          "a letter first (sam_notices)")
    if parts.scheme != "https" or not parts.hostname or is_private(parts.hostname):
        raise SourceError(f"'{url}' is not the public https address of a source (https://host/path)")
    if not (root / "crawlers" / "spiders").is_dir() or not (root / "tests" / "crawlers").is_dir():
        raise SourceError(f"{root} is not a checkout of section3c; run this in the project's folder")
    files = {
        root / "crawlers" / "sources" / f"{name}.yaml": "source.yaml.txt",
        root / "crawlers" / "spiders" / f"{name}.py": "spider.py.txt",
        root / "tests" / "crawlers" / f"test_{name}.py": "test.py.txt",
    }
    for file in files:
        if file.exists():
            raise SourceError(f"{file.relative_to(root)} is there already; choose another name or remove it")
    values = {
        "name": name, "url": url, "base": f"https://{parts.hostname}", "host": parts.hostname,
        "path": (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        "spider": "".join(word.capitalize() for word in name.split("_")),
    }
    for file, template in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(values),
                        encoding="utf-8")
    return list(files)
