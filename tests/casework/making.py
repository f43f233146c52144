"""Cases and evidence made by hand, as the warehouse would tell of them."""

from __future__ import annotations

from typing import Any

from casework.cases.sync import SyncReport, sync
from casework.cases.warehouse import Found, Published
from casework.models import Case, Jurisdiction
from records.workspace import Workspace


def piece(name: str, kind: str = "federal_award", *, says: str = "supplies data", relation: str = "provides",
          agency: str = "ice") -> dict[str, Any]:
    record = {"federal_award": "award", "reliable_source": "article", "federal_notice": "notice"}.get(kind, kind)
    return {"key": f"key-{name}", "sha256": f"sha-{says}", "statement_id": f"s-{name}", "record_kind": record,
            "record_key": name, "evidence_kind": kind, "relation": relation, "certainty": "clear", "agency_id": agency}


def found(company: str = "Acme Data", *evidence: dict[str, Any], category: str = "data_broker",
          score: int = 4200) -> Found:
    slug = company.lower().replace(" ", "-")
    return Found(f"k-{slug}-{category}", f"name:{slug}", company, category, "clear", "ice", score,
                 evidence or (piece("A1"),))


def told(*candidates: Found, version: str = "v1", **rekeyed: str) -> Published:
    return Published(version, "reader-1", candidates, rekeyed)


def run(published: Published) -> SyncReport:
    return sync(Workspace.default(), published)


def a_case(city: Jurisdiction, *evidence: dict[str, Any], company: str = "Acme Data") -> Case:
    run(told(found(company, *evidence)))
    return Case.objects.get(jurisdiction=city, company=company)
