"""Which app may receive a code, and where."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from identity.errors import AppUnknown, RedirectNotAllowed
from identity.settings import AppSettings, is_loopback


def find_app(apps: Sequence[AppSettings], client_id: str) -> AppSettings:
    """Return the registered app.

    Raises:
        AppUnknown: Nobody registered under this id.
    """
    for app in apps:
        if app.client_id == client_id:
            return app
    raise AppUnknown


def require_redirect(app: AppSettings, redirect_uri: str) -> None:
    """Refuse a redirect the app did not register: compared as text, only a loopback port may differ.

    Raises:
        RedirectNotAllowed: Not registered.

    Source: RFC 9700 §2.1 (exact match), RFC 8252 §7.3 (loopback port), (S21).
    """
    if not any(redirect_uri == known or _same_but_port(redirect_uri, known) for known in app.redirect_uris):
        raise RedirectNotAllowed


def _same_but_port(asked: str, known: str) -> bool:
    if not is_loopback(known):
        return False
    registered = urlsplit(known)
    try:
        port = urlsplit(asked).port
    except ValueError:
        return False
    # Rebuilt from the registered parts and compared as text, so that nothing else can differ.
    host = f"[{registered.hostname}]" if ":" in str(registered.hostname) else registered.hostname
    query = f"?{registered.query}" if registered.query else ""
    return port is not None and asked == f"http://{host}:{port}{registered.path}{query}"
