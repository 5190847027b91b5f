"""`/unsubscribe/{token}`: leaving a topic by the link of a mail, without signing in (RFC 8058).

Whoever scans a mail follows its links, so GET changes nothing: it shows a button. The mail program's own button, and
ours, send the POST that RFC 8058 describes.
"""

from pathlib import Path

import structlog
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from backend.entrypoints.preferences import UNSUBSCRIBE_PATH
from backend.errors import NotFound, Operational
from backend.preferences.unsubscribing import UnsubscribeService
from identity.errors import TooManyAttempts
from identity.language import Language, preferred_language
from identity.throttling import Throttle
from notifications.preferences import Way
from notifications.topics import TOPICS
from notifications.unsubscribing import ONE_CLICK

_LONGEST_BODY_BYTES = 4_096
"""`List-Unsubscribe=One-Click`, also as multipart, takes a few hundred."""

_FOLDER = Path(__file__).parent / "pages"
_TEXTS: dict[str, dict[str, str]] = yaml.safe_load((_FOLDER / "unsubscribe.yaml").read_text())
_PRIVATE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "vary": "Accept-Language",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}
_log = structlog.get_logger("preferences")


class _Doors:
    def __init__(self, service: UnsubscribeService, throttle: Throttle) -> None:
        self._service = service
        self._throttle = throttle

    async def show(self, request: Request) -> Response:
        """Show the button; nothing changes."""
        return await self._answer(request, done=False)

    async def leave(self, request: Request) -> Response:
        """Switch the topic off, where the body is that of one click."""
        language = preferred_language(request.headers.get("accept-language"))
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            return _page("wrong", language, status=411)
        if len(length) > len(str(_LONGEST_BODY_BYTES)) or int(length) > _LONGEST_BODY_BYTES:
            return _page("wrong", language, status=413)
        if not await _is_one_click(request):
            return _page("wrong", language, status=400)
        return await self._answer(request, done=True)

    async def _answer(self, request: Request, *, done: bool) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        token = request.path_params["token"]
        try:
            await self._throttle.unsubscribe(request.client.host if request.client else "")
            way = await (self._service.leave(token) if done else self._service.find(token))
        except TooManyAttempts as refusal:
            response = _page("later", language, status=429)
            response.headers["retry-after"] = str(refusal.retry_after_seconds)
            return response
        except NotFound:
            return _page("missing", language, status=404)
        except Operational as error:
            _log.warning("unsubscribing_failed", code=error.code)
            return _page("later", language, status=503)
        return _page("done" if done else "ask", language, status=200, way=way)


def unsubscribe_routes(service: UnsubscribeService, throttle: Throttle) -> list[BaseRoute]:
    """Return the routes of links; a wrong one answers 404, whatever is wrong with it."""
    doors, path = _Doors(service, throttle), UNSUBSCRIBE_PATH + "/{token}"
    return [Route(path, doors.show, methods=["GET"]), Route(path, doors.leave, methods=["POST"])]


async def _is_one_click(request: Request) -> bool:
    """Read the form, plain or multipart, both of which RFC 8058 §3.2 allows."""
    name, value = ONE_CLICK
    async with request.form(max_files=0, max_fields=8) as form:
        return form.get(name) == value


def _page(state: str, language: Language, *, status: int, way: Way | None = None) -> Response:
    facts = TOPICS[way.topic] if way else None
    html = _templates.get_template("unsubscribe.html").render(
        t=_TEXTS[language],
        language=language,
        state=state,
        topic=(facts.ru if language == "ru" else facts.en) if facts else "",
        one_click=ONE_CLICK,
    )
    return HTMLResponse(html, status_code=status, headers=_PRIVATE)


_templates = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
