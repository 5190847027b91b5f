"""Asks the register over HTTP; implements `backend.policy.ports.InsuranceRegister`."""

import asyncio
import logging
import time
from types import TracebackType
from typing import Self
from uuid import uuid4

import httpx2
import stamina
import structlog
from pydantic import TypeAdapter, ValidationError

from backend.errors import Refusal
from backend.integrations.breaker import Breaker
from backend.integrations.oms_registry.wire import SEARCH_PATH, Found, NothingFound, SearchRequest, parse_found
from backend.policy.errors import PolicySourceUnavailable
from backend.policy.values import InsuredPerson, PolicyRecord
from backend.settings import OmsRegistrySettings
from identity.tls import tls_context

_log = structlog.get_logger(__name__)
_ANSWER: TypeAdapter[Found | NothingFound] = TypeAdapter(Found | NothingFound)
_WORTH_ANOTHER_TRY = frozenset({"http_429", "http_502", "http_503", "http_504"})
_LEVELS = {"found": logging.INFO, "none": logging.INFO, "http_401": logging.ERROR, "http_403": logging.ERROR}
_ATTEMPTS = 3
_LONGEST_ANSWER_BYTES = 65_536


class _Unusable(Exception):
    """An answer that is not one, with the outcome for the log."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class OmsRegistryClient:
    """One connection pool to the register; a search is idempotent, so it may be tried again within the budget."""

    def __init__(self, settings: OmsRegistrySettings, *, breaker: Breaker | None = None) -> None:
        """Build the pool; nothing connects until the first question."""
        self._budget_seconds = settings.timeout_seconds
        self._breaker = breaker or Breaker(failures_to_open=5, rest_seconds=10, monotonic=time.monotonic)
        self._search_url = str(settings.base_url).rstrip("/") + SEARCH_PATH
        self._http = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {settings.token}"},
            verify=tls_context(),
            timeout=settings.timeout_seconds,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        """Use as a context that closes the pool."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the pool."""
        await self.close()

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._http.aclose()

    async def find_policy(self, person: InsuredPerson) -> PolicyRecord | None:
        """Ask for the current policy of one person; see the port.

        Raises:
            PolicySourceUnavailable: No usable answer within `timeout_seconds`, all tries together.
        """
        reference = str(uuid4())
        if not self._breaker.may_ask():
            _log.warning("oms_registry_asked", outcome="resting", reference=reference)
            raise PolicySourceUnavailable
        started_at = time.monotonic()
        try:
            record = await self._ask(person, reference)
        except (TimeoutError, httpx2.HTTPError, _Unusable) as error:
            self._breaker.note_failure()
            _note(_outcome_of(error), reference, started_at)
            raise PolicySourceUnavailable from error
        self._breaker.note_success()
        _note("found" if record else "none", reference, started_at)
        return record

    async def _ask(self, person: InsuredPerson, reference: str) -> PolicyRecord | None:
        body = SearchRequest(snils=person.snils.digits, birth_date=person.birth_date).model_dump_json(by_alias=True)
        content = b""
        async with asyncio.timeout(self._budget_seconds):
            async for attempt in stamina.retry_context(
                on=_is_worth_another_try,
                attempts=_ATTEMPTS,
                timeout=self._budget_seconds,
                wait_initial=0.05,
                wait_max=0.5,
                wait_jitter=0.1,
            ):
                with attempt:
                    content = await self._send(body, reference)
        return _parse(content)

    async def _send(self, body: str, reference: str) -> bytes:
        headers = {"Content-Type": "application/json", "X-Request-ID": reference}
        content = bytearray()
        async with self._http.stream("POST", self._search_url, content=body, headers=headers) as response:
            if response.status_code != 200:
                raise _Unusable(f"http_{response.status_code}")
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _LONGEST_ANSWER_BYTES:
                    raise _Unusable("too_long")
        return bytes(content)


def _is_worth_another_try(error: Exception) -> bool:
    if isinstance(error, _Unusable):
        return error.outcome in _WORTH_ANOTHER_TRY
    return isinstance(error, httpx2.TransportError)


def _parse(content: bytes) -> PolicyRecord | None:
    """Read an answer; its errors are dropped, because they may quote it."""
    try:
        answer = _ANSWER.validate_json(content)
        return parse_found(answer) if isinstance(answer, Found) else None
    except (ValidationError, Refusal):
        raise _Unusable("unreadable") from None


def _outcome_of(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timed_out"
    return error.outcome if isinstance(error, _Unusable) else type(error).__name__


def _note(outcome: str, reference: str, started_at: float) -> None:
    """Log the question once, by ids only; a refusal of our credentials is for somebody to mend."""
    duration_ms = round((time.monotonic() - started_at) * 1000)
    level = _LEVELS.get(outcome, logging.WARNING)
    _log.log(level, "oms_registry_asked", outcome=outcome, reference=reference, duration_ms=duration_ms)
