"""One tap in a mail that switches its topic off, without signing in: links, and the headers that carry them.

Source: RFC 2369 §3.2 (`List-Unsubscribe`), RFC 8058 (one click).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from notifications.channels.port import Channel
from notifications.preferences import Way, can_switch_off
from notifications.topics import Topic

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What the body of the POST says, as name and value. Source: RFC 8058 §3.1."""

_PURPOSE = [b"unsubscribe:1"]
_PERSON_BYTES = 16
_WAY_BYTES = 24
_TOKEN_LENGTH = 75
"""16 bytes of SIV, 16 of the person, 24 of the way, in base64url without padding."""


@dataclass(frozen=True, slots=True)
class Unsubscribing:
    """What a link says: this person wants no more of this topic over this channel."""

    person_id: UUID
    way: Way


class UnsubscribeLinks:
    """Makes and reads links. A token is encrypted and proven by one key, so it tells nobody whose it is or of what.

    It does not end: a mail may be years old when somebody has had enough. Whoever has the mail can switch the topic
    off, which the person sees in their preferences and can take back there.
    """

    def __init__(self, page_url: str, keys: Sequence[bytes]) -> None:
        """Take where links lead, without a slash at the end, and secret keys: the first writes, all of them read."""
        self._page_url = page_url
        self._keys = [AESSIV(hmac.digest(key, b"unsubscribe", hashlib.sha512)) for key in keys]

    def headers(self, person_id: UUID, way: Way) -> tuple[tuple[str, str], ...]:
        """Return the headers of a mail; none for a topic that cannot be switched off."""
        if not can_switch_off(way.topic):
            return ()
        link = f"{self._page_url}/{self.token(Unsubscribing(person_id, way))}"
        return (("List-Unsubscribe", f"<{link}>"), ("List-Unsubscribe-Post", "=".join(ONE_CLICK)))

    def token(self, said: Unsubscribing) -> str:
        """Return the token of a link: 75 characters of base64url, always the same."""
        way = f"{said.way.topic.value}:{said.way.channel.value}".encode().ljust(_WAY_BYTES, b"\0")
        return _written(self._keys[0].encrypt(said.person_id.bytes + way, _PURPOSE))

    def read(self, token: str) -> Unsubscribing | None:
        """Return what a token says; None for whatever is no token of ours, or says what cannot be switched off."""
        if len(token) != _TOKEN_LENGTH or not token.isascii():
            return None
        try:
            sealed = base64.b64decode(token + "=", altchars=b"-_", validate=True)
        except binascii.Error:
            return None
        if _written(sealed) != token:  # the last letter has bits to spare
            return None
        for key in self._keys:
            try:
                plain = key.decrypt(sealed, _PURPOSE)
            except InvalidTag:
                continue
            return _said(plain)
        return None


def _written(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _said(plain: bytes) -> Unsubscribing | None:
    """Return what our own words say; None where a topic or channel is not known any more, or cannot be left now."""
    topic, _, channel = plain[_PERSON_BYTES:].rstrip(b"\0").decode().partition(":")
    try:
        way = Way(Topic(topic), Channel(channel))
    except ValueError:
        return None
    return Unsubscribing(UUID(bytes=plain[:_PERSON_BYTES]), way) if can_switch_off(way.topic) else None
