"""The one way to tell a person something: written in the same transaction as the event it is about."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from notifications.messages import Message
from notifications.tables import NotificationRow
from notifications.templates import templates

_INSERT: Mapping[str, Callable[..., postgresql.Insert | sqlite.Insert]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


async def enqueue(session: AsyncSession, message: Message, *, now: datetime) -> UUID:
    """Put a message into the person's inbox; commits with the caller's transaction or not at all.

    Args:
        session: The transaction of the domain event.
        message: What to tell; a `dedupe_key` that this person already has changes nothing.
        now: The instant of the event, aware.

    Returns:
        Id of the notification, the first one's where the key was already there.

    Raises:
        ValueError: A parameter is missing, unknown or unreadable; a bug of the caller, found before anything is
            written.
    """
    row = NotificationRow(
        id=uuid7(),
        person_id=message.person_id,
        dedupe_key=message.dedupe_key,
        kind=message.kind,
        severity=message.severity,
        parameters=dict(message.parameters),
        template_version=templates().check(message.kind, message.parameters),
        subject_id=message.subject_id,
        created_at=now,
        expires_at=message.expires_at,
    )
    insert = _INSERT[session.get_bind().dialect.name](NotificationRow).values(row.model_dump())
    await session.exec(insert.on_conflict_do_nothing(index_elements=["person_id", "dedupe_key"]))
    first = select(NotificationRow.id).where(
        col(NotificationRow.person_id) == message.person_id, col(NotificationRow.dedupe_key) == message.dedupe_key
    )
    return (await session.exec(first)).one()
