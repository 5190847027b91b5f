"""What an app gets, and who asks for it."""

from dataclasses import dataclass

from identity.principal import Assurance, PersonId, SessionId
from identity.tables import Session
from identity.tokens import AccessTokens, TokenSubject


@dataclass(frozen=True, slots=True)
class Grant:
    """What an app receives; `refresh_token` is good for one use, `key_thumbprint` names the key it is bound to.

    A system receives no refresh token: it proves who it is again.
    """

    access_token: str
    refresh_token: str | None
    expires_in_seconds: int
    person_id: PersonId
    session_id: SessionId
    key_thumbprint: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """Who asks for tokens: the thumbprint of the key whose proof was shown, and what the person calls the device."""

    key: str | None = None
    name: str | None = None


NO_DEVICE = Device()


def grant_of(family: Session, tokens: AccessTokens, *, assurance: Assurance, refresh_token: str | None) -> Grant:
    """Return a fresh access token of a session, with the refresh token that goes with it."""
    position = family.position
    subject = TokenSubject(
        person_id=PersonId(family.person_id),
        session_id=SessionId(family.id),
        kind=position.kind,
        assurance=assurance,
        authenticated_at=family.authenticated_at,
        key_thumbprint=family.key_thumbprint,
        organization=position.organization,
        level=position.level,
    )
    return Grant(
        access_token=tokens.issue(subject),
        refresh_token=refresh_token,
        expires_in_seconds=int(tokens.lifetime.total_seconds()),
        person_id=subject.person_id,
        session_id=subject.session_id,
        key_thumbprint=family.key_thumbprint,
    )
