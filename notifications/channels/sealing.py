"""The body of a push, sealed for one device: whoever carries it learns nothing (RFC 7516, ECDH-ES with A256GCM)."""

from functools import cache
from uuid import UUID

import orjson
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from notifications.channels.port import Content

_ALGORITHMS = ("ECDH-ES", "A256GCM")
_CURVES = frozenset({("EC", "P-256"), ("OKP", "X25519")})
_LONGEST_KEY = 1_024


class KeyUnusable(ValueError):
    """What a device registered as its public key is none that we seal to."""


@cache
def _registry() -> jwe.JWERegistry:
    return jwe.JWERegistry(algorithms=_ALGORITHMS)


def read_public_key(text: str) -> ECKey | OKPKey:
    """Read a device's public key.

    Args:
        text: A JWK as JSON: EC on P-256, or OKP on X25519; without its private part.

    Returns:
        The key, a point of its curve.

    Raises:
        KeyUnusable: It is anything else; a private key too, which no device may ever send.

    Source: RFC 7517; RFC 7518, 6.2; RFC 8037, 2.
    """
    try:
        members = orjson.loads(text) if len(text) <= _LONGEST_KEY else None
        if not isinstance(members, dict) or "d" in members:
            raise KeyUnusable
        if (members.get("kty"), members.get("crv")) not in _CURVES:
            raise KeyUnusable
        public = {name: members[name] for name in ("kty", "crv", "x", "y") if name in members}
        kind: type[ECKey | OKPKey] = ECKey if members["kty"] == "EC" else OKPKey
        key = kind.import_key(public)
        _ = key.public_key  # reads the point
    except (JoseError, ValueError, TypeError, KeyError):
        raise KeyUnusable from None  # the error may quote the key
    return key


def seal(content: Content, *, notification_id: UUID, public_key: str) -> str:
    """Encrypt title and body to one device.

    Args:
        content: What the device shall show.
        notification_id: Stands inside, too, so that a sealed body cannot be shown under another message.
        public_key: See `read_public_key`.

    Returns:
        A compact JWE of `{"id", "title", "body"}`, about 250 characters longer than four thirds of the body.

    Raises:
        KeyUnusable: There is nobody to seal to.
    """
    key = read_public_key(public_key)
    plain = orjson.dumps({"id": str(notification_id), "title": content.title, "body": content.body})
    header = {"alg": _ALGORITHMS[0], "enc": _ALGORITHMS[1], "kid": key.thumbprint()}
    return jwe.encrypt_compact(header, plain, key, registry=_registry())
