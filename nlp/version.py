"""The award reader's version, without loading the reader: whoever only compares versions need not wait for spaCy.

Belongs here: which files decide a reading. Does not belong here: reading (``nlp.awards``).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from ordinance.loader import data_hash

_READING_FILES: Final = ("awards.py", "entity.py", "evidence.py", "knowledge.py", "phrasing.py", "reader.py", "text.py")
_READING_DATA: Final = ("services*.yaml", "products.yaml", "priors.yaml", "entities.yaml")
_READING_LAW_CODE: Final = ("phrases.py", "services.py", "products.py", "priors.py")


@lru_cache(maxsize=1)
def reader_version() -> str:
    """Hash of the reading code and of the ordinance data it reads with: same version, same readings (12 hex)."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    law = here.parent / "ordinance"
    for file in (*(here / name for name in _READING_FILES), *(law / name for name in _READING_LAW_CODE)):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    digest.update(data_hash(*_READING_DATA).encode())
    return digest.hexdigest()[:12]
