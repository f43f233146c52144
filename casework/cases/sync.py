"""After each publication: cases for new candidates, and what changed in the evidence of those that people work on.

Belongs here: comparing the published warehouse with the ledger and appending machine events. Does not belong here:
reading the warehouse (warehouse.py), any human decision: a sync changes none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from casework import ledger
from casework.cases import act
from casework.cases.fold import EVIDENCE, OPENED, REKEYED, hashes
from casework.cases.warehouse import Found, Published, covered, published
from casework.models import Case, Jurisdiction
from records.workspace import Workspace

_TOGETHER: Final = 200
_SHOWN: Final = ("score_millibits", "certainty", "agencies", "sources", "evidence", "reader_version",
                 "warehouse_version")


@dataclass
class SyncReport:
    """What a sync did: counts over all jurisdictions, and cases people should look at again."""

    version: str = ""
    opened: int = 0
    changed: int = 0
    gone: int = 0
    rekeyed: int = 0
    new_evidence: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)


def sync(workspace: Workspace, told: Published | None = None) -> SyncReport:
    """Bring all jurisdictions' cases up to the published version; repeating it changes nothing.

    Raises WarehouseError when nothing is published.
    """
    told = told or published(workspace)
    report = SyncReport(told.version)
    for jurisdiction in Jurisdiction.objects.filter(active=True):
        _rekey(jurisdiction, told.rekeyed, report)
        found = {(one.company_id, one.category): one for one in covered(told.candidates, jurisdiction.law)}
        cases = {(c.company_id, c.category): c for c in jurisdiction.cases.all()}
        fresh = [one for key, one in found.items() if key not in cases]
        for start in range(0, len(fresh), _TOGETHER):
            with transaction.atomic():
                for one in fresh[start : start + _TOGETHER]:
                    _open(jurisdiction, one, told, report)
        same = [case for key, case in cases.items() if not _update(case, found.get(key), told, report)]
        Case.objects.bulk_update(same, _SHOWN, batch_size=500)
    return report


def _rekey(jurisdiction: Jurisdiction, rekeyed: dict[str, str], report: SyncReport) -> None:
    """A case follows its company. Where both had a case already, each stays, and the older id's says where to look."""
    for case in jurisdiction.cases.filter(company_id__in=list(rekeyed)):
        to = rekeyed[case.company_id]
        with transaction.atomic():
            ledger.lock()
            other = jurisdiction.cases.filter(company_id=to, category=case.category).first()
            data: dict[str, Any] = {"from": case.company_id, "to": to}
            if other is None:
                data["company_id"] = to
            elif ledger.events(case.stream).filter(kind=REKEYED, data__to=to).exists():
                continue
            else:
                data["see_case"] = other.pk
            ledger.append(ledger.Entry(case.stream, REKEYED, jurisdiction, data=data))
            act.refresh(case)
            report.rekeyed += 1


def _open(jurisdiction: Jurisdiction, one: Found, told: Published, report: SyncReport) -> None:
    now = timezone.now()
    case = Case(jurisdiction=jurisdiction, state="candidate", opened_at=now, changed_at=now, last_seq=0)
    _cache(case, one, told)
    case.company_id, case.category = one.company_id, one.category
    case.company, case.candidate_id = one.company, one.candidate_id
    case.save()
    event = ledger.append(ledger.Entry(
        case.stream, OPENED, jurisdiction,
        data={"company_id": one.company_id, "company": one.company, "category": one.category,
              "candidate_id": one.candidate_id},
        seen=ledger.Seen(one.evidence, one.score_millibits, told.reader_version, told.version),
    ), at=now)
    case.last_seq = event.seq
    case.save(update_fields=["last_seq"])
    report.opened += 1


def _update(case: Case, found: Found | None, told: Published, report: SyncReport) -> bool:
    """Tell the ledger of every difference in evidence; False when there is none and only the shown columns moved."""
    before = hashes(case.evidence)
    own = [one for one in case.evidence if one.get("own")]  # tips and declarations: casework's, not the warehouse's
    evidence = [*(found.evidence if found else ()), *own]
    after = hashes(evidence)
    if before == after and case.in_warehouse is (found is not None):
        if found is not None:
            _cache(case, found, told)
            case.evidence = evidence
        return False
    with transaction.atomic():
        ledger.lock()
        if before != after:
            report.changed += 1
            if found is None:
                report.gone += 1
            _tell(case, evidence, told)
        if found is not None:
            _cache(case, found, told)
        case.evidence, case.in_warehouse = evidence, found is not None
        act.refresh(case)
    if before != after and case.new_evidence:
        report.new_evidence.append(case.pk)
    if before != after and case.stale:
        report.stale.append(case.pk)
    return True


def _tell(case: Case, evidence: list[dict[str, Any]], told: Published) -> None:
    known, now = act.current(case).known, hashes(evidence)
    changed = {key: sha for key, sha in now.items() if known.get(key) != sha}
    gone = sorted(set(known) - set(now))
    if not changed and not gone:
        return
    ledger.append(ledger.Entry(
        case.stream, EVIDENCE, case.jurisdiction, data={"now": changed, "gone": gone},
        seen=ledger.Seen(tuple(_only(evidence, changed)), None, told.reader_version, told.version),
    ))


def _only(evidence: Iterable[dict[str, Any]], keys: Iterable[str]) -> list[dict[str, Any]]:
    wanted = set(keys)
    return [one for one in evidence if one["key"] in wanted]


def _cache(case: Case, found: Found, told: Published) -> None:
    case.score_millibits, case.certainty, case.agencies = found.score_millibits, found.certainty, found.agencies
    case.sources, case.evidence, case.in_warehouse = found.sources, list(found.evidence), True
    case.reader_version, case.warehouse_version = told.reader_version, told.version
