"""Serves the pages; texts and layout stand beside this file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from backend.entrypoints.demo.named import NAMED
from backend.entrypoints.kiosks import HANDOVER_PATH
from backend.entrypoints.pages.examples import take_token, write_requests
from graphql_schema.catalogue import ErrorCatalogue
from identity.language import preferred_language
from mobile_contracts.manifest import Operation

_FOLDER = Path(__file__).parent
_TEXTS: dict[str, dict[str, str]] = yaml.safe_load((_FOLDER / "texts.yaml").read_text())
_SECURITY = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "vary": "Accept-Language",
}


_EXAMPLE_CHALLENGE = "E9Melhoa2OwvFrEMTJGuCHaoeK1t8URWbuGJSstw-cM"
"""Belongs to the verifier dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk. Source: RFC 7636, appendix B."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages show; `demo` adds the demo people, requests and the sign-in address."""

    catalogue: ErrorCatalogue
    public_url: str
    demo: bool
    operations: Sequence[Operation]

    def routes(self) -> list[BaseRoute]:
        """Return the routes of every page."""
        return [
            Route("/", self._landing),
            Route("/docs/errors", self._errors),
            Route(HANDOVER_PATH, self._handover),
        ]

    def _landing(self, request: Request) -> Response:
        return _render(
            request,
            "landing.html",
            people=[{"nick": one.nick, "label": one.label} for one in NAMED] if self.demo else [],
            take_token=take_token(self.public_url, NAMED[0].nick),
            requests=list(write_requests(self.operations, self.public_url)) if self.demo else [],
            sign_in_url=self._sign_in_url(),
        )

    def _errors(self, request: Request) -> Response:
        return _render(request, "errors.html", entries=sorted(self.catalogue.entries.items()))

    def _handover(self, request: Request) -> Response:
        """Say what to do where the link of a kiosk's code did not open the app; the code itself never comes here."""
        return _render(request, "handover.html")

    def _sign_in_url(self) -> str:
        return (
            f"{self.public_url}/auth/esia/start?client_id=web&response_type=code&redirect_uri=http://127.0.0.1/signed-in"
            f"&code_challenge_method=S256&code_challenge={_EXAMPLE_CHALLENGE}&state=example"
        )


def _render(request: Request, template: str, **values: Any) -> Response:
    language = preferred_language(request.headers.get("accept-language"))
    html = _templates.get_template(template).render(t=_TEXTS[language], language=language, **values)
    return HTMLResponse(html, headers=_SECURITY)


_templates = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
