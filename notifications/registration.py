"""Registering a device: an address belongs to one account, a session has one address."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import AddressKind, Channel, Provider
from notifications.delivery_tables import DeliveryRow, DeliveryState, DeviceRow

MOST_DEVICES = 20
"""So many of one person can be woken; one more, and the one that rested longest cannot (config)."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What is known of a device; `locale` is BCP 47, `time_zone` IANA, `public_key` a JWK as JSON."""

    session_id: UUID
    provider: Provider
    address_kind: AddressKind
    address: str = field(repr=False)
    app: str
    app_version: str
    locale: str
    time_zone: str
    public_key: str | None = field(repr=False)

    @property
    def address_hash(self) -> str:
        """Return what the address is found by."""
        return sha256(f"{self.provider}:{self.address}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of it: the device, and whose it was until now, where it was somebody else's."""

    device_id: UUID
    moved_from: UUID | None


async def register_device(session: AsyncSession, person_id: UUID, given: Registration, *, now: datetime) -> Registered:
    """Keep a device, new or as it is now; what waits for its earlier address goes to this one.

    Args:
        session: A transaction in which the row of the session is locked, so that its registrations stand in line.
        person_id: Whose.
        given: What is known of it.
        now: When; aware.
    """
    await _lock_address(session, given)
    alive = col(DeviceRow.retired_at).is_(None)
    by_address = select(DeviceRow).where(col(DeviceRow.address_hash) == given.address_hash, alive).with_for_update()
    holder = (await session.exec(by_address)).one_or_none()
    moved_from = holder.person_id if holder is not None and holder.person_id != person_id else None
    if holder is not None and moved_from is not None:
        _retire(holder, "moved", now)
        holder = None
    by_person = select(DeviceRow).where(col(DeviceRow.person_id) == person_id, alive).with_for_update()
    mine = list(await session.exec(by_person.order_by(col(DeviceRow.last_seen_at), col(DeviceRow.id))))
    earlier = [one for one in mine if one.session_id == given.session_id and one is not holder]
    for one in earlier:
        _retire(one, "rotated", now)
    others = [one for one in mine if one is not holder and one not in earlier]
    for one in others[: max(0, len(others) + 1 - MOST_DEVICES)]:
        _retire(one, "too_many", now)
    await session.flush()  # before the insert, which the unique indexes would refuse
    device = holder or DeviceRow(person_id=person_id, registered_at=now, **_told(given, now))
    device.sqlmodel_update(_told(given, now))
    session.add(device)
    await session.flush()
    for one in earlier:
        await _hand_over(session, one, device.id)
    return Registered(device.id, moved_from)


async def _lock_address(session: AsyncSession, given: Registration) -> None:
    """Let those who register one address stand in line; on SQLite writers do anyhow."""
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended(f"device:{given.address_hash}", 0)
        await session.exec(select(func.pg_advisory_xact_lock(name)))


def _retire(device: DeviceRow, reason: str, now: datetime) -> None:
    device.retired_at, device.retired_reason = now, reason


def _told(given: Registration, now: datetime) -> dict[str, Any]:
    return {**asdict(given), "address_hash": given.address_hash, "last_seen_at": now}


async def _hand_over(session: AsyncSession, earlier: DeviceRow, device_id: UUID) -> None:
    """Let what waits for a device go to the one in its place, by whoever carries to that."""
    taken = select(DeliveryRow.notification_id).where(
        col(DeliveryRow.person_id) == earlier.person_id, col(DeliveryRow.address_id) == device_id
    )
    await session.exec(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.person_id) == earlier.person_id,
            col(DeliveryRow.address_id) == earlier.id,
            col(DeliveryRow.channel) == Channel.PUSH,
            col(DeliveryRow.state) == DeliveryState.WAITING,
            col(DeliveryRow.notification_id).not_in(taken),
        )
        .values(address_id=device_id, provider=None)
        .execution_options(synchronize_session=False)
    )
