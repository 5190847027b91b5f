"""The one way to tell a person something: written in the same transaction as the event it is about.

With the message go its deliveries, one for each address that it is to reach, so that nothing that was told is forgotten
by the channels, however a process ends.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import col, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from notifications.channels.port import Channel
from notifications.delivery_tables import DeliveryRow
from notifications.devices import live_devices
from notifications.escalation import deliveries_of, steps_of
from notifications.inserts import insert_into
from notifications.kinds import expiry_of, severity_of
from notifications.messages import Message, MessageKind
from notifications.queue import cancel_waiting
from notifications.tables import NotificationRow
from notifications.templates import templates


async def enqueue(session: AsyncSession, message: Message, *, now: datetime) -> UUID:
    """Put a message into the person's inbox and on its way; commits with the caller's transaction or not at all.

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
        severity=severity_of(message),
        parameters=dict(message.parameters),
        template_version=templates().check(message.kind, message.parameters),
        subject_id=message.subject_id,
        created_at=now,
        expires_at=expiry_of(message, now=now),
    )
    added = await session.exec(
        insert_into(session, NotificationRow)
        .values(row.model_dump())
        .on_conflict_do_nothing(index_elements=["person_id", "dedupe_key"])
        .returning(col(NotificationRow.id))
    )
    if added.scalar_one_or_none() is None:
        return await _first(session, message)
    await _send_on(session, message, row, now=now)
    return row.id


async def _first(session: AsyncSession, message: Message) -> UUID:
    """Return the message that has this key already."""
    query = select(NotificationRow.id).where(
        col(NotificationRow.person_id) == message.person_id, col(NotificationRow.dedupe_key) == message.dedupe_key
    )
    return (await session.exec(query)).one()


async def _send_on(session: AsyncSession, message: Message, told: NotificationRow, *, now: datetime) -> None:
    """Write what is to be sent of a new message."""
    steps = steps_of(message)
    wakes = any(step.channel is Channel.PUSH for step in steps)
    devices = await live_devices(session, message.person_id) if wakes else []
    rows = [row.model_dump() for row in deliveries_of(told, steps, devices, now=now)]
    if rows:
        await session.exec(insert(DeliveryRow).values(rows))


async def take_back(
    session: AsyncSession, person_id: UUID, subject_id: UUID, kinds: Collection[MessageKind], *, now: datetime
) -> None:
    """Send no more of messages about a thing that has changed; the inbox keeps them.

    Args:
        session: The transaction of the change.
        person_id: Who was told.
        subject_id: The thing.
        kinds: Which of the messages about it are no longer so.
        now: Aware.
    """
    query = select(NotificationRow.id).where(
        col(NotificationRow.person_id) == person_id,
        col(NotificationRow.subject_id) == subject_id,
        col(NotificationRow.kind).in_(kinds),
    )
    told = list(await session.exec(query))
    if told:
        await cancel_waiting(session, person_id, told, reason="taken_back", now=now)
