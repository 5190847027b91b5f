"""All SQL of keeping the free times of outside registries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Executable, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.outside_comparison import KeptSlot, Reception
from backend.booking.ports import OutsideSlot
from backend.booking.rows import fetch
from backend.booking.states import ACTIVE_STATUSES, AppointmentStatus
from backend.booking.tables import (
    ClinicRow,
    PostRow,
    ScheduleRow,
    SlotRow,
)
from backend.booking.values import Registry
from backend.inserts import insert_into
from backend.shapes import AnySelect

_BOOKED = tuple(status for status in ACTIVE_STATUSES if status is not AppointmentStatus.HELD)


@dataclass(frozen=True, slots=True)
class OutsidePost:
    """A post whose times an outside registry keeps; `time_zone` is the clinic's."""

    id: UUID
    clinic_id: UUID
    doctor_id: UUID
    specialty_id: UUID
    clinic_oid: str
    time_zone: str
    registry: Registry
    resource_key: str = field(repr=False)


def _posts() -> AnySelect:
    return (
        select(
            col(PostRow.id),
            col(PostRow.clinic_id),
            col(PostRow.doctor_id),
            col(PostRow.specialty_id),
            col(ClinicRow.oid),
            col(ClinicRow.time_zone),
            col(ClinicRow.kept_by),
            col(PostRow.resource_key),
        )
        .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
        .where(col(ClinicRow.kept_by) != Registry.OWN, col(PostRow.resource_key).is_not(None))
    )


async def posts_told_until(session: AsyncSession, instant: datetime) -> list[OutsidePost]:
    """Return the posts whose times were last told at an instant or before, or never; the longest ago first."""
    told = col(PostRow.as_of)
    wanted = _posts().where(or_(told.is_(None), told <= instant)).order_by(told.is_not(None), told, col(PostRow.id))
    return [OutsidePost(*row) for row in await fetch(session, wanted)]


async def post_by_id(session: AsyncSession, post_id: UUID) -> OutsidePost | None:
    """Return a post of an outside registry; any other is none."""
    rows = await fetch(session, _posts().where(col(PostRow.id) == post_id))
    return OutsidePost(*rows[0]) if rows else None


async def note_told(session: AsyncSession, post_id: UUID, as_of: datetime) -> bool:
    """Say from when a post's times are, and let nobody else write them until the transaction ends.

    Returns:
        Whether they are to be written: not when later ones were.
    """
    told = col(PostRow.as_of)
    noted = update(PostRow).where(col(PostRow.id) == post_id, or_(told.is_(None), told <= as_of)).values(as_of=as_of)
    return await _run(session, noted) == 1


async def lock_kept(session: AsyncSession, post: OutsidePost, *, after: datetime, before: datetime) -> list[KeptSlot]:
    """Lock and return what we keep of a post between two instants, exclusive.

    A slot that somebody is holding or booking this moment is left out: whoever waits for nobody stands in nobody's way.
    """
    start = col(SlotRow.starts_at)
    wanted = (
        select(
            col(SlotRow.id),
            col(SlotRow.external_id),
            start,
            col(SlotRow.ends_at),
            col(SlotRow.room),
            col(SlotRow.channels),
        )
        .where(
            col(SlotRow.clinic_id) == post.clinic_id,
            col(SlotRow.specialty_id) == post.specialty_id,
            col(SlotRow.doctor_id) == post.doctor_id,
            start > after,
            start < before,
        )
        .with_for_update(key_share=True, skip_locked=True)
    )
    return [KeptSlot(*row) for row in await fetch(session, wanted)]


async def booked_among(session: AsyncSession, slot_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of the slots somebody of ours has booked, or perhaps has; a hold is none."""
    slot_id = col(AppointmentRow.slot_id)
    wanted = select(slot_id).where(slot_id.in_(slot_ids), col(AppointmentRow.status).in_(_BOOKED))
    return {row[0] for row in await fetch(session, wanted)} if slot_ids else set()


async def ensure_receptions(
    session: AsyncSession, post_id: UUID, receptions: Mapping[date, Reception]
) -> dict[date, UUID]:
    """Keep one reception a day, as long as its times have ever been; return the ids of these days."""
    wanted = select(col(ScheduleRow.day), col(ScheduleRow.id), col(ScheduleRow.opens), col(ScheduleRow.closes)).where(
        col(ScheduleRow.post_id) == post_id, col(ScheduleRow.day).in_(list(receptions))
    )
    kept = {day: (schedule_id, opens, closes) for day, schedule_id, opens, closes in await fetch(session, wanted)}
    ids = {day: schedule_id for day, (schedule_id, _, _) in kept.items()}
    for day, one in receptions.items():
        if day not in kept:
            ids[day] = await _add_reception(session, post_id, day, one)
            continue
        schedule_id, opens, closes = kept[day]
        if one.opens < opens or one.closes > closes:
            longer = {"opens": min(one.opens, opens), "closes": max(one.closes, closes)}
            await _run(session, update(ScheduleRow).where(col(ScheduleRow.id) == schedule_id).values(**longer))
    return ids


async def add_slots(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add slots; one whose doctor is busy then at another clinic, or that somebody has just added, is left out."""
    if not rows:
        return 0
    added = insert_into(session, SlotRow).values([{"id": uuid7(), **row} for row in rows])
    return await _run(session, added.on_conflict_do_nothing())


async def note_seen(session: AsyncSession, slot_ids: Collection[UUID], as_of: datetime) -> None:
    """Say of slots that stand as they stood that they were seen."""
    if slot_ids:
        await _run(session, update(SlotRow).where(col(SlotRow.id).in_(slot_ids)).values(as_of=as_of))


async def change_slots(
    session: AsyncSession, changed: Sequence[tuple[UUID, OutsideSlot]], *, values: Mapping[str, Any]
) -> None:
    """Write what is told of slots that we keep under the same name."""
    for slot_id, told in changed:
        new = {"ends_at": told.ends_at, "room": told.room, **values}
        await _run(session, update(SlotRow).where(col(SlotRow.id) == slot_id).values(**new))


async def withdraw_slots(session: AsyncSession, slot_ids: Sequence[UUID]) -> None:
    """Give slots out no more; `as_of` stays: then they were last seen."""
    if slot_ids:
        await _run(session, update(SlotRow).where(col(SlotRow.id).in_(slot_ids)).values(channels=0))


async def forget_names(session: AsyncSession, slot_ids: Sequence[UUID]) -> None:
    """Take from slots the names that the registry has given to other times."""
    if slot_ids:
        await _run(session, update(SlotRow).where(col(SlotRow.id).in_(slot_ids)).values(external_id=None))


async def rename_slots(
    session: AsyncSession, renamed: Sequence[tuple[UUID, OutsideSlot]], *, clinic_id: UUID, values: Mapping[str, Any]
) -> None:
    """Give slots out under the names by which their times are told now; not a name that the clinic's other slot has."""
    other = aliased(SlotRow)
    for slot_id, told in renamed:
        is_had = select(col(other.id)).where(
            col(other.clinic_id) == clinic_id, col(other.external_id) == told.external_id, col(other.id) != slot_id
        )
        new = {"external_id": told.external_id, "ends_at": told.ends_at, "room": told.room, **values}
        await _run(session, update(SlotRow).where(col(SlotRow.id) == slot_id, ~is_had.exists()).values(**new))


async def _add_reception(session: AsyncSession, post_id: UUID, day: date, one: Reception) -> UUID:
    schedule_id = uuid7()
    values = {"opens": one.opens, "closes": one.closes, "slot_minutes": one.slot_minutes}
    await _run(session, insert_into(session, ScheduleRow).values(id=schedule_id, post_id=post_id, day=day, **values))
    return schedule_id


async def _run(session: AsyncSession, statement: Executable) -> int:
    """Run a statement that writes; return how many rows it wrote."""
    result: CursorResult[Any] = await (await session.connection()).execute(statement)
    return result.rowcount
