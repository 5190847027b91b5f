"""What a client's headers ask for: media type, language, trace."""

import re
import secrets
from collections.abc import Iterator, Sequence
from functools import lru_cache

from graphql_schema.catalogue import Language

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}", re.ASCII)
LONGEST_CHOICE = 1_000
"""How much of a header is read."""


def weighted(header: str) -> Iterator[tuple[str, float]]:
    """Yield each choice of a header with its quality; parameters other than `q` are ignored."""
    for choice in header[:LONGEST_CHOICE].split(","):
        name, *parameters = (part.strip() for part in choice.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                quality = _quality(value)
        if name:
            yield name.lower(), quality


def _quality(text: str) -> float:
    try:
        value = float(text.strip())
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


@lru_cache(maxsize=512)
def negotiate(accept: str | None, offered: Sequence[str]) -> str | None:
    """Choose a media type.

    Args:
        accept: The header; missing or empty accepts everything.
        offered: What could be sent, the preferred for `*/*` first; hashable.

    Returns:
        The offered type of the greatest quality (the most specific range decides it); between equals one that is
        named wins over a wildcard, and then the client's order. None when nothing is acceptable.

    Source: RFC 9110, 12.5.1; the graphql-http audit, items 47DE and 80D8.
    """
    ranges = list(weighted(accept or ""))
    if not ranges:
        return offered[0]
    best: tuple[float, int, int, int] | None = None
    chosen = None
    for preference, media_type in enumerate(offered):
        match = _match(media_type, ranges)
        if match is None or match[0] <= 0:
            continue
        rank = (match[0], match[1], -match[2], -preference)
        if best is None or rank > best:
            best, chosen = rank, media_type
    return chosen


def _match(media_type: str, ranges: list[tuple[str, float]]) -> tuple[float, int, int] | None:
    """Return quality, specificity and place of the most specific range that covers a type."""
    wanted = {media_type: 2, f"{media_type.partition('/')[0]}/*": 1, "*/*": 0}
    matches = [(wanted[name], place, quality) for place, (name, quality) in enumerate(ranges) if name in wanted]
    if not matches:
        return None
    specificity, place, quality = max(matches, key=lambda match: (match[0], -match[1]))
    return quality, specificity, place


@lru_cache(maxsize=512)
def names(accept: str | None, media_type: str) -> bool:
    """Say whether a header names a media type itself, with a quality above zero."""
    return any(name == media_type and quality > 0 for name, quality in weighted(accept or ""))


@lru_cache(maxsize=512)
def choose_language(accept_language: str | None) -> Language:
    """Return the language of texts for people; Russian unless English is preferred."""
    qualities: dict[str, float] = {}
    for tag, quality in weighted(accept_language or ""):
        language = tag.partition("-")[0]
        qualities[language] = max(quality, qualities.get(language, 0.0))
    return "en" if qualities.get("en", 0.0) > qualities.get("ru", 0.0) else "ru"


def trace_id(traceparent: str | None) -> str:
    """Return the trace id of a valid W3C `traceparent`, else a random one of the same form."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match and not traceparent.startswith("ff") and int(match[1], 16) and int(match[2], 16):  # type: ignore[union-attr] # matched, so a string
        return match[1]
    return secrets.token_hex(16)
