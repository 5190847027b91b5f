"""How clients reach us."""

from backend.settings import Settings


def public_url(settings: Settings) -> str:
    """Return how clients reach us, without a slash at the end."""
    given = settings.public_url
    return str(given).rstrip("/") if given is not None else f"http://{settings.host}:{settings.port}"
