"""The one place that touches firebase-admin, and every private name of it that we need; see ADR 0023.

Importing it costs half a second: only a process that sends does.
"""

import asyncio
import importlib.util
import logging
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import firebase_admin
import httpx
from firebase_admin import _http_client, _retry, credentials, exceptions, messaging

from notifications.channels.fcm_wire import Accepted, Lost, Refused, Reply, read_refusal
from notifications.channels.http import retry_after_seconds
from notifications.channels.port import Address, AddressKind
from notifications.channels.push_payload import Wake

_NOTHING_WAS_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
if importlib.util.find_spec("sniffio") is None:
    # httpcore looks for it several times a message, each time along the whole path: a sixth of a message's CPU
    sys.modules["sniffio"] = None  # type: ignore[assignment] # Python's own word for "there is none"

_TELLTALES = ("google.auth", "hpack")
"""Their loggers tell assertions and `Authorization` headers at DEBUG."""
_LOC_KEY = "NEW_MESSAGE"
"""The app's own word for "there is a message"; iOS shows it, and the app's extension may replace it."""


class FirebaseApp:
    """One app of the SDK, for one event loop; sends, and is told the access token from outside.

    The SDK would renew its token by a blocking request inside the event loop, and answer 500 and 503 by four tries of
    its own over 7 s. So it gets an HTTP client of its own kind without credentials and without tries.
    """

    def __init__(
        self, service_account: Mapping[str, Any], *, project_id: str, timeout_seconds: float, send_url: str | None
    ) -> None:
        """Build the app; nothing connects.

        Args:
            service_account: As Google gives it.
            project_id: Whose messages.
            timeout_seconds: For each step of a request.
            send_url: Where a simulator listens; None is Google.

        Raises:
            ValueError: The service account is none.
        """
        for name in _TELLTALES:
            logging.getLogger(name).setLevel(logging.INFO)
        self._certificate = credentials.Certificate(dict(service_account))
        self._app = firebase_admin.initialize_app(
            self._certificate, {"projectId": project_id, "httpTimeout": timeout_seconds}, name=f"zdorovye-{uuid4()}"
        )
        service = messaging._get_messaging_service(self._app)  # noqa: SLF001 # see ADR 0023
        if send_url is not None:
            service._fcm_url = send_url  # noqa: SLF001
        service._async_client = _http_client.HttpxAsyncClient(  # noqa: SLF001
            timeout=httpx.Timeout(timeout_seconds, connect=timeout_seconds / 2, pool=timeout_seconds / 2),
            retry_config=_retry.HttpxRetry(max_retries=0),
        )
        self._http = service._async_client.async_client  # noqa: SLF001

    @property
    def credential(self) -> Any:
        """Return Google's own credential, which signs assertions and is renewed by `AccessTokens`."""
        return self._certificate.get_credential()

    async def send(self, address: Address, wake: Wake, *, access_token: str, now: datetime) -> Reply:
        """Send one message.

        Args:
            address: A token or an installation id.
            wake: What it says.
            access_token: Of our service account.
            now: Dates what iOS should drop, and a `Retry-After`; aware.

        Returns:
            What came of it; never an exception of the SDK's.
        """
        self._http.headers["Authorization"] = f"Bearer {access_token}"
        try:
            batch = await messaging.send_each_async([_message(address, wake, now)], app=self._app)
        except exceptions.FirebaseError as error:  # an answer that the SDK itself could not read
            return _reply_of_error(error, now)
        response = batch.responses[0]
        if response.exception is not None:
            return _reply_of_error(response.exception, now)
        if not isinstance(response.message_id, str) or not response.message_id:
            return Lost("unreadable", was_sent=True)
        return Accepted(response.message_id)

    async def close(self) -> None:
        """Close every connection, and forget the app; a second time does nothing."""
        if self._http.is_closed:
            return
        await self._http.aclose()
        # the SDK closes its client by an event loop of its own, which no thread with a running one can have
        await asyncio.to_thread(firebase_admin.delete_app, self._app)


def _message(address: Address, wake: Wake, now: datetime) -> messaging.Message:
    message = messaging.Message(data=dict(wake.data), android=_android(wake), apns=_apns(wake, now))
    if address.kind is AddressKind.TOKEN:
        message.token = address.value  # as an argument it warns of its age at each message
    else:
        message.fid = address.value
    return message


def _android(wake: Wake) -> messaging.AndroidConfig:
    return messaging.AndroidConfig(
        collapse_key=wake.collapse_key,
        priority="high" if wake.is_urgent else "normal",
        ttl=timedelta(seconds=wake.seconds_to_live),
    )


def _apns(wake: Wake, now: datetime) -> messaging.APNSConfig:
    """Write for iOS: urgent ones are shown, as Apple takes priority 10 for nothing else and holds back the others."""
    alert = messaging.ApsAlert(loc_key=_LOC_KEY) if wake.is_urgent else None
    aps = messaging.Aps(alert=alert, content_available=not wake.is_urgent, mutable_content=wake.is_urgent)
    return messaging.APNSConfig(
        headers={
            "apns-push-type": "alert" if wake.is_urgent else "background",
            "apns-priority": "10" if wake.is_urgent else "5",
            "apns-collapse-id": wake.collapse_key,
            "apns-expiration": str(int(now.astimezone(UTC).timestamp()) + wake.seconds_to_live),
        },
        payload=messaging.APNSPayload(aps=aps),
    )


def _reply_of_error(error: exceptions.FirebaseError, now: datetime) -> Reply:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, httpx.HTTPStatusError):
            return _refusal(cause.response, now)
    if any(isinstance(cause, _NOTHING_WAS_SENT) for cause in causes):
        return Lost("not_connected", was_sent=False)
    if any(isinstance(cause, httpx.TimeoutException) for cause in causes):
        return Lost("timed_out", was_sent=True)
    if any(isinstance(cause, httpx.TransportError) for cause in causes):
        return Lost("connection_lost", was_sent=True)
    return Lost("unreadable", was_sent=True)


def _refusal(response: httpx.Response, now: datetime) -> Refused:
    wait = retry_after_seconds(response.headers.get("Retry-After"), now=now)
    return read_refusal(response.status_code, response.content, retry_after_seconds=wait)


def _causes(error: exceptions.FirebaseError) -> Iterator[BaseException]:
    """Yield what the SDK's error came from: where it stumbled over an answer, that answer's error stands behind."""
    cause = error.cause
    while isinstance(cause, BaseException):
        yield cause
        cause = cause.__context__
