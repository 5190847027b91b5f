"""Signing our requests to ESIA: the port, and the signer whose RSA key lies in this process.

ESIA itself accepts GOST keys only: production calls a certified tool (`command_signer`). RSA serves development and
the simulator, and has the same shape of certificate hash.
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

MAX_SECRET_CHARACTERS = 32_768


class Signer(Protocol):
    """One key of ours and its certificate, wherever they are kept."""

    @property
    def certificate_hash(self) -> str:
        """Hex hash over the certificate's DER (over the PEM it gives ESIA-007053); GOST R 34.11-2012-256 at ESIA."""

    async def sign(self, text: bytes) -> bytes:
        """Return the signature of `text`, in the form the dialect asks for.

        Raises:
            IdentityOperational: The key store does not answer.
        """


class RsaSigner:
    """RSA PKCS#1 v1.5 with SHA-256, the key in this process; gives the raw signature of v2/v3."""

    def __init__(self, *, key: RSAPrivateKey, certificate_pem: bytes) -> None:
        """Take the key and its certificate.

        Raises:
            ValueError: The certificate is another key's.
        """
        certificate = load_certificate_of(key, certificate_pem)
        self._key = key
        self._certificate_hash = sha256_of_der(certificate)

    @property
    def certificate_hash(self) -> str:
        """Hex SHA-256 over the certificate's DER, in the place of the GOST hash."""
        return self._certificate_hash

    async def sign(self, text: bytes) -> bytes:
        """Return the raw signature of `text`; a millisecond of work, so it stays on the loop."""
        return self._key.sign(text, PKCS1v15(), SHA256())


def load_certificate_of(key: RSAPrivateKey, certificate_pem: bytes) -> x509.Certificate:
    """Return the certificate.

    Raises:
        ValueError: It is another key's, or no PEM.
    """
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    if certificate.public_key() != key.public_key():
        raise ValueError("the certificate is another key's")
    return certificate


def sha256_of_der(certificate: x509.Certificate) -> str:
    """Return the hash development uses for a certificate, upper-case hex as ESIA's tools print it."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().upper()


def encode_secret(signature: bytes) -> str:
    """Return `client_secret`: base64url without padding."""
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def decode_secret(secret: str) -> bytes:
    """Return the signature in a `client_secret`, with or without padding.

    Raises:
        ValueError: Not base64url, or too long.
    """
    bare = secret.rstrip("=")
    if len(bare) > MAX_SECRET_CHARACTERS:
        raise ValueError("too long")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), b"-_", validate=True)


def is_signed_by(key: RSAPublicKey, *, signature: bytes, text: bytes) -> bool:
    """Whether `signature` is the raw signature of `text` by `key`."""
    try:
        key.verify(signature, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
