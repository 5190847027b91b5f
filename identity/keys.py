"""Reading keys, and making those a development machine needs."""

import hashlib
from datetime import datetime, timedelta

import orjson
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509.oid import NameOID
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_encode

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
MIN_RSA_BITS = 2_048


class KeyUnusable(Exception):
    """A key file holds another kind of key than is needed; the text names the kind, never the key."""


def load_ec_private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the EC P-256 private key.

    Raises:
        KeyUnusable: Another kind, or not PEM.
    """
    key = _load_private(pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise KeyUnusable("an EC P-256 private key is needed")
    return key


def load_rsa_private_key(pem: bytes) -> rsa.RSAPrivateKey:
    """Return the RSA private key, 2048 bits at least.

    Raises:
        KeyUnusable: Another kind, too short, or not PEM.
    """
    key = _load_private(pem)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < MIN_RSA_BITS:
        raise KeyUnusable(f"an RSA private key of {MIN_RSA_BITS} bits is needed")
    return key


def load_ec_public_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    """Return the EC P-256 public key.

    Raises:
        KeyUnusable: Another kind, or not PEM.
    """
    key = _load_public(pem)
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise KeyUnusable("an EC P-256 public key is needed")
    return key


def load_rsa_public_key(pem: bytes) -> rsa.RSAPublicKey:
    """Return the RSA public key, 2048 bits at least.

    Raises:
        KeyUnusable: Another kind, too short, or not PEM.
    """
    key = _load_public(pem)
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        raise KeyUnusable(f"an RSA public key of {MIN_RSA_BITS} bits is needed")
    return key


def load_public_key(pem: bytes) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    """Return the public key, EC P-256 or RSA of 2048 bits at least.

    Raises:
        KeyUnusable: Another kind, too short, or not PEM.
    """
    return load_rsa_public_key(pem) if isinstance(_load_public(pem), rsa.RSAPublicKey) else load_ec_public_key(pem)


def load_rsa_verification_key(pem: bytes) -> rsa.RSAPublicKey:
    """Return the RSA public key of a PEM public key or certificate, 2048 bits at least: ESIA publishes a certificate.

    Raises:
        KeyUnusable: Another kind, too short, or not PEM.
    """
    if b"BEGIN CERTIFICATE" not in pem:
        return load_rsa_public_key(pem)
    try:
        key = x509.load_pem_x509_certificate(pem).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable("not a PEM certificate of an RSA key") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        raise KeyUnusable(f"a certificate of an RSA key of {MIN_RSA_BITS} bits is needed")
    return key


def thumbprint(key: ec.EllipticCurvePublicKey) -> str:
    """Return the JWK thumbprint, our `kid`. Source: RFC 7638."""
    jwk = ECAlgorithm.to_jwk(key, as_dict=True)
    canonical = orjson.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")})
    return base64url_encode(hashlib.sha256(canonical).digest()).decode()


def derive_secret(key: ec.EllipticCurvePrivateKey, purpose: str) -> bytes:
    """Return 32 secret bytes for one purpose, the same wherever the key is. Source: RFC 5869."""
    raw = key.private_numbers().private_value.to_bytes(32)
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(raw)


def make_ec_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def make_rsa_key() -> rsa.RSAPrivateKey:
    """Return a fresh RSA key."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=MIN_RSA_BITS)


def private_pem(key: PrivateKey) -> bytes:
    """Return the key as unencrypted PKCS#8 PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: PrivateKey) -> bytes:
    """Return the public half as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def make_certificate(key: rsa.RSAPrivateKey, *, name: str, now: datetime) -> bytes:
    """Return a self-signed certificate as PEM, good for ten years: for development only."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3_650))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM)


def _load_private(pem: bytes) -> object:
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise KeyUnusable("not an unencrypted PEM private key") from error


def _load_public(pem: bytes) -> object:
    try:
        return load_pem_public_key(pem)
    except ValueError as error:
        raise KeyUnusable("not a PEM public key") from error
