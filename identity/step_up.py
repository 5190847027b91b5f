"""Asking a person to prove anew who they are, before what matters most. Source: RFC 9470 (S31)."""

from datetime import datetime, timedelta

from identity.errors import InsufficientUserAuthentication
from identity.principal import Assurance, Principal

LEVELS = (Assurance.SIMPLIFIED, Assurance.STANDARD, Assurance.CONFIRMED)
"""From weak to strong. Their words are our `acr` values."""
MAX_AGE_LIMIT = 86_400
"""A longer `max_age` than a day asks for nothing."""


def reaches(reached: Assurance, wanted: Assurance) -> bool:
    """Whether a level is enough."""
    return LEVELS.index(reached) >= LEVELS.index(wanted)


def require_recent(actor: Principal, *, now: datetime, max_age: timedelta, acr: Assurance | None = None) -> None:
    """Refuse unless the person proved who they are a short while ago, and strongly enough.

    Args:
        actor: Who is signed in.
        now: The present, aware UTC.
        max_age: How long ago at most; exactly so long ago is enough.
        acr: The level that must be reached; None: any.

    Raises:
        InsufficientUserAuthentication: Longer ago, or not so strongly; the app signs in with `max_age` and repeats.
    """
    is_strong = acr is None or reaches(actor.assurance, acr)
    if now - actor.authenticated_at > max_age or not is_strong:
        raise InsufficientUserAuthentication(
            max_age_seconds=int(max_age.total_seconds()), acr=None if acr is None else acr.value
        )


def challenge(refusal: InsufficientUserAuthentication, *, scheme: str = "Bearer") -> str:
    """Return the value of `WWW-Authenticate` for an answer with status 401. Source: RFC 9470 §3."""
    words = [f'error="{refusal.code.lower()}"', f'max_age="{refusal.max_age_seconds}"']
    if refusal.acr is not None:
        words.append(f'acr_values="{refusal.acr}"')
    return f"{scheme} " + ", ".join(words)


def extensions_of(refusal: InsufficientUserAuthentication) -> dict[str, object]:
    """Return the same for the `extensions` of a GraphQL error."""
    return {
        "maxAgeSeconds": refusal.max_age_seconds,
        "acrValues": [] if refusal.acr is None else [refusal.acr],
    }
