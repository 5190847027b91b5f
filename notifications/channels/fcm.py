"""Push through Firebase Cloud Messaging; implements `notifications.channels.port.Sender`."""

import asyncio
import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from notifications.channels.attempt import attempt
from notifications.channels.fcm_wire import Accepted, Lost, Refused, Reply, TokenUnavailable
from notifications.channels.port import Outcome, Parcel, Provider, Verdict
from notifications.channels.push_payload import is_possible, wake_for
from notifications.settings import FcmSettings

if TYPE_CHECKING:
    from notifications.channels.fcm_sdk import FirebaseApp
    from notifications.channels.fcm_tokens import AccessTokens

_ASSEMBLY = "notifications.channels.fcm_assembly"
_QUOTA_WAIT_SECONDS = 60.0
_DEAD = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
_PASSING = frozenset({"QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL"})
_KEYS_OF_OTHERS = frozenset({"THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR"})


async def open_fcm(settings: FcmSettings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> "FcmSender":
    """Build the sender of a process that sends; loads firebase-admin, half a second, in a thread.

    Args:
        settings: Enabled ones.
        clock: Dates what phones should drop.

    Returns:
        The sender, for the event loop that runs now.

    Raises:
        ValueError: The service account is none.
        OSError: Its file cannot be read.
    """

    def build() -> "FcmSender":
        build_fcm: Callable[..., FcmSender] = importlib.import_module(_ASSEMBLY).build_fcm
        return build_fcm(settings, clock=clock)

    return await asyncio.to_thread(build)


class FcmSender:
    """One Firebase project; data-only messages, one a request."""

    def __init__(
        self, app: "FirebaseApp", tokens: "AccessTokens", *, timeout_seconds: float, clock: Callable[[], datetime]
    ) -> None:
        """See `open_fcm`."""
        self._app = app
        self._tokens = tokens
        self._timeout_seconds = timeout_seconds
        self._clock = clock

    @property
    def provider(self) -> Provider:
        """Return FCM."""
        return Provider.FCM

    async def send(self, parcel: Parcel) -> Outcome:
        """Try once; see the port. Takes twice `timeout_seconds` at most: for a token, and for the message."""
        return await attempt(self.provider, parcel, seconds=2 * self._timeout_seconds, trying=self._try)

    async def close(self) -> None:
        """Close every connection."""
        await self._tokens.close()
        await self._app.close()

    async def _try(self, parcel: Parcel) -> Outcome:
        if not is_possible(parcel.address):
            return Outcome(Verdict.ADDRESS_DEAD, "malformed_address")
        try:
            token = await self._tokens.current()
            reply = await self._send(parcel, token)
            if isinstance(reply, Refused) and reply.status == 401 and reply.code not in _KEYS_OF_OTHERS:
                reply = await self._send(parcel, await self._tokens.after(token))
        except TokenUnavailable as error:
            return error.outcome
        return outcome_of(reply)

    async def _send(self, parcel: Parcel, token: str) -> Reply:
        now = self._clock()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._app.send(parcel.address, wake_for(parcel, now=now), access_token=token, now=now)
        except TimeoutError:
            return Lost("timed_out", was_sent=True)


def outcome_of(reply: Reply) -> Outcome:
    """Say what an answer of FCM means for a message.

    Args:
        reply: As read from the SDK.

    Returns:
        The outcome. An address is dead only by FCM's own word: another 404 is a wrong project, another 403 a right
        that our account lacks.

    Source: FCM v1, "ErrorCode", and "Best practices for registration token management"; ADR 0023.
    """
    match reply:
        case Accepted(message_id):
            return Outcome(Verdict.ACCEPTED, provider_message_id=message_id)
        case Lost(reason, was_sent):
            return Outcome(Verdict.UNCLEAR if was_sent else Verdict.RETRY, reason)
        case Refused():
            return _outcome_of_refusal(reply)


def _outcome_of_refusal(refused: Refused) -> Outcome:
    reason = refused.code.lower() or f"http_{refused.status}"
    if refused.code in _DEAD:
        return Outcome(Verdict.ADDRESS_DEAD, reason)
    if refused.code in _PASSING or refused.status == 429 or refused.status >= 500:
        wait = refused.retry_after_seconds
        if wait is None and refused.status == 429:
            wait = _QUOTA_WAIT_SECONDS
        return Outcome(Verdict.RETRY, reason, retry_after_seconds=wait)
    if refused.code == "INVALID_ARGUMENT" and refused.status == 400:
        if refused.is_about_target:
            return Outcome(Verdict.ADDRESS_DEAD, "invalid_address")
        return Outcome(Verdict.CONTENT_REFUSED, reason)
    return Outcome(Verdict.PROVIDER_UNUSABLE, reason)
