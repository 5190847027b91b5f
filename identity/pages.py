"""HTML pages shown in the browser of a sign-in: no script, no outside resource, nothing cached."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from identity.language import Language

_TEMPLATES = Path(__file__).parent / "templates"
_ENVIRONMENT = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
_STYLE = _ENVIRONMENT.get_template("style.css").render()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

PRIVATE_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}
WIPING_HEADERS = {"clear-site-data": '"cache", "cookies", "storage"'}
"""Make a kiosk's browser forget what it holds of whoever was there. Source: W3C Clear Site Data."""

_PAGE_HEADERS = {
    **PRIVATE_HEADERS,
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "x-frame-options": "DENY",
    "vary": "accept-language",
}
_FAILURE = {
    "ru": ("Войти не получилось", "Закройте эту страницу, вернитесь в приложение и попробуйте войти ещё раз."),
    "en": ("Sign-in did not work", "Close this page, go back to the app and try to sign in again."),
}


def page(template: str, *, language: Language, title: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a template into a response; every value is escaped."""
    text = _ENVIRONMENT.get_template(template).render(language=language, title=title, **values)
    return HTMLResponse(text, status_code=status, headers={**_PAGE_HEADERS, "content-language": language})


def failure_page(*, language: Language, message: str, code: str, status: int) -> HTMLResponse:
    """Say that sign-in failed, in words, with the code in small print."""
    title, advice = _FAILURE[language]
    return page(
        "failure.html", language=language, title=title, status=status, message=message, advice=advice, code=code
    )
