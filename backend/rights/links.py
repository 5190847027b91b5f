"""Links to download a copy: good for minutes, for one sign-in and one copy, signed with the copy's own key (S51).

Nothing is stored. The key that signs is derived from the copy's, so a copy that is deleted takes its links along; the
sign-in is asked about at every use, so signing out does the same (S30).
"""

import binascii
import hashlib
import hmac
import struct
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from backend.rights.sealing import derived
from backend.rights.values import ExportId
from identity.principal import PersonId, SessionId

_FIELDS = struct.Struct(">16s16s16s16sQ")
_MAC_BYTES = 32
_LENGTH = -(-(_FIELDS.size + _MAC_BYTES) * 4 // 3)
_LATEST = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: whose copy, which, for whom in which sign-in, until when (whole seconds, UTC)."""

    person_id: PersonId
    export_id: ExportId
    actor_id: PersonId
    session_id: SessionId
    expires_at: datetime

    def signed(self, data_key: bytes) -> str:
        """Return the token of the link: 139 characters, base64url."""
        fields = _packed(self)
        return urlsafe_b64encode(fields + _mac(data_key, fields)).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a token says, proven or not yet."""

    link: Link
    mac: bytes

    def is_signed_by(self, data_key: bytes) -> bool:
        """Whether the copy's own key signed every word of it."""
        return hmac.compare_digest(self.mac, _mac(data_key, _packed(self.link)))


def read_token(token: str) -> Claimed | None:
    """Return what a token claims; None unless it has the one exact form that `Link.signed` gives."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        raw = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        return None
    person_id, export_id, actor_id, session_id, seconds = _FIELDS.unpack(raw[: _FIELDS.size])
    if seconds > _LATEST:
        return None
    link = Link(
        PersonId(UUID(bytes=person_id)),
        ExportId(UUID(bytes=export_id)),
        PersonId(UUID(bytes=actor_id)),
        SessionId(UUID(bytes=session_id)),
        datetime.fromtimestamp(seconds, UTC),
    )
    return Claimed(link, raw[_FIELDS.size :])


def _packed(link: Link) -> bytes:
    ids = (link.person_id, link.export_id, link.actor_id, link.session_id)
    return _FIELDS.pack(*(one.bytes for one in ids), int(link.expires_at.timestamp()))


def _mac(data_key: bytes, fields: bytes) -> bytes:
    return hmac.digest(derived(data_key, b"download link"), fields, hashlib.sha256)
