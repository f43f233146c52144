"""Which agencies are asked for, and whose a document is.

Belongs here: slugs, their look-up in the service's own list, the agency of a document. Does not belong here: which
agencies count and why (ordinance.agencies).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import TypeAdapter

from crawlers.sam.agency_text import on_behalf, telling
from ordinance.agencies import agency, find_agency
from ordinance.loader import Data

_FILE: Final = Path(__file__).with_name("agencies.yaml")


class Known(Data):
    """One entry of agencies.yaml."""

    agency: str
    slug: str
    names: tuple[str, ...]
    ask: bool


@dataclass(frozen=True)
class Resolved:
    """What is asked: slugs with the names the service gives them, and what was not found."""

    names: dict[str, str]
    missing: tuple[str, ...]


@cache
def known() -> tuple[Known, ...]:
    """The entries of agencies.yaml; each agency must be in ordinance/agencies.yaml."""
    found = TypeAdapter(tuple[Known, ...]).validate_python(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
    for one in found:
        agency(one.agency)
    return found


def resolve(listed: Iterable[Any]) -> Resolved:
    """Slugs to ask, from the service's list of agencies (objects with name and slug)."""
    entries = [one for one in listed if isinstance(one, dict) and one.get("slug") and one.get("name")]
    by_slug = {str(one["slug"]): str(one["name"]) for one in entries}
    by_name = {str(one["name"]).casefold(): str(one["slug"]) for one in entries}
    names, missing = {}, []
    for one in known():
        if not one.ask:
            continue
        slug = one.slug if one.slug in by_slug else next(
            (by_name[name.casefold()] for name in one.names if name.casefold() in by_name), None)
        if slug is None:
            missing.append(f"{one.names[0]} ({one.slug})")
        else:
            names[slug] = by_slug[slug]
    return Resolved(names, tuple(missing))


def agency_of(published_by: Iterable[tuple[str | None, str]], text: str) -> str | None:
    """The agency (ordinance id) of a document from its agencies' (slug, name); the most telling one wins.

    A department's document is its own only where an agency that always counts is named in it or its words tell of
    immigration work.
    """
    by_slug = {one.slug: one.agency for one in known()}
    found = []
    for slug, name in published_by:
        listed = find_agency(name)
        if slug in by_slug:
            found.append(by_slug[slug])
        elif listed is not None:
            found.append(listed.id)
    always = [one for one in found if agency(one).counts == "always"]
    if always:
        return always[0]
    for one in found:
        behalf = on_behalf(text)
        if behalf is not None:
            return behalf[0]
        if agency(one).counts == "doubtful" or telling(agency(one), text):
            return one
    return None
