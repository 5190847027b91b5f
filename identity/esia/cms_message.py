"""Reads a detached CMS message with one RSA signature, as the simulated ESIA must; nothing beyond that is understood.

Source: RFC 5652 §5 (SignedData), X.690 §8 and §10 (DER).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from identity.esia.signer import is_signed_by

_SEQUENCE, _SET, _OCTETS, _OID = 0x30, 0x31, 0x04, 0x06
_CERTIFICATES, _CRLS = 0xA0, 0xA1
_SIGNED_ATTRIBUTES = 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SHA256 = bytes.fromhex("608648016503040201")


class CmsUnreadable(Exception):
    """Not a detached SignedData with one signer and SHA-256."""


@dataclass(frozen=True, slots=True)
class _Node:
    tag: int
    content: bytes
    whole: bytes

    def children(self) -> Iterator["_Node"]:
        rest = self.content
        while rest:
            node, rest = _read(rest)
            yield node


@dataclass(frozen=True, slots=True)
class CmsMessage:
    """What a message proves: `certificates` in DER as it carries them, its signed attributes and the signature."""

    certificates: tuple[bytes, ...]
    signed_attributes: bytes | None
    digest: bytes | None
    content_type: bytes | None
    signature: bytes

    def is_signed_by(self, certificate: x509.Certificate, *, text: bytes) -> bool:
        """Whether the signature over `text` is by the certificate's RSA key. Source: RFC 5652 §5.4, §5.6."""
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            return False
        if self.signed_attributes is None:
            return is_signed_by(key, signature=self.signature, text=text)
        if self.digest != hashlib.sha256(text).digest() or self.content_type != _DATA:
            return False
        return is_signed_by(key, signature=self.signature, text=self.signed_attributes)

    def carries_another_certificate(self, certificate: x509.Certificate) -> bool:
        """Whether the message carries certificates, and this one is not among them."""
        return bool(self.certificates) and certificate.public_bytes(Encoding.DER) not in self.certificates


def read_cms(message: bytes) -> CmsMessage:
    """Return the parts of a detached message.

    Raises:
        CmsUnreadable: Not DER, not SignedData, not detached, another digest, or not exactly one signer.
    """
    outer = _expect(_only(message), _SEQUENCE)
    kind, wrapped = _take(outer, 2)
    if _expect(kind, _OID).content != _SIGNED_DATA:
        raise CmsUnreadable("not signed data")
    _version, _digests, enclosed, *rest = _take(_expect(_only(wrapped.content), _SEQUENCE), 4, more=True)
    if len(list(enclosed.children())) != 1:
        raise CmsUnreadable("not detached")
    certificates = [one.whole for node in rest if node.tag == _CERTIFICATES for one in node.children()]
    signers = [one for node in rest if node.tag == _SET for one in node.children()]
    if len(signers) != 1 or any(node.tag not in {_CERTIFICATES, _CRLS, _SET} for node in rest):
        raise CmsUnreadable("not one signer")
    return _read_signer(signers[0], tuple(certificates))


def _read_signer(signer: _Node, certificates: tuple[bytes, ...]) -> CmsMessage:
    _version, _identifier, digest_algorithm, *rest = _take(_expect(signer, _SEQUENCE), 5, more=True)
    if _take(digest_algorithm, 1, more=True)[0].content != _SHA256:
        raise CmsUnreadable("another digest")
    attributes: dict[bytes, _Node] = {}
    signed: bytes | None = None
    if rest[0].tag == _SIGNED_ATTRIBUTES:
        # What is signed is the SET itself, not the implicit tag that stands in the message.
        signed = bytes([_SET]) + rest[0].whole[1:]
        attributes = dict(_read_attribute(one) for one in rest[0].children())
        rest = rest[1:]
    if len(rest) < 2:
        raise CmsUnreadable("no signature")
    digest, content_type = attributes.get(_MESSAGE_DIGEST), attributes.get(_CONTENT_TYPE)
    return CmsMessage(
        certificates=certificates,
        signed_attributes=signed,
        digest=None if digest is None else _expect(digest, _OCTETS).content,
        content_type=None if content_type is None else _expect(content_type, _OID).content,
        signature=_expect(rest[1], _OCTETS).content,
    )


def _read_attribute(node: _Node) -> tuple[bytes, _Node]:
    kind, values = _take(_expect(node, _SEQUENCE), 2)
    return _expect(kind, _OID).content, _take(_expect(values, _SET), 1, more=True)[0]


def _take(node: _Node, count: int, *, more: bool = False) -> list[_Node]:
    found = list(node.children())
    if len(found) < count or (len(found) > count and not more):
        raise CmsUnreadable("another shape")
    return found


def _only(data: bytes) -> _Node:
    node, rest = _read(data)
    if rest:
        raise CmsUnreadable("something follows")
    return node


def _expect(node: _Node, tag: int) -> _Node:
    if node.tag != tag:
        raise CmsUnreadable("another type")
    return node


def _read(data: bytes) -> tuple[_Node, bytes]:
    """Return the first value of `data` and what follows it; lengths are definite and at most four bytes."""
    if len(data) < 2 or data[0] & 0x1F == 0x1F:
        raise CmsUnreadable("not DER")
    start, length = 2, data[1]
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or len(data) < 2 + size:
            raise CmsUnreadable("not DER")
        start, length = 2 + size, int.from_bytes(data[2 : 2 + size])
    end = start + length
    if end > len(data):
        raise CmsUnreadable("cut off")
    return _Node(data[0], data[start:end], data[:end]), data[end:]
