"""Sends an SMS through an HTTP gateway."""

from collections.abc import Callable
from datetime import datetime

import httpx2
from pydantic import ValidationError

from notifications.channels.attempt import attempt
from notifications.channels.http import Answer, AnswerTooLong, open_http, outcome_of_failure, post
from notifications.channels.port import Outcome, Parcel, Provider, Verdict
from notifications.channels.sms_wire import MESSAGES_PATH, VERDICTS, SmsError, SmsRequest, SmsTaken
from notifications.settings import SmsSettings

_LONGEST_TTL_SECONDS = 86_400


class SmsSender:
    """Implements `notifications.channels.port.Sender`; a message is idempotent by its delivery."""

    def __init__(
        self, settings: SmsSettings, *, clock: Callable[[], datetime], provider: Provider = Provider.SMS_GATEWAY
    ) -> None:
        """Build the pool; nothing connects until the first message."""
        self.provider = provider
        self._settings = settings
        self._clock = clock
        self._url = str(settings.base_url).rstrip("/") + MESSAGES_PATH
        self._http = open_http(settings.timeout_seconds)

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._http.aclose()

    async def send(self, parcel: Parcel) -> Outcome:
        """Hand one message to the gateway; see the port. The text is the content's body."""
        return await attempt(self.provider, parcel, seconds=self._settings.timeout_seconds, trying=self._try)

    async def _try(self, parcel: Parcel) -> Outcome:
        try:
            request = self._request(parcel)
        except ValidationError as error:
            wrong = {str(one["loc"][0]) for one in error.errors(include_input=False, include_url=False)}
            is_address = "to" in wrong
            return Outcome(Verdict.ADDRESS_DEAD if is_address else Verdict.CONTENT_REFUSED, "invalid_" + min(wrong))
        headers = {"Authorization": f"Bearer {self._settings.token}", "Content-Type": "application/json"}
        body = request.model_dump_json(by_alias=True).encode()
        try:
            return _read(await post(self._http, self._url, content=body, headers=headers))
        except (httpx2.HTTPError, AnswerTooLong) as error:
            return outcome_of_failure(error)

    def _request(self, parcel: Parcel) -> SmsRequest:
        left = _LONGEST_TTL_SECONDS
        if parcel.expires_at is not None:
            left = max(1, min(left, int((parcel.expires_at - self._clock()).total_seconds())))
        return SmsRequest(
            client_id=parcel.delivery_id,
            to=parcel.address.value,
            sender=self._settings.sender,
            text=parcel.content.body,
            ttl_seconds=left,
        )


def _read(answer: Answer) -> Outcome:
    if answer.status in {200, 202}:
        try:
            taken = SmsTaken.model_validate_json(answer.content)
        except ValidationError:
            return Outcome(Verdict.UNCLEAR, "unreadable")
        return Outcome(Verdict.ACCEPTED, provider_message_id=taken.id)
    code = _code(answer.content)
    if code in VERDICTS:
        return Outcome(VERDICTS[code], code.lower())
    reason = f"http_{answer.status}"
    if answer.status == 504:  # whoever stands between us and the gateway did not hear its answer
        return Outcome(Verdict.UNCLEAR, reason)
    if answer.status == 429 or answer.status >= 500:
        return Outcome(Verdict.RETRY, reason, retry_after_seconds=answer.retry_after_seconds)
    return Outcome(Verdict.PROVIDER_UNUSABLE, reason)


def _code(content: bytes) -> str:
    try:
        return SmsError.model_validate_json(content).error
    except ValidationError:
        return ""
