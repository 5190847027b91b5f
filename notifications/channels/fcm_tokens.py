"""Access tokens of our service account: renewed in a thread, ahead of their end, once for all who wait."""

import asyncio
import math
import time
from datetime import UTC, datetime
from typing import Any, Protocol

import requests
import structlog
from google.auth import exceptions
from google.auth.transport import Response
from google.auth.transport.requests import Request

from notifications.channels.fcm_wire import TokenUnavailable
from notifications.channels.port import Outcome, Verdict

_log = structlog.get_logger(__name__)

_RENEWED_AHEAD_SECONDS = 600.0
_REST_SECONDS = 10.0


class Credential(Protocol):
    """What of google-auth's credentials is used here; `refresh` blocks, and sets the other two."""

    token: str | None
    expiry: datetime | None

    def refresh(self, request: Any) -> None:
        """Ask the token endpoint."""


class AccessTokens:
    """The access token of one service account; for concurrent tasks of one event loop."""

    def __init__(self, credential: Credential, *, timeout_seconds: float) -> None:
        """Begin without a token.

        Args:
            credential: Of the SDK; nobody else renews it.
            timeout_seconds: The longest that a renewal may take, and that anybody waits for it.
        """
        self._credential = credential
        self._timeout_seconds = timeout_seconds
        self._renewal: asyncio.Task[str] | None = None
        self._rests_until = 0.0

    async def current(self) -> str:
        """Return a token that is good for now.

        Waits only where there is none; one that ends within ten minutes is renewed meanwhile.

        Raises:
            TokenUnavailable: The endpoint refuses us, or could not be asked in time.
        """
        token = self._credential.token
        left = self._seconds_left()
        if token is None or left <= 0:
            return await self._renewed()
        if left < _RENEWED_AHEAD_SECONDS and time.monotonic() >= self._rests_until:
            self._begin_renewal()
        return token

    async def after(self, refused: str) -> str:
        """Return another token than `refused`, which its user was told is no good.

        Raises:
            TokenUnavailable: As `current`.
        """
        token = self._credential.token
        return token if token is not None and token != refused else await self._renewed()

    async def close(self) -> None:
        """Wait for a renewal under way, which no thread can leave before its time-out."""
        if self._renewal is not None:
            await asyncio.wait({self._renewal})

    def _seconds_left(self) -> float:
        expiry = self._credential.expiry
        return math.inf if expiry is None else (expiry.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()

    async def _renewed(self) -> str:
        renewal = self._begin_renewal()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await asyncio.shield(renewal)
        except TimeoutError:
            raise TokenUnavailable(Outcome(Verdict.RETRY, "token_timed_out")) from None

    def _begin_renewal(self) -> asyncio.Task[str]:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew())
            self._renewal.add_done_callback(_look_at)
        return self._renewal

    async def _renew(self) -> str:
        started_at = time.monotonic()
        self._rests_until = started_at + _REST_SECONDS
        try:
            token = await asyncio.to_thread(self._refresh)
        except TokenUnavailable as error:
            _log.warning("fcm_token_renewed", outcome=error.outcome.reason)
            raise
        _log.info("fcm_token_renewed", outcome="renewed", duration_ms=round((time.monotonic() - started_at) * 1000))
        return token

    def _refresh(self) -> str:
        with requests.Session() as session:
            session.trust_env = False  # neither a proxy nor a password file of the environment
            try:
                self._credential.refresh(_Bounded(Request(session), self._timeout_seconds))
            except Exception as error:
                raise TokenUnavailable(_outcome_of(error)) from None  # the error may quote the answer
        if not isinstance(self._credential.token, str):
            self._credential.token = None
            raise TokenUnavailable(Outcome(Verdict.RETRY, "token_unreadable"))
        return self._credential.token


class _Bounded:
    """Asks once, for so long; google-auth would ask three times, two minutes each."""

    def __init__(self, request: Request, timeout_seconds: float) -> None:
        self._request = request
        self._timeout_seconds = timeout_seconds

    def __call__(self, *arguments: Any, **named: Any) -> Response:
        response: Response = self._request(*arguments, **named | {"timeout": self._timeout_seconds})
        if response.status >= 500 or response.status == 429:
            raise exceptions.TransportError
        return response


def _outcome_of(error: Exception) -> Outcome:
    if isinstance(error, exceptions.TransportError):
        return Outcome(Verdict.RETRY, "token_not_reached")
    if isinstance(error, exceptions.RefreshError):
        return Outcome(Verdict.PROVIDER_UNUSABLE, "token_refused")
    return Outcome(Verdict.RETRY, "token_unreadable")


def _look_at(renewal: asyncio.Task[str]) -> None:
    """Take the error of a renewal nobody waited for; it is logged already."""
    if not renewal.cancelled():
        renewal.exception()
