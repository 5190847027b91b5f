"""HTTP towards ESIA: bounded answers, and every failure translated into one of our errors."""

import httpx2
import orjson
import structlog
from pydantic import ValidationError

from identity.errors import EsiaAnswerInvalid, EsiaUnavailable
from identity.esia.errors import Failure, error_of, esia_code_of
from identity.esia.oauth_wire import ErrorAnswer
from identity.esia_settings import EsiaSettings
from identity.tls import tls_context

MAX_ANSWER_BYTES = 512 * 1024
_log = structlog.get_logger("identity")


class EsiaRefused(Exception):
    """ESIA answered with an error of its own; `esia_code` is six digits when it gave some, `failure` is ours."""

    def __init__(self, *, status: int, failure: Failure, esia_code: str | None) -> None:
        """Keep what is known; the description itself is dropped."""
        super().__init__(failure.code)
        self.status = status
        self.failure = failure
        self.esia_code = esia_code


def open_http(settings: EsiaSettings) -> httpx2.AsyncClient:
    """Return the HTTP client for `EsiaClient`; whoever opens it closes it."""
    timeout = httpx2.Timeout(settings.read_timeout_seconds, connect=settings.connect_timeout_seconds)
    limits = httpx2.Limits(max_connections=50, max_keepalive_connections=10)
    return httpx2.AsyncClient(
        verify=tls_context(), timeout=timeout, limits=limits, follow_redirects=False, trust_env=False
    )


async def fetch_json(http: httpx2.AsyncClient, request: httpx2.Request, *, limit: int = MAX_ANSWER_BYTES) -> object:
    """Return the JSON of a good answer of at most `limit` bytes.

    Raises:
        EsiaRefused: An error of ESIA's in its own form, or a bare 401, 403 or 404.
        EsiaUnavailable: No answer, or a failure of the other side.
        EsiaAnswerInvalid: Too long, or not JSON.
    """
    try:
        response = await http.send(request, stream=True)
        try:
            body = await _read_limited(response, limit)
        finally:
            await response.aclose()
    except httpx2.TransportError as error:
        raise EsiaUnavailable from error
    except httpx2.DecodingError as error:
        raise EsiaAnswerInvalid from error
    try:
        answer: object = orjson.loads(body)
    except ValueError as error:
        raise (EsiaUnavailable if response.status_code >= 500 else EsiaAnswerInvalid) from error
    if response.status_code == 200:
        return answer
    raise _failure(response.status_code, answer)


async def _read_limited(response: httpx2.Response, limit: int) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > limit:
            raise EsiaAnswerInvalid
    return bytes(body)


def _failure(status: int, answer: object) -> Exception:
    try:
        told = ErrorAnswer.model_validate(answer)
    except ValidationError:
        return EsiaUnavailable() if status >= 500 else EsiaAnswerInvalid()
    esia_code = esia_code_of(told.error_description)
    if status >= 500 and esia_code is None:
        return EsiaUnavailable()
    failure = error_of(told.error_description)
    _log.warning("esia.refused", esia_code=esia_code, status=status, outcome=failure.code)
    return EsiaRefused(status=status, failure=failure, esia_code=esia_code)
