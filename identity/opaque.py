"""Opaque one-time secrets: states, codes and refresh tokens. The database keeps only their SHA-256.

A secret that belongs to a person begins with the person's id, so that its row is found by (person_id, hash):
every lookup carries the distribution key. The id is no secret: the access token names it to the same app.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from uuid import UUID

from identity.principal import PersonId

_ID_BYTES = 16
_SECRET_BYTES = 32
_LENGTH = (_ID_BYTES + _SECRET_BYTES) * 4 // 3


def mint() -> str:
    """Return 256 random bits, base64url, 43 characters."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def mint_for(person_id: PersonId) -> str:
    """Return a secret of `person_id`: the id and 256 random bits, base64url, 64 characters."""
    return base64.urlsafe_b64encode(person_id.bytes + secrets.token_bytes(_SECRET_BYTES)).decode()


def mint_salt() -> str:
    """Return 256 random bits, hex: what the database keeps so that a successor can be made again."""
    return secrets.token_hex(_SECRET_BYTES)


def successor_of(secret: str, salt: str) -> str:
    """Return the secret that follows a secret of a person: always the same one for the same salt.

    Neither the database, which holds the salt, nor who holds the secret can make it alone.
    """
    person_bytes = base64.urlsafe_b64decode(secret)[:_ID_BYTES]
    mac = hmac.digest(secret.encode(), b"successor:" + salt.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(person_bytes + mac).decode()


def owner_of(secret: str) -> PersonId | None:
    """Return whose secret this claims to be, or None when it has not the form of `mint_for`."""
    if len(secret) != _LENGTH or not secret.isascii():
        return None
    try:
        raw = base64.b64decode(secret, altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return PersonId(UUID(bytes=raw[:_ID_BYTES]))


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret, hex: what the database keeps. 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
