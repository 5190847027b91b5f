"""Who comes in: the token is proven, the key behind it shown, and the session asked about. Every door asks here."""

from collections.abc import Callable
from dataclasses import dataclass

from identity.client_assertions import ClientAssertions
from identity.dpop import Asked, DpopProofs
from identity.errors import DpopProofInvalid, DpopRequired, KioskSessionOver, TokenRefused
from identity.jws import MAX_TOKEN_BYTES
from identity.live_sessions import LiveSessions, key_of
from identity.principal import ActorKind, Principal
from identity.throttling import Throttle


@dataclass(frozen=True, slots=True)
class Guards:
    """What stands before the doors of identity itself."""

    proofs: DpopProofs
    throttle: Throttle
    admission: "Admission"
    assertions: ClientAssertions


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows: the value of `Authorization`, that of `DPoP`, and what they were sent with.

    `url` is the address as the client knows it: our public one, also behind a proxy. A WebSocket shows the proof in its
    first message, made for GET and the http address of the endpoint.
    """

    authorization: str
    method: str
    url: str
    proof: str | None = None

    @property
    def is_dpop(self) -> bool:
        """Whether the token is shown as one that is bound to a key."""
        return self.authorization[:5].lower() == "dpop "


class Admission:
    """The one way in, for HTTP, event streams, WebSockets and links to a download."""

    def __init__(self, *, verify: Callable[[str], Principal], proofs: DpopProofs, live: LiveSessions) -> None:
        """`verify` proves an access token; raises TokenRefused."""
        self._verify = verify
        self._proofs = proofs
        self.live = live

    async def admit(self, credentials: Credentials) -> Principal:
        """Return who comes in; without waiting for a bearer token whose session is known.

        Raises:
            TokenRefused: No token, an overlong (S32), malformed, foreign, expired or revoked one, or a bearer token
                shown as one that is bound.
            KioskSessionOver: The same at a kiosk, which has to wipe what it keeps.
            DpopRequired: A token bound to a key, shown as a bearer token (S26).
            DpopProofInvalid: No proof, or one that does not hold for this request and this token.
            SessionCheckUnavailable: Whether the session stands cannot be told now.
        """
        scheme, _, token = credentials.authorization.partition(" ")
        token = token.strip()
        if scheme.lower() not in {"bearer", "dpop"} or not 0 < len(token) <= MAX_TOKEN_BYTES:
            raise TokenRefused
        principal = self._verify(token)
        if credentials.is_dpop:
            await self._require_key(principal, credentials, token)
        elif principal.key_thumbprint is not None:
            raise DpopRequired
        try:
            await self.live.require(key_of(principal))
        except TokenRefused as refusal:
            raise KioskSessionOver if principal.kind is ActorKind.KIOSK else refusal from refusal
        return principal

    async def _require_key(self, principal: Principal, credentials: Credentials, token: str) -> None:
        if principal.key_thumbprint is None:
            raise TokenRefused
        if credentials.proof is None:
            raise DpopProofInvalid
        asked = Asked(credentials.method, credentials.url, token)
        await self._proofs.check(credentials.proof, asked, expected=principal.key_thumbprint)
