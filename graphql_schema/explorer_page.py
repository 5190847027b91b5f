"""The page at GET /graphql in development: GraphiQL as built from `explorer/`, or how to build it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

EXPLORER_FOLDER = Path(__file__).parent / "explorer" / "dist"
EXPLORER_PATH = "/graphql-explorer"
"""Where the roof serves the files of `EXPLORER_FOLDER`."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HINT = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>GraphQL</title>
<body style="font-family:sans-serif;max-width:40em;margin:4em auto;line-height:1.5">
<h1>Обозреватель GraphQL ещё не собран</h1>
<p>Нужен Node.js версии 20 или новее. Затем в папке проекта: <code>make explorer</code>, и обновите страницу.</p>
<h1>The GraphQL explorer is not built yet</h1>
<p>Node.js 20 or newer is needed. Then, in the project's folder: <code>make explorer</code>, and reload this page.</p>
<p>API: <code>POST /graphql</code>.</p>"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page ready to be sent."""

    body: bytes
    headers: Mapping[str, str]


def explorer_page(folder: Path | None = None) -> Page:
    """Return the explorer's page, or the hint where it is not built; it loads nothing from another host."""
    index = (folder or EXPLORER_FOLDER) / "index.html"
    body = index.read_bytes() if index.is_file() else _HINT.encode()
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": _POLICY,
        "cache-control": "no-store",
        "vary": "Accept",
        "x-content-type-options": "nosniff",
    }
    return Page(body, MappingProxyType(headers))
