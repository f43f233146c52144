"""Taking a tip in: checked, cleaned, its contact and files sealed before anything is written.

Belongs here: submit, answer by receipt. Does not belong here: the queue (queue.py), imports (imports.py), the form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from casework import clock, files, ledger, sealing
from casework.files.admission import check_all
from casework.models import Jurisdiction, Tip, TipMessage
from casework.tips import receipts

LONGEST = 20_000
LONGEST_CONTACT = 1000


class TipRefused(ValueError):
    """The tip cannot be taken so; the message says what to change."""


@dataclass(frozen=True)
class Submission:
    """What the tipster wrote. ``contact`` empty: anonymous. ``files``: (name, bytes) as they came."""

    message: str
    company: str = ""
    contact: str = ""
    language: str = "en"
    files: Sequence[tuple[str, bytes]] = ()
    channel: str = "form"


def submit(jurisdiction: Jurisdiction, told: Submission) -> str:
    """Take the tip in; returns its receipt code, stored nowhere. Raises TipRefused, FileRefused, SealError."""
    message = _text(told.message)
    if len(told.contact) > LONGEST_CONTACT or len(told.company) > 300:
        raise TipRefused("contact or company is too long")
    checked = check_all(told.files)
    if (told.contact or checked) and not jurisdiction.public_key:
        raise TipRefused("contact and files cannot be taken safely here yet; send the tip without them")
    sealed = [sealing.seal(jurisdiction, one.content) for one in checked]
    shown, lookup, secret_hash = receipts.new()
    day = clock.today(jurisdiction)
    with transaction.atomic():
        ledger.lock()
        tip = Tip.objects.create(
            jurisdiction=jurisdiction, lookup=lookup, secret_hash=secret_hash, company=_line(told.company),
            language=told.language[:12], received_on=day, channel=told.channel,
            sealed_contact=sealing.seal(jurisdiction, told.contact.encode()).hex() if told.contact.strip() else "",
        )
        kept = []
        for number, (one, body) in enumerate(zip(checked, sealed, strict=True), 1):
            ending = one.name.rpartition(".")[2]
            # The name may betray its author as the bytes may: only its ending is kept in the open.
            document = files.keep(jurisdiction, tip.stream, "tip", f"file {number}.{ending}", body, one.media_type)
            document.sealed = True
            document.save(update_fields=["sealed"])
            kept.append(document)
        sha256 = write(tip, message, by_tipster=True)
        ledger.append(ledger.Entry(
            tip.stream, "tip_received", jurisdiction, actor_name=ledger.PUBLIC,
            data={"message": sha256, "files": [d.sha256 for d in kept], "channel": told.channel,
                  "contact": bool(tip.sealed_contact)},
        ))
    return shown


def answer(code: str, text: str) -> Tip:
    """The tipster writes again by receipt code. Raises UnknownReceipt, TipRefused."""
    tip = receipts.find(code)
    message = _text(text)
    with transaction.atomic():
        ledger.lock()
        tip.refresh_from_db()
        if tip.purged_on is not None:
            raise TipRefused("this tip's texts were removed by the retention rule; please send a new one")
        if tip.messages.filter(by_tipster=True).count() >= 100:
            raise TipRefused("this tip has 100 messages already; please send a new one")
        sha256 = write(tip, message, by_tipster=True)
        if tip.state == "asked":
            tip.state = "assigned" if tip.assigned_id else "new"
            tip.save(update_fields=["state"])
        ledger.append(ledger.Entry(tip.stream, "tipster_wrote", tip.jurisdiction, actor_name=ledger.PUBLIC,
                                   data={"message": sha256}))
    return tip


def write(tip: Tip, text: str, *, by_tipster: bool) -> str:
    """Keep one message; its hash is what the ledger is told."""
    text = str(ledger.exact(text))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    TipMessage.objects.create(tip=tip, by_tipster=by_tipster, text=text, sha256=sha256,
                              sent_on=clock.today(tip.jurisdiction))
    return sha256


def _text(text: str) -> str:
    plain = text.strip()
    if not plain:
        raise TipRefused("write what you know")
    if len(plain) > LONGEST:
        raise TipRefused(f"the text is longer than {LONGEST} characters: shorten it, or add a file")
    return plain


def _line(text: str) -> str:
    return " ".join(str(ledger.exact(text)).split())
