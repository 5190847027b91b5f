"""One line a request: method, path without its query, status and duration; never a header, body or address."""

import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("http")


class AccessLog:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection and write its line, also when it fails."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        seen: dict[str, Any] = {}

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observed)
        finally:
            duration_ms = round((time.perf_counter() - began) * 1000, 1)
            log.info("request", method=scope["method"], path=_route(scope), duration_ms=duration_ms, **seen)


def _route(scope: Scope) -> str:
    """Return the path where it is one of ours; a foreign one may hold anything, so it is not written.

    What a route takes from the path is written as its name: a download link's token opens a person's data (S43).
    """
    if "endpoint" not in scope:
        return "(unknown)"
    path: str = scope["path"]
    for name, value in scope.get("path_params", {}).items():
        path = path.replace(str(value), f"{{{name}}}")
    return path
