"""The receipt of a request for erasure: it opens the page about it when nothing else of the person is left."""

import binascii
import hmac
from base64 import b64decode, urlsafe_b64encode
from uuid import UUID

from backend.rights.values import ErasureId
from identity.principal import PersonId

KEY_BYTES = 32
_IDS = 32
_LENGTH = -(-(_IDS + KEY_BYTES) * 4 // 3)


def write_receipt(person_id: PersonId, erasure_id: ErasureId, key: bytes) -> str:
    """Return the receipt: 86 characters, base64url."""
    return urlsafe_b64encode(person_id.bytes + erasure_id.bytes + key).rstrip(b"=").decode()


def read_receipt(receipt: str) -> tuple[PersonId, ErasureId, bytes] | None:
    """Return what a receipt claims; None unless it has the one exact form that `write_receipt` gives."""
    if len(receipt) != _LENGTH or not receipt.isascii():
        return None
    try:
        raw = b64decode(receipt + "=" * (-len(receipt) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    person_id, erasure_id, key = PersonId(UUID(bytes=raw[:16])), ErasureId(UUID(bytes=raw[16:32])), raw[32:]
    if not hmac.compare_digest(write_receipt(person_id, erasure_id, key), receipt):
        return None
    return person_id, erasure_id, key
