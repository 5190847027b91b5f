"""Push through RuStore; implements `notifications.channels.port.Sender`."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx2

from notifications.channels.attempt import attempt
from notifications.channels.http import Answer, AnswerTooLong, open_http, outcome_of_failure, post
from notifications.channels.port import Outcome, Parcel, Provider, Verdict
from notifications.channels.push_payload import is_possible, wake_for
from notifications.channels.rustore_wire import SEND_PATH, AndroidWire, MessageWire, SendWire, is_success, read_error
from notifications.settings import RuStoreSettings

_QUOTA_WAIT_SECONDS = 60.0


class RuStoreSender:
    """One project of RuStore; data-only messages, always with an end."""

    def __init__(self, settings: RuStoreSettings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Build it; nothing connects until the first message.

        Args:
            settings: Enabled ones.
            clock: Says how long a message still lives.
        """
        self._timeout_seconds = settings.timeout_seconds
        self._clock = clock
        path = SEND_PATH.format(project_id=settings.project_id)
        self._url = str(settings.base_url).rstrip("/") + path
        self._headers = {"Authorization": f"Bearer {settings.token}", "Content-Type": "application/json"}
        self._http = open_http(settings.timeout_seconds)

    @property
    def provider(self) -> Provider:
        """Return RuStore."""
        return Provider.RUSTORE

    async def send(self, parcel: Parcel) -> Outcome:
        """Try once; see the port. Takes `timeout_seconds` at most."""
        return await attempt(self.provider, parcel, seconds=self._timeout_seconds, trying=self._try)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def _try(self, parcel: Parcel) -> Outcome:
        if not is_possible(parcel.address):
            return Outcome(Verdict.ADDRESS_DEAD, "malformed_address")
        now = self._clock()
        try:
            answer = await post(self._http, self._url, content=_body(parcel, now), headers=self._headers, now=now)
        except (httpx2.HTTPError, AnswerTooLong) as error:
            return outcome_of_failure(error)
        return outcome_of(answer)


def _body(parcel: Parcel, now: datetime) -> bytes:
    wake = wake_for(parcel, now=now)
    message = MessageWire(
        token=parcel.address.value,
        data=dict(wake.data),
        android=AndroidWire(ttl=f"{max(1, wake.seconds_to_live)}s"),  # 0 may be read as "for ever"
    )
    return SendWire(message=message).model_dump_json().encode()


def outcome_of(answer: Answer) -> Outcome:
    """Say what an answer of RuStore means for a message.

    Args:
        answer: Of any status.

    Returns:
        The outcome. A 404 that is not in RuStore's own words is a wrong address of ours, not a dead one of a phone.

    Source: RuStore, "Sending push notifications (API)".
    """
    if answer.status == 200:
        return Outcome(Verdict.ACCEPTED) if is_success(answer.content) else Outcome(Verdict.UNCLEAR, "unreadable")
    error = read_error(answer.content)
    reason = error.status.lower() if error is not None else f"http_{answer.status}"
    if answer.status == 429 or answer.status >= 500:
        wait = answer.retry_after_seconds
        if wait is None and answer.status == 429:
            wait = _QUOTA_WAIT_SECONDS
        return Outcome(Verdict.RETRY, reason, retry_after_seconds=wait)
    if answer.status == 404 and error is not None and error.status == "NOT_FOUND":
        return Outcome(Verdict.ADDRESS_DEAD, reason)
    if answer.status == 400 and error is not None:
        if error.is_about_token:
            return Outcome(Verdict.ADDRESS_DEAD, "invalid_address")
        return Outcome(Verdict.CONTENT_REFUSED, reason)
    return Outcome(Verdict.PROVIDER_UNUSABLE, reason)
