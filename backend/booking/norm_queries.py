"""All SQL about norms of waiting: whether there was a sooner time, and how often there was none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Uuid, bindparam, case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.given_out import LAST_ID
from backend.booking.rows import fetch
from backend.booking.slot_queries import GIVEN_OUT
from backend.booking.tables import SlotRow, SpecialtyRow
from backend.booking.values import Channel, Slot
from backend.reading import Rows, Statement
from backend.shapes import alone

_ONE = alone(col(SlotRow.id))
_SOONER = Statement(
    _ONE.select()
    .where(
        col(SlotRow.specialty_id) == bindparam("specialty_id", type_=Uuid()),
        col(SlotRow.clinic_id) == bindparam("clinic_id", type_=Uuid()),
        *GIVEN_OUT,
    )
    .limit(1),
    _ONE,
)


@dataclass(frozen=True, slots=True)
class Waits:
    """How many visits of a specialty were booked since a day, and how many of them had to exceed the norm."""

    specialty_code: str
    booked: int
    exceeded: int


async def was_sooner(rows: Rows, slot: Slot, channel: Channel, *, now: datetime, until: datetime) -> bool:
    """Return whether the same specialty at the same clinic has a free slot by `until` through the channel."""
    found = await rows.rows(
        _SOONER,
        specialty_id=slot.specialty.id,
        clinic_id=slot.clinic.id,
        channel=channel.bit,
        through=channel,
        now=now,
        since=now,
        after_id=LAST_ID,
        until=until,
    )
    return bool(found)


async def waits_since(session: AsyncSession, since: datetime) -> Sequence[Waits]:
    """Return, by specialty code, what was booked since an instant; holds and what was never booked do not count."""
    exceeded = func.sum(case((col(AppointmentRow.norm_exceeded).is_(True), 1), else_=0))
    wanted: Any = (
        select(col(SpecialtyRow.code), func.count(), exceeded)
        .join(SpecialtyRow, col(SpecialtyRow.id) == col(AppointmentRow.specialty_id))
        .where(col(AppointmentRow.confirmed_at) >= bindparam("since", since, type_=DateTime(timezone=True)))
        .group_by(col(SpecialtyRow.code))
        .order_by(col(SpecialtyRow.code))
    )
    return [Waits(code, booked, int(over)) for code, booked, over in await fetch(session, wanted)]
