"""All SQL of devices, always by `person_id`."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.delivery_tables import DeviceRow


async def live_devices(session: AsyncSession, person_id: UUID) -> list[UUID]:
    """Return the ids of a person's devices that can be woken, the oldest first."""
    query = (
        select(DeviceRow.id)
        .where(col(DeviceRow.person_id) == person_id, col(DeviceRow.retired_at).is_(None))
        .order_by(col(DeviceRow.id))
    )
    return list(await session.exec(query))


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
