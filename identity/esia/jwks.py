"""ESIA's keys: fixed ones from the settings, or a JWKS that is read again when a key is not known.

ESIA publishes a certificate, not a JWKS: a region gives it as a fixed key, and the next one beside it before ESIA
changes its own. A JWKS serves the simulator and gateways that publish one. Source: RFC 7517; our S25.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import httpx2
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError
from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from identity.errors import EsiaAnswerInvalid, EsiaUnavailable, IdentityOperational
from identity.esia.transport import EsiaRefused, fetch_json
from identity.jws import VerificationKey
from identity.keys import MIN_RSA_BITS

ALGORITHM = "RS256"
MAX_KEYS = 8
MAX_JWKS_BYTES = 64 * 1024
REFRESH_INTERVAL = timedelta(seconds=30)
FRESH_FOR = timedelta(minutes=10)
_log = structlog.get_logger("identity")


class EsiaKeys(Protocol):
    """Finds the keys a token may be signed with, each bound to RS256 (S23)."""

    async def find(self, kid: str | None) -> Sequence[VerificationKey]:
        """Return the keys to try: the one of this `kid`, or for None every known key; none when it is unknown.

        Raises:
            EsiaUnavailable: The keys could not be read, so that nothing can be said about this one.
        """

    async def find_newer(self) -> Sequence[VerificationKey]:
        """Return every key known after asking once more, for a token without a `kid` that none of them opened."""

    async def close(self) -> None:
        """Stop what still runs."""


class FixedKeys:
    """Keys from the settings; they have no `kid`, so each is tried."""

    def __init__(self, *keys: RSAPublicKey) -> None:
        """Take at least one key.

        Raises:
            ValueError: There is none.
        """
        if not keys:
            raise ValueError("no key of ESIA is given")
        self._keys = tuple(VerificationKey(key, ALGORITHM) for key in keys)

    async def find(self, kid: str | None) -> Sequence[VerificationKey]:
        """See `EsiaKeys.find`; a `kid` chooses nothing here."""
        del kid
        return self._keys

    async def find_newer(self) -> Sequence[VerificationKey]:
        """Return nothing: these keys change with the settings only."""
        return ()

    async def close(self) -> None:
        """Nothing runs."""


class JwksKeys:
    """The keys of a JWKS: what it lists counts, an old key beside a new one included, until it lists it no more.

    One request at a time and at most one in 30 seconds, however many unknown keys are asked for; everybody who asks
    meanwhile waits for that one. A good answer is used for ten minutes unasked, and longer while no newer one comes.
    """

    def __init__(
        self, url: str, *, http: httpx2.AsyncClient, clock: Callable[[], datetime], timeout_seconds: float
    ) -> None:
        """Take where to read; nothing is read before a key is needed."""
        self._url = url
        self._http = http
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._keys: tuple[tuple[str | None, VerificationKey], ...] = ()
        self._refreshing: asyncio.Task[bool] | None = None
        self._asked_at: datetime | None = None
        self._answered_at: datetime | None = None
        self._last_was_good = False

    async def find(self, kid: str | None) -> Sequence[VerificationKey]:
        """See `EsiaKeys.find`."""
        if self._answered_at is None or (kid is not None and not self._known(kid)):
            await self._refresh()
            if not self._last_was_good and not self._known(kid):
                raise EsiaUnavailable
        elif self._clock() >= self._answered_at + FRESH_FOR:
            self._begin_refresh()  # the keys at hand serve meanwhile
        return self._known(kid)

    async def find_newer(self) -> Sequence[VerificationKey]:
        """See `EsiaKeys.find_newer`."""
        await self._refresh()
        return self._known(None)

    async def close(self) -> None:
        """Stop a request that still runs."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait({self._refreshing})

    def _known(self, kid: str | None) -> tuple[VerificationKey, ...]:
        return tuple(key for name, key in self._keys if kid is None or name == kid)

    async def _refresh(self) -> None:
        """Wait for the running request, or for a new one when it is time for it."""
        running = self._begin_refresh()
        if running is not None:
            await asyncio.wait({running})

    def _begin_refresh(self) -> asyncio.Task[bool] | None:
        if self._refreshing is not None and not self._refreshing.done():
            return self._refreshing
        now = self._clock()
        if self._asked_at is not None and now < self._asked_at + REFRESH_INTERVAL:
            return None
        self._asked_at = now
        self._refreshing = asyncio.create_task(self._read())
        return self._refreshing

    async def _read(self) -> bool:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await fetch_json(self._http, self._http.build_request("GET", self._url), limit=MAX_JWKS_BYTES)
            self._keys = read_jwks(answer)
        except (IdentityOperational, EsiaRefused, TimeoutError) as error:
            self._last_was_good = False
            _log.warning("esia.jwks_unread", outcome=type(error).__name__, keys=len(self._keys))
            return False
        self._last_was_good = True
        self._answered_at = self._clock()
        _log.info("esia.jwks_read", keys=len(self._keys))
        return True


class _Jwks(BaseModel):
    model_config = ConfigDict(extra="ignore")

    keys: list[dict[str, Any]]


class _RsaJwk(BaseModel):
    model_config = ConfigDict(extra="ignore")

    kty: Literal["RSA"]
    n: StrictStr
    e: StrictStr
    kid: StrictStr | None = None
    use: Literal["sig"] | None = None
    alg: Literal["RS256"] | None = None


def read_jwks(answer: object) -> tuple[tuple[str | None, VerificationKey], ...]:
    """Return the RS256 keys of a JWKS with their `kid`, in its order, at most eight; other kinds are passed over.

    Raises:
        EsiaAnswerInvalid: No JWKS, more than eight RSA keys, two of one `kid`, or no key we can use.
    """
    try:
        listed = _Jwks.model_validate(answer).keys
    except ValidationError as error:
        raise EsiaAnswerInvalid from error
    found = [read for read in map(_read_key, listed) if read is not None]
    named = [kid for kid, _ in found if kid is not None]
    if not 0 < len(found) <= MAX_KEYS or len(named) != len(set(named)):
        raise EsiaAnswerInvalid
    return tuple(found)


def _read_key(listed: Mapping[str, Any]) -> tuple[str | None, VerificationKey] | None:
    try:
        jwk = _RsaJwk.model_validate(listed)
        key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": jwk.n, "e": jwk.e})
    except (ValidationError, InvalidKeyError, ValueError):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        return None
    return jwk.kid, VerificationKey(key, ALGORITHM)
