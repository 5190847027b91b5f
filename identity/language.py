"""Which of our two languages a browser prefers."""

from typing import Literal

Language = Literal["ru", "en"]


def preferred_language(accept_language: str | None) -> Language:
    """Return "en" only when English is preferred to Russian. Source: RFC 9110 §12.5.4."""
    weights = {"ru": 0.0, "en": 0.0}
    for part in (accept_language or "")[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(parameter))
    return "en" if weights["en"] > weights["ru"] else "ru"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
