"""Fluent sources: those that are shipped, with some put in their place."""

from notifications.messages import MessageKind
from notifications.templates import LANGUAGES, Language, Templates, shipped_sources

SHIPPED = shipped_sources()
PLAIN = "title = t\nbody = b\n"


def templates_with(kind: MessageKind, *versions: str, **given: int) -> Templates:
    """Return the shipped templates with these versions of one kind instead, alike in both languages."""
    sources = {key: source for key, source in SHIPPED.items() if key[1] is not kind}
    sources |= {
        (language, kind, number): source for language in LANGUAGES for number, source in enumerate(versions, start=1)
    }
    return Templates(sources, **given)


def templates_with_languages(kind: MessageKind, **sources: str) -> Templates:
    """Return the shipped templates with another version 1 of one kind, given by language."""
    languages: dict[str, Language] = {"ru": "ru", "en": "en"}
    return Templates({**SHIPPED, **{(languages[name], kind, 1): source for name, source in sources.items()}})
