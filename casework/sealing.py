"""Sealing: what only the Administrator may read is encrypted on arrival with a public key; the other half needs a
passphrase that is stored nowhere.

Belongs here: keys, sealing, opening (libsodium through PyNaCl). Does not belong here: who may open and the audit of it
(tips/sealed.py).
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import transaction
from nacl import pwhash, secret, utils
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from casework import ledger
from casework.models import Jurisdiction, User

SHORTEST: Final = 12
_OPERATIONS: Final = pwhash.argon2id.OPSLIMIT_MODERATE
_MEMORY: Final = pwhash.argon2id.MEMLIMIT_MODERATE


class SealError(ValueError):
    """It cannot be sealed or opened; the message says why."""


def make_keys(jurisdiction: Jurisdiction, passphrase: str, *, by: User | None = None, operations: int = _OPERATIONS,
              memory: int = _MEMORY) -> str:
    """A new pair; returns the public key. Earlier pairs stay, locked by their own passphrases: old tips need them."""
    if len(passphrase) < SHORTEST:
        raise SealError(f"the passphrase needs at least {SHORTEST} characters; whoever has it reads every sealed tip")
    private = PrivateKey.generate()
    salt = utils.random(pwhash.argon2id.SALTBYTES)
    locked = _box(passphrase, salt, operations, memory).encrypt(bytes(private)).hex()
    public = bytes(private.public_key).hex()
    entry = {"public": public, "salt": salt.hex(), "operations": operations, "memory": memory, "locked": locked}
    with transaction.atomic():
        ledger.lock()
        jurisdiction.refresh_from_db()
        jurisdiction.locked_key = json.dumps([*_locked(jurisdiction), entry])
        jurisdiction.public_key = public
        jurisdiction.save()
        ledger.append(ledger.Entry(f"jurisdiction:{jurisdiction.slug}", "keys_made", jurisdiction, by,
                                   data={"public": public}))
    return public


def seal(jurisdiction: Jurisdiction, content: bytes) -> bytes:
    """Encrypt; nobody, this program included, can read it again without the passphrase. Raises SealError."""
    if not jurisdiction.public_key:
        raise SealError("no key has been made here yet: `section3c casework keys`")
    key = bytes.fromhex(jurisdiction.public_key)
    return key + SealedBox(PublicKey(key)).encrypt(content)


def unseal(jurisdiction: Jurisdiction, passphrase: str, sealed: bytes) -> bytes:
    """The content. Raises SealError for a wrong passphrase, a lost key, or damage."""
    public, body = sealed[:32].hex(), sealed[32:]
    entry = next((one for one in _locked(jurisdiction) if one["public"] == public), None)
    if entry is None:
        raise SealError("the key it was sealed with is not here; restore it from a backup")
    box = _box(passphrase, bytes.fromhex(entry["salt"]), int(entry["operations"]), int(entry["memory"]))
    try:
        private = PrivateKey(box.decrypt(bytes.fromhex(entry["locked"])))
    except CryptoError:
        raise SealError("this is not the passphrase of the key it was sealed with") from None
    try:
        return SealedBox(private).decrypt(body)
    except CryptoError:
        raise SealError("the sealed content is damaged") from None


def _box(passphrase: str, salt: bytes, operations: int, memory: int) -> secret.SecretBox:
    key = pwhash.argon2id.kdf(secret.SecretBox.KEY_SIZE, passphrase.encode(), salt, opslimit=operations,
                              memlimit=memory)
    return secret.SecretBox(key)


def _locked(jurisdiction: Jurisdiction) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(jurisdiction.locked_key or "[]")
    return found
