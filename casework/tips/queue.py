"""Working tips: assign, ask, open what is sealed, verify, close. Each step is an event; only retention removes.

Belongs here: services for people with tip permissions. Does not belong here: the tipster's side (intake.py).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction

from casework import access, clock, files, ledger, sealing
from casework.cases import act
from casework.cases.fold import LINKED
from casework.files.store import path_of
from casework.models import Case, Document, Event, Jurisdiction, Tip, User
from casework.tips.intake import TipRefused, write

_TIP = "public_submission"


def assign(tip: Tip, user: User, to: User) -> None:
    """Give a tip to somebody who may work tips here. Raises Forbidden."""
    access.require(user, tip.jurisdiction, "tips_work")
    access.require(to, tip.jurisdiction, "tips_work")
    _step(tip, user, "tip_assigned", {"to": to.username}, state="assigned" if tip.state == "new" else tip.state, to=to)


def ask(tip: Tip, user: User, question: str) -> None:
    """Ask the tipster through the receipt page. Raises Forbidden, TipRefused."""
    access.require(user, tip.jurisdiction, "tips_work")
    if not question.strip():
        raise TipRefused("write the question")
    with transaction.atomic():
        sha256 = write(tip, question.strip(), by_tipster=False)
        _step(tip, user, "tipster_asked", {"message": sha256}, state="asked")


def open_contact(tip: Tip, user: User, passphrase: str, why: str) -> str:
    """How to reach the tipster; the reading is in the ledger before it is returned. Raises Forbidden, SealError."""
    if not tip.sealed_contact:
        raise TipRefused("this tip came without contact")
    return _opened(tip, user, passphrase, why, bytes.fromhex(tip.sealed_contact), "contact").decode()


def open_file(document: Document, user: User, passphrase: str, why: str) -> bytes:
    """A sealed file of a tip; audited as open_contact is. Raises Forbidden, SealError, FileDamaged."""
    tip = Tip.objects.get(pk=int(document.stream.removeprefix("tip:")), jurisdiction=document.jurisdiction)
    return _opened(tip, user, passphrase, why, files.read(document), document.sha256)


def verify(tip: Tip, user: User, case: Case, keys: Collection[str], reason: str) -> Event:
    """Say, by name, that a tip is duly verified by independent evidence of a case, and link it there (§3.3.d).

    ``keys``: evidence of the case that corroborates it; another tip is no corroboration. Raises Forbidden, TipRefused.
    """
    access.require(user, tip.jurisdiction, "tips_work")
    if case.jurisdiction_id != tip.jurisdiction_id:
        raise access.Forbidden("the case belongs to another jurisdiction")
    if not user.full_name.strip():
        raise TipRefused("only a named person can verify a tip: set your full name first")
    if not reason.strip():
        raise TipRefused("say how the evidence bears the tip out")
    with transaction.atomic():
        ledger.lock()
        case = Case.objects.select_related("jurisdiction").get(pk=case.pk)
        there = {one["key"]: one for one in case.evidence}
        chosen = [there[key] for key in keys if key in there and there[key]["evidence_kind"] != _TIP]
        if not chosen or len(chosen) != len(set(keys)):
            raise TipRefused("name evidence of the case that stands apart from the tip (no other tip)")
        _step(tip, user, "tip_verified", {"case": case.pk, "keys": sorted(keys)}, state="verified", reason=reason,
              case=case)
        event = Event.objects.filter(stream=tip.stream, kind="tip_verified").order_by("-seq")[0]
        item = {
            "key": tip.stream, "sha256": event.sha256, "statement_id": "", "record_kind": "tip", "relation": None,
            "record_key": str(tip.pk), "evidence_kind": _TIP, "own": True, "verified_by": user.shown,
            "corroborated_by": sorted(keys),
        }
        case.evidence = [*(e for e in case.evidence if e["key"] != tip.stream), item]
        linked = ledger.append(ledger.Entry(
            case.stream, LINKED, case.jurisdiction, user, reason.strip(),
            {"now": {tip.stream: event.sha256}, "gone": []}, ledger.Seen((item,)),
        ))
        act.refresh(case)
    return linked


def close(tip: Tip, user: User, reason: str, *, unfounded: bool = False) -> None:
    """End work on a tip; it stays in the record. Raises Forbidden, TipRefused."""
    access.require(user, tip.jurisdiction, "tips_work")
    if not reason.strip():
        raise TipRefused("say why")
    _step(tip, user, "tip_closed", {"unfounded": unfounded}, state="unfounded" if unfounded else "closed",
          reason=reason)


def purge(jurisdiction: Jurisdiction, *, dry_run: bool = True) -> list[int]:
    """Remove texts, contacts and files of ended tips older than the retention time; returns their numbers.

    The events stay, with the hashes: that there was a tip, and what was done, is never lost.
    """
    before = clock.today(jurisdiction) - timedelta(days=jurisdiction.retention_days)
    old = Tip.objects.filter(jurisdiction=jurisdiction, state__in=("closed", "unfounded"), received_on__lt=before,
                             purged_on=None)
    numbers = list(old.values_list("pk", flat=True))
    if dry_run:
        return numbers
    for tip in old:
        documents = list(Document.objects.filter(stream=tip.stream, jurisdiction=jurisdiction, purged_at=None))
        event = _step(tip, None, "tip_purged", {"files": [d.sha256 for d in documents]}, state=tip.state)
        with transaction.atomic():
            tip.messages.update(text="")
            Document.objects.filter(pk__in=[d.pk for d in documents]).update(purged_at=event.at)
            Tip.objects.filter(pk=tip.pk).update(sealed_contact="", company="", purged_on=clock.today(jurisdiction))
        for document in documents:
            if not Document.objects.filter(sha256=document.sha256, purged_at=None).exists():
                path_of(document.sha256).unlink(missing_ok=True)
    return numbers


def _opened(tip: Tip, user: User, passphrase: str, why: str, sealed: bytes, what: str) -> bytes:
    """Every reading, and every failed try, is in the ledger."""
    access.require(user, tip.jurisdiction, "tips_open")
    if not why.strip():
        raise TipRefused("say why it must be opened: the reason stands in the audit")
    try:
        content = sealing.unseal(tip.jurisdiction, passphrase, sealed)
    except sealing.SealError:
        ledger.append(ledger.Entry(tip.stream, "sealed_refused", tip.jurisdiction, user, why, {"what": what}))
        raise
    ledger.append(ledger.Entry(tip.stream, "sealed_opened", tip.jurisdiction, user, why, {"what": what}))
    return content


def _step(tip: Tip, user: User | None, kind: str, data: dict[str, object], *, state: str, reason: str = "",
          case: Case | None = None, to: User | None = None) -> Event:
    with transaction.atomic():
        event = ledger.append(ledger.Entry(tip.stream, kind, tip.jurisdiction, user, reason.strip(), data))
        tip.state, tip.case, tip.assigned = state, case or tip.case, to or tip.assigned
        tip.save(update_fields=["state", "case", "assigned"])
    return event
