"""A session as its person sees it."""

from dataclasses import dataclass
from datetime import datetime

from identity.principal import SessionId

MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One session that stands; instants are aware UTC, `last_seen_at` is to the hour.

    `key_thumbprint` names the device's key that it is bound to, None for bearer tokens.
    """

    id: SessionId
    client_id: str
    device_name: str | None
    created_at: datetime
    last_seen_at: datetime | None
    key_thumbprint: str | None
