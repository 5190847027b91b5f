"""`GET /calendar/{token}.ics`: a person's appointments for a calendar that follows them, without signing in.

The address is the key, so it is written nowhere: the access log has the name of the part, and what is answered says
that no referrer is to be sent.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from backend.calendars.errors import CalendarLinkInvalid
from backend.calendars.reading import CalendarReader
from backend.calendars.service import CalendarFeedService
from backend.clock import Clock
from backend.database import Database
from backend.entrypoints.addresses import public_url
from backend.errors import Operational
from backend.settings import Settings
from graphql_schema.catalogue import Language
from identity.access_control import AccessControl
from identity.errors import IdentityOperational, TooManyAttempts
from identity.language import preferred_language
from identity.throttling import Throttle

CALENDARS_PATH = "/calendar"

_PRIVATE = {
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}
_FOUND = {**_PRIVATE, "cache-control": "private, no-cache", "content-type": "text/calendar; charset=utf-8"}
"""Asked for again each time, so that a feed that is closed is closed; what has not changed costs nothing to send."""

_log = structlog.get_logger("calendars")

Words = Callable[[str, Language], str]
"""Gives the text for people of a code."""


def calendar_domain(settings: Settings) -> str:
    """Return what the UIDs of events end with: our name, as clients know it."""
    return urlsplit(public_url(settings)).hostname or settings.host


def build_feeds(settings: Settings, clock: Clock, database: Database, access: AccessControl) -> CalendarFeedService:
    """Build the service that hands out addresses."""
    return CalendarFeedService(
        database=database,
        access=access,
        clock=clock,
        feed_url=public_url(settings) + CALENDARS_PATH,
        domain=calendar_domain(settings),
    )


def build_reader(settings: Settings, clock: Clock, database: Database, access: AccessControl) -> CalendarReader:
    """Build what answers at them."""
    return CalendarReader(database=database, access=access, clock=clock, domain=calendar_domain(settings))


def calendar_routes(reader: CalendarReader, throttle: Throttle, message: Words) -> list[BaseRoute]:
    """Return the route of feeds; a wrong address answers 404, whatever is wrong with it."""

    async def read(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        token: str = request.path_params["token"]
        try:
            await throttle.calendar(request.client.host if request.client else "", feed=token)
            found = await reader.read(token)
        except TooManyAttempts as refusal:
            headers = {"retry-after": str(refusal.retry_after_seconds)}
            return _failed(429, refusal.code, message(refusal.code, language), headers)
        except CalendarLinkInvalid as refusal:
            return _failed(404, refusal.code, message(refusal.code, language))
        except (Operational, IdentityOperational) as error:
            _log.warning("calendar_failed", code=error.code)
            return _failed(503, error.code, message(error.code, language), {"retry-after": "60"})
        headers = {**_FOUND, "etag": found.etag}
        if _is_known(request.headers.get("if-none-match"), found.etag):
            return Response(status_code=304, headers=headers)
        return Response(found.body, headers=headers)

    return [Route(CALENDARS_PATH + "/{token}.ics", read, methods=["GET"])]


def _is_known(header: str | None, etag: str) -> bool:
    """Return whether the calendar has this text already. Source: RFC 9110 §13.1.2 (weak comparison)."""
    return any(one.strip().removeprefix("W/") in {etag, "*"} for one in (header or "")[:4_096].split(","))


def _failed(status: int, code: str, text: str, headers: dict[str, str] | None = None) -> Response:
    body = {"code": code, "message": text}
    return JSONResponse(body, status_code=status, headers={**_PRIVATE, "cache-control": "no-store", **(headers or {})})
