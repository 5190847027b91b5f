"""What an app gets, and who asks for it."""

from dataclasses import dataclass

from identity.principal import PersonId, SessionId


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
