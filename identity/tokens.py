"""Our access tokens: short JWTs that any of our servers checks without asking anybody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from jwt.algorithms import ECAlgorithm
from pydantic import BaseModel, ConfigDict, Field

from identity.errors import KioskSessionOver, TokenRefused
from identity.jws import JwsRefused, VerificationKey, open_token, read_header
from identity.keys import thumbprint
from identity.positions import Position
from identity.principal import ActorKind, Assurance, PersonId, Principal, SessionId
from identity.settings import TokenSettings

ALGORITHM = "ES256"
TYPE = "at+jwt"
LEEWAY = timedelta(seconds=60)
_HEADER_WORDS = frozenset({"alg", "typ", "kid"})


Epoch = Annotated[int, Field(ge=0, le=253_402_300_799)]
"""Seconds since 1970, before the year 10000."""


class _Confirmation(BaseModel):
    """The key that whoever shows the token must hold. Source: RFC 9449 §6.1, RFC 7800."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    jkt: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class _Claims(BaseModel):
    """Exactly what we write: strict types, nothing missing, nothing more."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    iss: str
    aud: str
    sub: str
    sid: str
    jti: str
    kind: str
    assurance: str
    auth_time: Epoch
    iat: Epoch
    nbf: Epoch
    exp: Epoch
    cnf: _Confirmation | None = None
    org: Annotated[str, Field(pattern=r"^(\d{13}|\d{15})$")] | None = None
    lvl: int | None = None


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """Whom a token is for; `authenticated_at` is when the person last proved who they are.

    `key_thumbprint` names the key that the token is bound to; None makes a bearer token. `ends_at` is when the session
    ends, aware UTC: no token outlives it.
    """

    person_id: PersonId
    session_id: SessionId
    kind: ActorKind
    assurance: Assurance
    authenticated_at: datetime
    key_thumbprint: str | None = None
    organization: str | None = None
    level: int | None = None
    ends_at: datetime | None = None


class AccessTokens:
    """Issues and checks access tokens (JWT profile of RFC 9068), ES256 by one named key."""

    def __init__(
        self,
        *,
        signing_key: EllipticCurvePrivateKey,
        settings: TokenSettings,
        clock: Callable[[], datetime],
        previous_keys: Sequence[EllipticCurvePublicKey] = (),
    ) -> None:
        """`previous_keys` are still accepted and published, so that a key can be changed without signing people out."""
        self._signing_key = signing_key
        self._settings = settings
        self._clock = clock
        self._kid = thumbprint(signing_key.public_key())
        self._public = {thumbprint(key): key for key in (signing_key.public_key(), *previous_keys)}

    @property
    def lifetime(self) -> timedelta:
        """How long a fresh token is good at most."""
        return timedelta(seconds=self._settings.access_lifetime_seconds)

    def lifetime_of(self, subject: TokenSubject) -> int:
        """Return for how many seconds a token issued now would be good: not beyond the end of its session."""
        longest = self._settings.access_lifetime_seconds
        if subject.ends_at is None:
            return longest
        return max(0, min(longest, int(subject.ends_at.timestamp()) - int(self._clock().timestamp())))

    def issue(self, subject: TokenSubject) -> str:
        """Return a signed token for `subject`, good from now for `lifetime_of(subject)`."""
        now = int(self._clock().timestamp())
        claims = _Claims(
            iss=self._settings.issuer,
            aud=self._settings.audience,
            sub=str(subject.person_id),
            sid=str(subject.session_id),
            jti=str(uuid4()),
            kind=subject.kind.value,
            assurance=subject.assurance.value,
            auth_time=int(subject.authenticated_at.timestamp()),
            iat=now,
            nbf=now,
            exp=now + self.lifetime_of(subject),
            cnf=None if subject.key_thumbprint is None else _Confirmation(jkt=subject.key_thumbprint),
            org=subject.organization,
            lvl=subject.level,
        )
        headers = {"typ": TYPE, "kid": self._kid}
        payload = claims.model_dump(exclude_none=True)
        return jwt.encode(payload, self._signing_key, algorithm=ALGORITHM, headers=headers)

    def verify(self, token: str) -> Principal:
        """Return who the token proves, checking everything (S23, S32).

        Raises:
            TokenRefused: Any doubt: form, size, key, algorithm, type, issuer, audience, times, claims.
            KioskSessionOver: The same, of a kiosk's own token whose time is over.
        """
        try:
            claims = _Claims.model_validate(self._open(token))
            return self._principal(claims)
        except (JwsRefused, ValueError) as error:
            raise TokenRefused from error

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys as a JWK Set (RFC 7517), the current one first."""
        return {"keys": [_published(kid, key) for kid, key in self._public.items()]}

    def _open(self, token: str) -> object:
        header = read_header(token, words=_HEADER_WORDS)
        key = self._public.get(str(header.get("kid")))
        if key is None or header.get("typ") != TYPE:
            raise JwsRefused("kid or typ")
        return open_token(token, VerificationKey(key, ALGORITHM))

    def _principal(self, claims: _Claims) -> Principal:
        now = self._clock()
        expires_at = datetime.fromtimestamp(claims.exp, UTC)
        begins_at = datetime.fromtimestamp(max(claims.iat, claims.nbf, claims.auth_time), UTC)
        if claims.iss != self._settings.issuer or claims.aud != self._settings.audience:
            raise JwsRefused("issuer or audience")
        if now >= expires_at + LEEWAY or begins_at > now + LEEWAY:
            raise KioskSessionOver if claims.kind == ActorKind.KIOSK.value else JwsRefused("time")
        position = Position(ActorKind(claims.kind), claims.org, claims.lvl)
        return Principal(
            kind=position.kind,
            organization=position.organization,
            level=position.level,
            person_id=PersonId(UUID(claims.sub)),
            assurance=Assurance(claims.assurance),
            session_id=SessionId(UUID(claims.sid)),
            expires_at=expires_at,
            authenticated_at=datetime.fromtimestamp(claims.auth_time, UTC),
            key_thumbprint=None if claims.cnf is None else claims.cnf.jkt,
        )


def _published(kid: str, key: EllipticCurvePublicKey) -> dict[str, str]:
    numbers = ECAlgorithm.to_jwk(key, as_dict=True)
    return {**{name: str(value) for name, value in numbers.items()}, "kid": kid, "use": "sig", "alg": ALGORITHM}
