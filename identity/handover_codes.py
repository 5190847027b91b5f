"""Codes that people carry from a kiosk to their phone: how they are made, read and kept.

A code is made of the request that asks for it, by a key that only our servers hold: so a request that is repeated gets
the same one, although the database keeps nothing but a hash by that key, which tells nobody the forty bits.
"""

import hashlib
import hmac
from uuid import UUID

from identity.principal import PersonId, SessionId

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U. Source: D. Crockford, "Base 32"."""
CODE_LENGTH = 8
_GROUP = 4
_LONGEST_INPUT = 32
_READ_AS = str.maketrans("OILАВЕКМНОРСТХ", "011ABEKMH0PCTX")
"""What is taken for a letter of the alphabet: by its looks, and typed on a Russian keyboard (the second part)."""
_BITS = 5


class HandoverCodes:
    """Makes and hashes codes by one key, the same in every worker."""

    def __init__(self, key: bytes) -> None:
        """Take 32 secret bytes; after a change of the key the codes before it are worth nothing."""
        self._key = key

    def make(self, session_id: SessionId, request_key: UUID) -> str:
        """Return the code of one request of one session: 8 letters of `ALPHABET`, always the same."""
        mac = hmac.digest(self._key, b"code:" + session_id.bytes + request_key.bytes, hashlib.sha256)
        number = int.from_bytes(mac[:_BITS])
        return "".join(ALPHABET[number >> _BITS * place & 31] for place in range(CODE_LENGTH))

    def hash(self, person_id: PersonId, code: str) -> str:
        """Return what the database keeps of a person's code, in hex."""
        return hmac.digest(self._key, b"hash:" + person_id.bytes + code.encode(), hashlib.sha256).hex()


def written(code: str) -> str:
    """Return a code as people read it: in two groups."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def read_code(text: str) -> str | None:
    """Return the code that somebody typed or scanned, whatever its case, spaces and hyphens; None for no code."""
    if len(text) > _LONGEST_INPUT:
        return None
    letters = "".join(text.upper().translate(_READ_AS).replace("-", " ").split())
    is_code = len(letters) == CODE_LENGTH and all(letter in ALPHABET for letter in letters)
    return letters if is_code else None
