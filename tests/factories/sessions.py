"""Rows of sessions, for tests that begin with somebody signed in."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from uuid_utils.compat import uuid7

from backend.database import Database
from identity.principal import ActorKind, Assurance, PersonId
from identity.tables import Account, RefreshToken, Session


async def add_account(database: Database, *, now: datetime, person_id: PersonId | None = None) -> PersonId:
    """Store an account of a person."""
    row = Account(
        person_id=person_id or uuid4(),
        issuer="https://esia.example",
        subject=uuid4().hex,
        kind=ActorKind.CITIZEN,
        assurance=Assurance.CONFIRMED,
        created_at=now,
    )
    async with database.transaction() as session:
        session.add(row)
    return PersonId(row.person_id)


async def add_session(database: Database, person_id: PersonId, *, now: datetime, **given: Any) -> Session:
    """Store a session that stands, with a refresh token that is good, unless told otherwise."""
    row = Session(
        **{
            "person_id": person_id,
            "id": uuid7(),
            "client_id": "web",
            "authenticated_at": now,
            "created_at": now,
            "expires_at": now + timedelta(hours=12),
            "last_seen_at": now.replace(minute=0, second=0, microsecond=0),
            **given,
        }
    )
    token = RefreshToken(
        person_id=person_id,
        token_hash=uuid4().hex * 2,
        session_id=row.id,
        issued_at=row.created_at,
        expires_at=row.created_at + timedelta(minutes=30),
    )
    async with database.transaction() as session:
        session.add(row)
        await session.flush()
        session.add(token)
    return row
