"""All SQL about slots: the search, the lock and the alternatives."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Executable,
    Uuid,
    bindparam,
    exists,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.rows import SLOTS, AnySelect, SlotReader, fetch
from backend.booking.tables import AppointmentRow, ClinicRow, SlotRow, SpecialtyRow
from backend.booking.values import (
    ACTIVE_STATUSES,
    AppointmentStatus,
    Channel,
    Slot,
    SlotCriteria,
    SlotTime,
    TimeKey,
)

ACTIVE: BindParameter[Any] = bindparam("active", ACTIVE_STATUSES, expanding=True, literal_execute=True)
"""Written into the statement's text: SQLite uses a partial index only where the same words stand in the query."""

_SLOT_TIME = (
    col(SlotRow.id),
    col(SlotRow.specialty_id),
    col(SlotRow.clinic_id),
    col(SlotRow.doctor_id),
    col(SlotRow.starts_at),
    col(SlotRow.ends_at),
    col(SlotRow.channels),
)


def is_free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody keeps the slot; a hold ends by the clock itself."""
    kept = (col(AppointmentRow.status) != AppointmentStatus.HELD) | (col(AppointmentRow.hold_expires_at) > now)
    claimed = exists().where(
        col(AppointmentRow.slot_id) == col(SlotRow.id), col(AppointmentRow.status).in_(ACTIVE), kept
    )
    return ~claimed


def _given_out(*, channel: Channel, now: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SlotRow.starts_at) > now,
        col(SlotRow.starts_at) <= until,
        col(SlotRow.channels).bitwise_and(channel.bit) != 0,
        is_free(now),
    )


def search_statement(
    criteria: SlotCriteria, *, now: datetime, until: datetime, after: TimeKey | None, limit: int
) -> AnySelect:
    """Build the one statement of a search: free slots in order of start and id.

    The specialty is compared with a scalar subquery, not joined, so that the planner may walk
    `slots_specialty_starts_at` in order and stop at the limit.
    """
    statement = SLOTS.where(*_given_out(channel=criteria.channel, now=now, until=until), *_narrowing(criteria))
    if after is not None:
        key = tuple_(literal(after.starts_at, DateTime(timezone=True)), literal(after.id, Uuid()))
        statement = statement.where(tuple_(col(SlotRow.starts_at), col(SlotRow.id)) > key)
    return statement.order_by(col(SlotRow.starts_at), col(SlotRow.id)).limit(limit)


def _narrowing(criteria: SlotCriteria) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if criteria.specialty_code is not None:
        named = select(col(SpecialtyRow.id)).where(col(SpecialtyRow.code) == criteria.specialty_code)
        conditions.append(col(SlotRow.specialty_id) == named.correlate(None).scalar_subquery())
    for column, ids in (
        (col(SlotRow.specialty_id), criteria.specialty_ids),
        (col(SlotRow.clinic_id), criteria.clinic_ids),
        (col(SlotRow.doctor_id), criteria.doctor_ids),
    ):
        if ids:
            conditions.append(column == ids[0] if len(ids) == 1 else column.in_(ids))
    if criteria.town is not None:
        conditions.append(col(ClinicRow.town) == criteria.town)
    if criteria.starts_from is not None:
        conditions.append(col(SlotRow.starts_at) >= criteria.starts_from)
    if criteria.starts_before is not None:
        conditions.append(col(SlotRow.starts_at) < criteria.starts_before)
    if (near := criteria.near) is not None:
        north = col(ClinicRow.latitude) - near.centre.latitude
        east = (col(ClinicRow.longitude) - near.centre.longitude) * near.shrink
        conditions.append(north * north + east * east <= near.radius_degrees**2)
    return conditions


async def find_free(session: AsyncSession, statement: Executable) -> list[Slot]:
    """Return the slots of a search, in its order."""
    reader = SlotReader()
    return [reader.slot(row) for row in await fetch(session, statement)]


async def slots_by_ids(session: AsyncSession, ids: Sequence[UUID]) -> list[Slot]:
    """Return the slots that exist, free or not, in any order."""
    return await find_free(session, SLOTS.where(col(SlotRow.id).in_(ids)))


async def slot_time(session: AsyncSession, slot_id: UUID) -> SlotTime | None:
    """Return what decides about a slot, without locking it."""
    found = await fetch(session, select(*_SLOT_TIME).where(col(SlotRow.id) == slot_id))
    return SlotTime(*found[0]) if found else None


async def lock_slot(session: AsyncSession, slot_id: UUID) -> SlotTime | None:
    """Lock a slot against every other claim until the transaction ends (R54), and return what decides about it."""
    wanted = select(*_SLOT_TIME).where(col(SlotRow.id) == slot_id).with_for_update(key_share=True)
    found = await fetch(session, wanted)
    return SlotTime(*found[0]) if found else None


async def candidates_near(
    session: AsyncSession, lost: SlotTime, *, town: str, channel: Channel, now: datetime, until: datetime, limit: int
) -> list[Slot]:
    """Return free slots of the same specialty round a lost one, in one statement.

    Returns:
        At most `limit` before and `limit` after it for each of: the doctor, the clinic, the town, anywhere;
        in any order, one may stand twice.
    """
    circles = (
        col(SlotRow.doctor_id) == lost.doctor_id,
        col(SlotRow.clinic_id) == lost.clinic_id,
        col(ClinicRow.town) == town,
        None,
    )
    free = SLOTS.where(
        col(SlotRow.specialty_id) == lost.specialty_id, *_given_out(channel=channel, now=now, until=until)
    )
    start = col(SlotRow.starts_at)
    sides = (
        within.where(side).order_by(*order)
        for within in (free if circle is None else free.where(circle) for circle in circles)
        for side, order in (
            (start < lost.starts_at, (start.desc(), col(SlotRow.id).desc())),
            (start >= lost.starts_at, (start, col(SlotRow.id))),
        )
    )
    return await find_free(session, union_all(*(select(*side.limit(limit).subquery().c) for side in sides)))


async def town_of(session: AsyncSession, clinic_id: UUID) -> str:
    """Return the town of a clinic that exists."""
    found = await fetch(session, select(col(ClinicRow.town)).where(col(ClinicRow.id) == clinic_id))
    return str(found[0][0])
