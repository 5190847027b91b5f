"""One call to the concentrator over HTTP, and whether its answer is one.

Only what is an answer beyond doubt is one: HTTP 200, an envelope by the schema, of the method that was called, under
the Session_ID that was sent. Everything else is `NoAnswer`, which says nothing of what has happened over there.
"""

from uuid import UUID

import httpx2
import stamina

from backend.integrations.fer_registry.soap import (
    CONTENT_TYPE,
    SERVICE_PATH,
    Element,
    Fault,
    MessageUnreadable,
    local_name,
    read_message,
    said,
    write_message,
)
from backend.settings import FerRegistrySettings
from identity.tls import tls_context

_LONGEST_ANSWER_BYTES = 2_000_000
_PASSING = frozenset({429, 502, 503, 504})
_ATTEMPTS = 3


class NoAnswer(Exception):
    """Nothing that is an answer beyond doubt came; `outcome` is a word for the log."""

    def __init__(self, outcome: str, *, passing: bool = False) -> None:
        """Keep the word, and whether another try may well get an answer."""
        super().__init__(outcome)
        self.outcome = outcome
        self.passing = passing


class Line:
    """One pool of connections to the concentrator."""

    def __init__(self, settings: FerRegistrySettings) -> None:
        """Build the pool; nothing connects until the first call."""
        self._url = str(settings.base_url).rstrip("/") + SERVICE_PATH
        self._http = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {settings.token}", "Content-Type": CONTENT_TYPE},
            verify=tls_context(),
            timeout=settings.timeout_seconds,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._http.aclose()

    async def read(self, session: UUID, request: Element) -> Element:
        """Send a message that changes nothing over there but the session, again where that may help.

        Raises:
            NoAnswer: None came that is one.
        """
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=_ATTEMPTS, timeout=None, wait_initial=0.05, wait_max=0.5, wait_jitter=0.1
        ):
            with attempt:
                return await self.call(session, request)
        raise RuntimeError("an attempt ends with an answer or an error")

    async def call(self, session: UUID, request: Element) -> Element:
        """Send one message and return the answer to it.

        Raises:
            NoAnswer: None came that is one; whether the call was carried out is not known.
        """
        method = local_name(request).removesuffix("Request")
        try:
            content = await self._send(method, write_message(request))
            answer = read_message(content)
        except httpx2.HTTPError as error:
            raise NoAnswer(type(error).__name__, passing=isinstance(error, httpx2.TransportError)) from error
        except Fault:
            raise NoAnswer("fault") from None
        except MessageUnreadable:
            raise NoAnswer("unreadable") from None
        if local_name(answer) != f"{method}Response" or (said(answer, "Session_ID") or "").lower() != str(session):
            raise NoAnswer("foreign")
        return answer

    async def _send(self, method: str, body: bytes) -> bytes:
        content = bytearray()
        async with self._http.stream("POST", self._url, content=body, headers={"SOAPAction": method}) as response:
            if response.status_code != 200:
                raise NoAnswer(f"http_{response.status_code}", passing=response.status_code in _PASSING)
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _LONGEST_ANSWER_BYTES:
                    raise NoAnswer("too_long")
        return bytes(content)


def _may_pass(error: Exception) -> bool:
    return isinstance(error, NoAnswer) and error.passing
