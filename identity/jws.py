"""Strict opening of a compact JWS: one key, one algorithm, one set of header words.

Nothing the token says chooses how it is checked. Source: RFC 8725 (JWT best practices); S23, S32.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

MAX_TOKEN_BYTES = 8_192
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class JwsRefused(Exception):
    """The token cannot be trusted; the text says why, for tests, and is never shown to a caller."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key bound to the one algorithm it may be used with."""

    key: EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey
    algorithm: str


def read_header(token: str, *, words: frozenset[str]) -> Mapping[str, object]:
    """Return the header of an unverified token, so that its key can be looked up.

    Args:
        token: Compact form; refused undecoded above 8 KB (S32).
        words: The header words allowed; any other (jwk, jku, x5u, crit, …) refuses the token.

    Raises:
        JwsRefused: Not a compact JWS, too long, duplicate or foreign words.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise JwsRefused("too long")
    if not _COMPACT.fullmatch(token):
        raise JwsRefused("not a compact JWS")
    header = _read_object(token.partition(".")[0])
    if foreign := header.keys() - words:
        raise JwsRefused(f"header words {sorted(foreign)}")
    return header


def open_token(token: str, key: VerificationKey) -> Mapping[str, object]:
    """Return the payload of a token whose signature is good; its claims are not judged here.

    Raises:
        JwsRefused: Another algorithm than the key's, a bad signature, or a payload that is no plain JSON object.
    """
    try:
        jwt.PyJWS().decode_complete(token, key.key, algorithms=[key.algorithm])
    except jwt.InvalidTokenError as error:
        raise JwsRefused("signature") from error
    return _read_object(token.split(".")[1])


def read_unproven(token: str) -> Mapping[str, object]:
    """Return the payload of a token whose signature was not looked at: only to learn whose key to look up.

    Args:
        token: One that `read_header` took.

    Raises:
        JwsRefused: A payload that is no plain JSON object.
    """
    return _read_object(token.split(".")[1])


def _read_object(segment: str) -> dict[str, object]:
    try:
        text = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode()
        value: object = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise JwsRefused("not plain JSON") from error
    if not isinstance(value, dict):
        raise JwsRefused("not an object")
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate keys")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
