"""Systems prove who they are by a key of their own. Source: RFC 7523 §3, OpenID Connect Core §9, FAPI 2.0 §5.3.2.1."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from pydantic import BaseModel, ConfigDict, Field

from identity.device_keys import device_key
from identity.errors import ClientNotAuthenticated
from identity.jws import JwsRefused, VerificationKey, open_token, read_header, read_unproven
from identity.keys import load_public_key
from identity.replays import Replays
from identity.staff_settings import SystemKeySettings, SystemSettings
from identity.tokens import Epoch

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("ES256", "PS256")
"""One for each kind of key. Source: FAPI 2.0 §5.4."""
LONGEST = timedelta(minutes=5)
"""How far ahead an assertion may end."""
SKEW = timedelta(seconds=10)
"""How far ahead of ours a system's clock may be. Source: FAPI 2.0 §5.3.2.1."""
_HEADER_WORDS = frozenset({"alg", "typ", "kid"})
_TYPES = frozenset({None, "JWT", "client-authentication+jwt"})


class _Claims(BaseModel):
    """What an assertion says; other claims are allowed and not looked at. An audience is one text, never a list."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    iss: str
    sub: str
    aud: str
    jti: str = Field(min_length=8, max_length=256)
    exp: Epoch
    iat: Epoch | None = None
    nbf: Epoch | None = None


class ClientAssertions:
    """Checks assertions; each is good once. Whatever is wrong is refused alike."""

    def __init__(
        self,
        systems: Sequence[SystemSettings],
        *,
        audiences: frozenset[str],
        clock: Callable[[], datetime],
        replays: Replays,
    ) -> None:
        """Read the keys.

        Args:
            systems: Those registered with us.
            audiences: What we are called: the issuer, and the address of the token endpoint.
            clock: The present instant, aware UTC.
            replays: Shared by all workers, and by nobody who takes proofs of anybody: what fills it forgets the oldest.

        Raises:
            KeyUnusable: Another kind of key.
            ValueError: No key, or a JWK that is none.
        """
        self._systems = {one.client_id: one for one in systems}
        self._keys: Mapping[tuple[str, str], VerificationKey] = MappingProxyType(
            {(one.client_id, key.kid): read_system_key(key) for one in systems for key in one.keys}
        )
        self._audiences = audiences
        self._clock = clock
        self._replays = replays

    async def authenticate(self, form: Mapping[str, str]) -> SystemSettings:
        """Return which system sent the form of a token request.

        Raises:
            ClientNotAuthenticated: Any doubt: no assertion, another type, form, size, algorithm, an unknown system or
                key, another's key, signature, issuer, audience or time, or one that was shown before.
        """
        try:
            return await self._open(form.get("client_assertion", ""), form)
        except (JwsRefused, ValueError) as error:
            raise ClientNotAuthenticated from error

    async def _open(self, assertion: str, form: Mapping[str, str]) -> SystemSettings:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise JwsRefused("type of the assertion")
        header = read_header(assertion, words=_HEADER_WORDS)
        if header.get("typ") not in _TYPES:
            raise JwsRefused("typ")
        claimed = _claimed_issuer(assertion)
        system, key = self._systems.get(claimed), self._keys.get((claimed, str(header.get("kid"))))
        if system is None or key is None or header.get("alg") != key.algorithm:
            raise JwsRefused("unknown system or key")
        claims = _Claims.model_validate(open_token(assertion, key))
        self._judge(claims, system, form)
        good_until = datetime.fromtimestamp(claims.exp, UTC)
        if not await self._replays.is_first(f"assertion:{system.client_id}:{claims.jti}", good_until=good_until):
            raise JwsRefused("shown before")
        return system

    def _judge(self, claims: _Claims, system: SystemSettings, form: Mapping[str, str]) -> None:
        named = form.get("client_id", system.client_id)
        if {claims.iss, claims.sub, named} != {system.client_id} or claims.aud not in self._audiences:
            raise JwsRefused("issuer, subject or audience")
        now = self._clock()
        ends_at = datetime.fromtimestamp(claims.exp, UTC)
        begins_at = datetime.fromtimestamp(max(claims.iat or 0, claims.nbf or 0), UTC)
        if now >= ends_at or ends_at > now + LONGEST + SKEW or begins_at > now + SKEW:
            raise JwsRefused("time")


def read_system_key(key: SystemKeySettings) -> VerificationKey:
    """Return a key, bound to the one algorithm it may be used with.

    Raises:
        KeyUnusable: Neither EC P-256 nor RSA of 2048 bits or more.
        ValueError: A JWK that is no public key of these.
    """
    if key.jwk is not None:
        algorithm = "ES256" if key.jwk.get("kty") == "EC" else "PS256"
        try:
            return device_key(dict(key.jwk), algorithm)[0]
        except JwsRefused as error:
            raise ValueError(f"key {key.kid!r} is no public key of EC P-256 or RSA") from error
    public = load_public_key(key.pem.read())
    return VerificationKey(public, "ES256" if isinstance(public, EllipticCurvePublicKey) else "PS256")


def _claimed_issuer(assertion: str) -> str:
    """Return who an assertion says made it, before anything is proven: only to look its key up."""
    claimed = read_unproven(assertion).get("iss")
    if not isinstance(claimed, str):
        raise JwsRefused("issuer")
    return claimed
