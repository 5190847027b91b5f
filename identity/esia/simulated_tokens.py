"""Codes and tokens of the simulated ESIA."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import uuid4

import jwt
import orjson
from jwt.utils import base64url_encode

from identity.esia.dialects import Dialect
from identity.esia.people import EsiaPerson
from identity.esia.simulated_faults import FaultKind
from identity.esia.simulated_keys import KeyRing
from identity.keys import make_rsa_key, public_pem

ACCESS_SECONDS = 3_600
ID_SECONDS = 10_800
_Held = TypeVar("_Held")


@dataclass(frozen=True, slots=True)
class Consent:
    """What one person allowed: the scopes, for how long a code of it is good, and its PKCE challenge (v1: none).

    `permitted_until` is the end of the shortest permission asked for, None without one.
    """

    oid: int
    scope: str
    redirect_uri: str
    dialect: Dialect
    code_challenge: str | None
    session_id: str
    authenticated_at: datetime
    expires_at: datetime
    permitted_until: datetime | None = None


class Shelf(Generic[_Held]):
    """The latest things by an unguessable key; the oldest make room."""

    def __init__(self, *, size: int = 100_000) -> None:
        """Keep at most `size` things."""
        self._things: OrderedDict[str, _Held] = OrderedDict()
        self._size = size

    def put(self, thing: _Held, *, key: str | None = None) -> str:
        """Keep a thing and return its key."""
        key = key or secrets.token_urlsafe(32)
        self._things[key] = thing
        if len(self._things) > self._size:
            self._things.popitem(last=False)
        return key

    def get(self, key: str) -> _Held | None:
        """Return the thing, which stays."""
        return self._things.get(key)

    def take(self, key: str) -> _Held | None:
        """Return the thing, which is gone then."""
        return self._things.pop(key, None)


@dataclass(frozen=True, slots=True)
class TokenMint:
    """Signs both tokens, RS256; a fault spoils them in a way a client must notice."""

    keys: KeyRing
    client_id: str
    issuer: str

    def mint(self, person: EsiaPerson, consent: Consent, *, now: datetime, fault: FaultKind | None) -> tuple[str, str]:
        """Return the access token and the id_token."""
        issued = now
        if fault is FaultKind.EXPIRED:
            issued -= timedelta(days=1)
        if fault is FaultKind.FUTURE:
            issued += timedelta(hours=1)
        access = self._sign("access", self._access_claims(consent, int(issued.timestamp()), fault), fault)
        identity = self._sign("id", self._id_claims(person, consent, int(issued.timestamp()), fault), fault)
        return (identity, access) if fault is FaultKind.SWAPPED else (access, identity)

    def _access_claims(self, consent: Consent, issued: int, fault: FaultKind | None) -> dict[str, object]:
        words = consent.scope.split()
        return {
            "nbf": issued,
            "iat": issued,
            "exp": issued + ACCESS_SECONDS,
            "iss": self._issuer(fault),
            "client_id": self._audience(fault),
            "urn:esia:sid": consent.session_id,
            "urn:esia:sbj_id": consent.oid,
            "scope": " ".join(word if word == "openid" else f"{word}?oid={consent.oid}" for word in words),
            "jti": str(uuid4()),
        }

    def _id_claims(
        self, person: EsiaPerson, consent: Consent, issued: int, fault: FaultKind | None
    ) -> dict[str, object]:
        oid = consent.oid + (1 if fault is FaultKind.FOREIGN_PERSON else 0)
        return {
            "aud": self._audience(fault),
            "sub": oid,
            "iss": self._issuer(fault),
            "nbf": issued,
            "iat": issued,
            "exp": issued + ID_SECONDS,
            "auth_time": int(consent.authenticated_at.timestamp()),
            "amr": "PWD",
            "urn:esia:amd": "PWD",
            "urn:esia:sid": consent.session_id,
            "urn:esia:sbj": {
                "urn:esia:sbj:typ": "P",
                "urn:esia:sbj:is_tru": person.trusted,
                "urn:esia:sbj:oid": oid,
                "urn:esia:sbj:nam": f"OID.{oid}",
            },
        }

    def _issuer(self, fault: FaultKind | None) -> str:
        return "http://esia.example/" if fault is FaultKind.WRONG_ISSUER else self.issuer

    def _audience(self, fault: FaultKind | None) -> str:
        return "ANOTHER_SYSTEM" if fault is FaultKind.WRONG_AUDIENCE else self.client_id

    def _sign(self, kind: str, claims: Mapping[str, object], fault: FaultKind | None) -> str:
        headers = {"ver": 1 if kind == "access" else 0, "typ": "JWT", "sbt": kind, **self.keys.named()}
        payload = orjson.dumps(claims)  # by PyJWS: PyJWT would refuse ESIA's numeric `sub`
        if fault is FaultKind.UNSIGNED:
            return jwt.PyJWS().encode(payload, "", algorithm="none", headers=headers)
        if fault is FaultKind.SYMMETRIC:
            return sign_with_public_key(payload, headers, public_pem(self.keys.signing))
        key = make_rsa_key() if fault is FaultKind.BAD_SIGNATURE else self.keys.signing
        return jwt.PyJWS().encode(payload, key, algorithm="RS256", headers=headers)


def sign_with_public_key(payload: bytes, headers: Mapping[str, object], public_key_pem: bytes) -> str:
    """Return a token HMACed with a public key as the secret: the attack called HS/RS confusion."""
    header = orjson.dumps({**headers, "alg": "HS256"})
    signed = base64url_encode(header) + b"." + base64url_encode(payload)
    mac = hmac.digest(public_key_pem, signed, hashlib.sha256)
    return (signed + b"." + base64url_encode(mac)).decode()
