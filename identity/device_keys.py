"""The public key a device names in its proofs: its one algorithm, its thumbprint, and nothing secret in it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.utils import base64url_encode

from identity.jws import JwsRefused, VerificationKey
from identity.keys import MIN_RSA_BITS

MAX_RSA_BITS = 4_096
ALGORITHMS = ("ES256", "EdDSA", "PS256", "RS256")
"""What we take, each with its own kind of key; the secure hardware of phones has ES256."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Which members a key has, all of them text; `crv` is its curve, None where it has none."""

    required: tuple[str, ...]
    curve: str | None
    algorithms: frozenset[str]


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "EC": _Kind(("crv", "kty", "x", "y"), "P-256", frozenset({"ES256"})),
        "OKP": _Kind(("crv", "kty", "x"), "Ed25519", frozenset({"EdDSA"})),
        "RSA": _Kind(("e", "kty", "n"), None, frozenset({"PS256", "RS256"})),
    }
)
_DESCRIBING = frozenset({"alg", "ext", "key_ops", "kid", "use"})
"""Members that say what a key is for; they are not looked at."""


def device_key(jwk: object, algorithm: object) -> tuple[VerificationKey, str]:
    """Return the key of a proof's header, bound to its algorithm, and its thumbprint.

    Raises:
        JwsRefused: No public key of a kind we take, one with a member more (a private or a shared secret among them),
            or another algorithm than is the key's.

    Source: RFC 7517 §4, RFC 7638 §3.2, RFC 9449 §4.2.
    """
    if not isinstance(jwk, dict):
        raise JwsRefused("no jwk")
    kind = _KINDS.get(str(jwk.get("kty")))
    if kind is None or algorithm not in kind.algorithms:
        raise JwsRefused("kty or alg")
    if jwk.keys() - _DESCRIBING != set(kind.required) or (kind.curve is not None and jwk["crv"] != kind.curve):
        raise JwsRefused("members of the jwk")
    members = {name: jwk[name] for name in kind.required}
    if not all(isinstance(value, str) for value in members.values()):
        raise JwsRefused("members of the jwk")
    return VerificationKey(_public(members), str(algorithm)), _thumbprint(members)


def _public(members: Mapping[str, str]) -> EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey:
    try:
        key = jwt.PyJWK.from_dict(dict(members)).key
    except (jwt.InvalidKeyError, jwt.PyJWKError, ValueError, TypeError) as error:
        raise JwsRefused("no such key") from error
    if isinstance(key, RSAPublicKey) and not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        raise JwsRefused("size of the key")
    return cast("EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey", key)


def _thumbprint(members: Mapping[str, str]) -> str:
    canonical = orjson.dumps(members, option=orjson.OPT_SORT_KEYS)
    return base64url_encode(hashlib.sha256(canonical).digest()).decode()
