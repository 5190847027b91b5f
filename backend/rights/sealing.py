"""Bytes at rest: segments under AES-GCM with a key of their own, so that a file alone tells nothing (S45).

The construction is STREAM: the nonce is the number of the segment and whether it is the last, so that segments can be
neither moved, repeated, cut off nor swapped with another object's (its name is authenticated with each of them). A key
seals one object once; that is what makes counted nonces safe. Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015; NIST SP 800-38D §8.2.1.
"""

import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from backend.rights.errors import ExportStorageUnavailable

SEGMENT = 65_536
TAG = 16
_KEY_BYTES = 32


def new_key() -> bytes:
    """Return a key for one object."""
    return secrets.token_bytes(_KEY_BYTES)


def derived(key: bytes, purpose: bytes) -> bytes:
    """Return a key of its own for another purpose. Source: RFC 5869 §2.3."""
    return HKDFExpand(algorithm=hashes.SHA256(), length=_KEY_BYTES, info=purpose).derive(key)


class Seal:
    """Seals bytes as they come; what is written out is whole segments."""

    def __init__(self, key: bytes, name: str, write: Callable[[bytes], None]) -> None:
        """Seal the object `name` with its own new `key` into `write`."""
        self._cipher = AESGCM(derived(key, b"content"))
        self._name = name.encode()
        self._write = write
        self._waiting = bytearray()
        self._number = 0
        self.size = 0
        """How many plain bytes were given."""

    def add(self, data: bytes) -> None:
        """Take more plain bytes; the last segment is written at the end only, for it is sealed as the last."""
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) > SEGMENT:
            self._seal(bytes(self._waiting[:SEGMENT]), last=False)
            del self._waiting[:SEGMENT]

    def end(self) -> None:
        """Write what is left, as the last segment."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        self._write(self._cipher.encrypt(_nonce(self._number, last=last), plain, self._name))
        self._number += 1


class Opened:
    """Reads any part of a sealed object."""

    def __init__(self, key: bytes, name: str, size: int, read: Callable[[int, int], bytes]) -> None:
        """Open the object `name` of `size` plain bytes; `read` returns so many of its bytes from an offset on."""
        self._cipher = AESGCM(derived(key, b"content"))
        self._name = name.encode()
        self._last = max(0, (size - 1) // SEGMENT)
        self._read = read

    @property
    def segments(self) -> int:
        """How many there are; one at least."""
        return self._last + 1

    def segment(self, number: int) -> bytes:
        """Return the plain bytes of a segment.

        Raises:
            ExportStorageUnavailable: It is not what was sealed, or cannot be read.
        """
        sealed = self._read(number * (SEGMENT + TAG), SEGMENT + TAG)
        try:
            return self._cipher.decrypt(_nonce(number, last=number == self._last), sealed, self._name)
        except InvalidTag as error:
            raise ExportStorageUnavailable from error


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
