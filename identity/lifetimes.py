"""How long a session may go on: written into its rows with each refresh token, and read from them."""

from datetime import datetime

from identity.opaque import digest
from identity.principal import ActorKind
from identity.rotation import Shown
from identity.settings import TokenSettings
from identity.tables import RefreshToken, Session


def next_token(family: Session, refresh_token: str, *, now: datetime, settings: TokenSettings) -> RefreshToken:
    """Return the row of a session's next refresh token, and note in the session, to the hour, that it was used.

    At a kiosk the whole session ends with it: nobody else may find it open, not even for the rest of a token's time.

    Source: our requirements, "Figures to keep" (S29); issue "Kiosk", for those of kiosks.
    """
    kind, is_bound = family.position.kind, family.key_thumbprint is not None
    rests_until = now + settings.idle(kind, is_bound=is_bound)
    if kind is ActorKind.KIOSK:
        family.expires_at = min(family.created_at + settings.longest(kind, is_bound=is_bound), rests_until)
    family.last_seen_at = now.replace(minute=0, second=0, microsecond=0)
    return RefreshToken(
        person_id=family.person_id,
        token_hash=digest(refresh_token),
        session_id=family.id,
        issued_at=now,
        expires_at=min(rests_until, family.expires_at),
    )


def shown(family: Session, token: RefreshToken) -> Shown:
    """Return a refresh token and its session as they are judged."""
    return Shown(
        used_at=token.used_at,
        ends_at=min(token.expires_at, family.expires_at),
        is_revoked=family.revoked_at is not None,
        bound_to=family.key_thumbprint,
    )
