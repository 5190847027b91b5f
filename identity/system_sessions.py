"""Sessions of systems: a short access token each, no refresh token, and a row, so that it can be ended."""

from collections.abc import Callable
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from uuid_utils.compat import uuid7

from identity.grants import Grant, grant_of
from identity.principal import ActorKind, Assurance, PersonId
from identity.queries import record_sign_in
from identity.staff_settings import SystemSettings
from identity.tables import Session
from identity.tokens import AccessTokens
from identity.transactions import Transaction

ISSUER = "urn:zdorovye:systems"
"""Who vouches for systems: we do. It is the same wherever we are served, so a system keeps its id."""


def person_id_of(client_id: str) -> PersonId:
    """Return by which id a system stands in sessions and in the audit; always the same."""
    return PersonId(uuid5(NAMESPACE_URL, f"{ISSUER}:{client_id}"))


class SystemSessions:
    """Opens them."""

    def __init__(self, *, transaction: Transaction, tokens: AccessTokens, clock: Callable[[], datetime]) -> None:
        """Take everything it works with."""
        self._transaction = transaction
        self._tokens = tokens
        self._clock = clock

    async def open(self, system: SystemSettings, *, key: str | None) -> Grant:
        """Open a session of a system that has proven who it is; it ends with its access token.

        Args:
            system: Which.
            key: Thumbprint of the DPoP key that the token is bound to; None for a bearer token.

        Source: RFC 6749 §4.4.3: no refresh token.
        """
        now, position = self._clock(), system.position
        async with self._transaction() as session:
            person_id = await record_sign_in(
                session,
                candidate=person_id_of(system.client_id),
                issuer=ISSUER,
                subject=system.client_id,
                assurance=Assurance.CONFIRMED,
                now=now,
                kind=ActorKind.SERVICE,
            )
            family = Session(
                person_id=person_id,
                id=uuid7(),
                client_id=system.client_id,
                authenticated_at=now,
                created_at=now,
                expires_at=now + self._tokens.lifetime,
                key_thumbprint=key,
                last_seen_at=now.replace(minute=0, second=0, microsecond=0),
                kind=position.kind,
                organization=position.organization,
            )
            session.add(family)
        return grant_of(family, self._tokens, assurance=Assurance.CONFIRMED, refresh_token=None)
