"""`GET /erasures/{receipt}`: how a request for erasure stands, for the person who has no account any more."""

from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from backend.errors import NotFound
from backend.rights.erasures import ErasureService
from identity.language import preferred_language

RECEIPTS_PATH = "/erasures"

_FOLDER = Path(__file__).parent / "pages"
_TEXTS: dict[str, dict[str, str]] = yaml.safe_load((_FOLDER / "receipt.yaml").read_text())
_PRIVATE = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "vary": "Accept-Language",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}


def receipt_routes(erasures: ErasureService) -> list[BaseRoute]:
    """Return the route of receipts; a wrong one answers 404, whatever is wrong with it."""

    async def receipt(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        try:
            erasure = await erasures.by_receipt(request.path_params["receipt"])
        except NotFound:
            return _page(None, language, status=404)
        return _page(erasure, language, status=200)

    return [Route(RECEIPTS_PATH + "/{receipt}", receipt, methods=["GET"])]


def _page(erasure: object, language: str, *, status: int) -> Response:
    html = _templates.get_template("receipt.html").render(t=_TEXTS[language], language=language, erasure=erasure)
    return HTMLResponse(html, status_code=status, headers=_PRIVATE)


_templates = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
