"""What an app gets, and who asks for it."""

from dataclasses import dataclass
from enum import StrEnum

from identity.errors import ScopeUnknown
from identity.positions import BY_DEVICE
from identity.principal import ActorKind, Assurance, PersonId, SessionId
from identity.tables import Session
from identity.tokens import AccessTokens, TokenSubject


class Scope(StrEnum):
    """What an access token may be narrowed to. Source: RFC 6749 §3.3."""

    DEVICE = "device"
    """For what a phone does in the background: the column "device" of docs/access.md."""

    @classmethod
    def parse(cls, text: str | None) -> "Scope | None":
        """Read a parameter `scope`; None, and an empty one, ask for everything.

        Raises:
            ScopeUnknown: Not exactly one that is known.
        """
        try:
            return cls(text) if text else None
        except ValueError as error:
            raise ScopeUnknown from error


@dataclass(frozen=True, slots=True)
class Grant:
    """What an app receives; `refresh_token` is good for one use, `key_thumbprint` names the key it is bound to.

    A system receives no refresh token: it proves who it is again. `scope` is what the access token was narrowed to.
    """

    access_token: str
    refresh_token: str | None
    expires_in_seconds: int
    person_id: PersonId
    session_id: SessionId
    key_thumbprint: str | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """Who asks for tokens: the thumbprint of the key whose proof was shown, and what the person calls the device."""

    key: str | None = None
    name: str | None = None


NO_DEVICE = Device()


def may_narrow(family: Session, key: str | None) -> bool:
    """Say whether a session has a weaker side: that of a citizen on a device with a key."""
    return family.position.kind is ActorKind.CITIZEN and (family.key_thumbprint or key) is not None


def grant_of(
    family: Session,
    tokens: AccessTokens,
    *,
    assurance: Assurance,
    refresh_token: str | None,
    scope: Scope | None = None,
) -> Grant:
    """Return a fresh access token of a session, never for longer than it, with the refresh token that goes with it."""
    position = BY_DEVICE if scope is Scope.DEVICE else family.position
    subject = TokenSubject(
        person_id=PersonId(family.person_id),
        session_id=SessionId(family.id),
        kind=position.kind,
        assurance=assurance,
        authenticated_at=family.authenticated_at,
        key_thumbprint=family.key_thumbprint,
        organization=position.organization,
        level=position.level,
        ends_at=family.expires_at,
    )
    return Grant(
        access_token=tokens.issue(subject),
        refresh_token=refresh_token,
        expires_in_seconds=tokens.lifetime_of(subject),
        person_id=subject.person_id,
        session_id=subject.session_id,
        key_thumbprint=family.key_thumbprint,
        scope=scope,
    )
