"""Signing our requests to ESIA.

ESIA itself accepts only GOST keys: production gives a `Signer` that calls a certified tool. `RsaSigner` serves
development and the simulator, and has the same shape of certificate hash.
"""

import base64
import hashlib
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding


class Signer(Protocol):
    """Our key and certificate, wherever they are kept."""

    @property
    def certificate_hash(self) -> str:
        """Hex hash over the certificate's DER (over the PEM it gives ESIA-007053); GOST R 34.11-2012-256 at ESIA."""

    async def sign(self, text: bytes) -> bytes:
        """Return the raw signature of `text`.

        Raises:
            IdentityOperational: The key store does not answer.
        """


class RsaSigner:
    """RSA PKCS#1 v1.5 with SHA-256, the key in this process."""

    def __init__(self, *, key: RSAPrivateKey, certificate_pem: bytes) -> None:
        """Take the key and its certificate.

        Raises:
            ValueError: The certificate is another key's.
        """
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        if certificate.public_key() != key.public_key():
            raise ValueError("the certificate is another key's")
        self._key = key
        self._certificate_hash = sha256_of_der(certificate)

    @property
    def certificate_hash(self) -> str:
        """Hex SHA-256 over the certificate's DER, in the place of the GOST hash."""
        return self._certificate_hash

    async def sign(self, text: bytes) -> bytes:
        """Return the raw signature of `text`; a millisecond of work, so it stays on the loop."""
        return self._key.sign(text, PKCS1v15(), SHA256())


def sha256_of_der(certificate: x509.Certificate) -> str:
    """Return the hash development uses for a certificate, upper-case hex as ESIA's tools print it."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().upper()


def encode_secret(signature: bytes) -> str:
    """Return `client_secret`: base64url without padding."""
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def is_signed_by(key: RSAPublicKey, *, secret: str, text: bytes) -> bool:
    """Whether `secret` (with or without padding) is the signature of `text` by `key`."""
    try:
        signature = base64.b64decode(secret.rstrip("=") + "=" * (-len(secret.rstrip("=")) % 4), b"-_", validate=True)
        key.verify(signature, text, PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature):
        return False
    return True
