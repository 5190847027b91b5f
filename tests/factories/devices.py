"""A device with a key of its own, which proves it as RFC 9449 asks; written apart from the code under test."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from jwt.algorithms import ECAlgorithm

from identity.keys import make_ec_key


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """One key; `clock` is the device's own."""

    clock: Callable[[], datetime]
    key: EllipticCurvePrivateKey = field(default_factory=make_ec_key)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as it stands in a proof."""
        public: dict[str, Any] = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {name: public[name] for name in ("crv", "kty", "x", "y")}

    @property
    def thumbprint(self) -> str:
        """RFC 7638: the members of the key in their order, without a space."""
        return base64url(hashlib.sha256(json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()).digest())

    def claims(self, method: str, url: str, access_token: str | None = None) -> dict[str, Any]:
        """What a good proof says now."""
        bound = {} if access_token is None else {"ath": base64url(hashlib.sha256(access_token.encode()).digest())}
        return {"jti": str(uuid4()), "htm": method, "htu": url, "iat": int(self.clock().timestamp()), **bound}

    def proof(self, method: str, url: str, access_token: str | None = None, **changes: Any) -> str:
        """A proof for one request; `changes` replace claims."""
        return self.sign(self.claims(method, url, access_token) | changes)

    def sign(self, claims: object, **header: Any) -> str:
        """Sign claims under a good header, in which `header` replaces words."""
        words = {"typ": "dpop+jwt", "jwk": self.jwk} | header
        body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        return jwt.PyJWS().encode(body, self.key, algorithm="ES256", headers=words)

    def headers(self, method: str, url: str, access_token: str) -> dict[str, str]:
        """The headers of one request with a bound token."""
        return {"authorization": f"DPoP {access_token}", "dpop": self.proof(method, url, access_token)}
