"""All SQL of devices, always by `person_id`."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.delivery_tables import DeviceRow

SEEN_TO = timedelta(hours=1)
"""How exactly it is known when a device was in use."""

IDLE_FOR = timedelta(days=270)
"""After so long FCM itself takes a token for stale. Source: Firebase, "Best practices for FCM registration tokens"."""

KEPT_FOR = timedelta(days=30)
"""How long a retired device is kept, to explain what became of messages."""


async def live_devices(session: AsyncSession, person_id: UUID) -> list[UUID]:
    """Return the ids of a person's devices that can be woken, the oldest first."""
    query = (
        select(DeviceRow.id)
        .where(col(DeviceRow.person_id) == person_id, col(DeviceRow.retired_at).is_(None))
        .order_by(col(DeviceRow.id))
    )
    return list((await (await session.connection()).execute(query)).scalars())


async def devices_of(session: AsyncSession, person_ids: Collection[UUID]) -> list[DeviceRow]:
    """Return every device of these people that can still be woken, the one seen longest ago first."""
    if not person_ids:
        return []
    query = (
        select(DeviceRow)
        .where(col(DeviceRow.person_id).in_(person_ids), col(DeviceRow.retired_at).is_(None))
        .order_by(col(DeviceRow.last_seen_at), col(DeviceRow.id))
    )
    return list(await session.exec(query))


async def retire_device(session: AsyncSession, person_id: UUID, device_id: UUID, *, reason: str, now: datetime) -> None:
    """Send nothing there any more; one that was retired before keeps its reason."""
    await session.exec(
        update(DeviceRow)
        .where(
            col(DeviceRow.person_id) == person_id,
            col(DeviceRow.id) == device_id,
            col(DeviceRow.retired_at).is_(None),
        )
        .values(retired_at=now, retired_reason=reason)
    )


async def touch_device(session: AsyncSession, person_id: UUID, session_id: UUID, *, now: datetime) -> None:
    """Note that the device of a session is in use; to the hour, so that most calls write nothing."""
    await session.exec(
        update(DeviceRow)
        .where(
            col(DeviceRow.person_id) == person_id,
            col(DeviceRow.session_id) == session_id,
            col(DeviceRow.retired_at).is_(None),
            col(DeviceRow.last_seen_at) <= now - SEEN_TO,
        )
        .values(last_seen_at=now)
    )


async def device_of_session(session: AsyncSession, person_id: UUID, session_id: UUID) -> UUID | None:
    """Return the device of a session that can be woken; there is one at most."""
    query = select(DeviceRow.id).where(
        col(DeviceRow.person_id) == person_id,
        col(DeviceRow.session_id) == session_id,
        col(DeviceRow.retired_at).is_(None),
    )
    return (await session.exec(query)).first()


async def retire_where(session: AsyncSession, condition: ColumnElement[bool], *, reason: str, now: datetime) -> int:
    """Send nothing any more to the devices that meet a condition; return how many there were."""
    retired = await session.exec(
        update(DeviceRow)
        .where(col(DeviceRow.retired_at).is_(None), condition)
        .values(retired_at=now, retired_reason=reason)
        .execution_options(synchronize_session=False)
    )
    return retired.rowcount


async def retire_idle(session: AsyncSession, now: datetime) -> int:
    """Retire what was not in use for `IDLE_FOR`, and forget what was retired `KEPT_FOR` ago; return how many."""
    idle = await retire_where(session, col(DeviceRow.last_seen_at) <= now - IDLE_FOR, reason="idle", now=now)
    forgotten = await session.exec(
        delete(DeviceRow)
        .where(col(DeviceRow.retired_at) <= now - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )
    return idle + forgotten.rowcount
