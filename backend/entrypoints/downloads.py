"""`GET /downloads/{token}`: a copy of one's data, by a link that is good for minutes (S50, S51)."""

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from backend.errors import Operational
from backend.rights.downloads import Download, Downloads
from backend.rights.errors import DownloadLinkInvalid
from graphql_schema.catalogue import Language
from identity.language import preferred_language

DOWNLOADS_PATH = "/downloads"

_PRIVATE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})", re.ASCII)
_log = structlog.get_logger("downloads")


def download_routes(downloads: Downloads, message: Callable[[str, Language], str]) -> list[BaseRoute]:
    """Return the route of downloads; `message` gives the text for people of a code."""

    async def download(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        try:
            found = await downloads.open(request.path_params["token"])
        except DownloadLinkInvalid as refusal:
            return _failed(404, refusal.code, message(refusal.code, language))
        except Operational as error:
            _log.warning("download_failed", code=error.code)
            return _failed(503, error.code, message(error.code, language))
        return _answer(request, downloads, found)

    return [Route(DOWNLOADS_PATH + "/{token}", download, methods=["GET"])]


def disposition(made_at: datetime) -> str:
    """Return how the file is to be saved, under a name that is ours alone. Source: RFC 6266 §4.3 and appendix D."""
    day = made_at.date().isoformat()
    return f"attachment; filename=\"my-data-{day}.zip\"; filename*=UTF-8''{quote(f'Мои данные {day}.zip')}"


def _answer(request: Request, downloads: Downloads, found: Download) -> Response:
    headers = {
        **_PRIVATE,
        "accept-ranges": "bytes",
        "content-disposition": disposition(found.made_at),
        "content-type": "application/zip",
    }
    part = _part(request.headers.get("range"), found.size)
    if part is None:
        return Response(status_code=416, headers={**_PRIVATE, "content-range": f"bytes */{found.size}"})
    first, last = part
    status = 200
    if (first, last) != (0, found.size - 1):
        status = 206
        headers["content-range"] = f"bytes {first}-{last}/{found.size}"
    headers["content-length"] = str(last - first + 1)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return _Stream(downloads, found, (first, last), status_code=status, headers=headers)


def _part(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that are wanted, None for a part that is not there.

    Several parts, and what is not understood, count as none asked for. Source: RFC 9110 §14.1.2 and §14.2.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or match.groups() == ("", ""):
        return 0, size - 1
    begin, end = match.groups()
    if not begin:
        return (max(0, size - int(end)), size - 1) if int(end) else None
    first, last = int(begin), min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return 0, size - 1
    return (first, last) if first < size else None


class _Stream(Response):
    """Sends the bytes as they are opened; what ends too early ends the connection, so that no half is taken for all."""

    def __init__(
        self,
        downloads: Downloads,
        found: Download,
        part: tuple[int, int],
        *,
        status_code: int,
        headers: dict[str, str],
    ) -> None:
        super().__init__(status_code=status_code, headers=headers)
        self._chunks = downloads.read(found, first=part[0], last=part[1])
        self._export_id = str(found.link.export_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for chunk in self._chunks:
                if await request.is_disconnected():
                    return
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except (DownloadLinkInvalid, Operational) as error:
            _log.warning("download_cut", export_id=self._export_id, code=error.code)
            return
        await send({"type": "http.response.body", "body": b""})


def _failed(status: int, code: str, text: str) -> Response:
    return JSONResponse({"code": code, "message": text}, status_code=status, headers=_PRIVATE)
