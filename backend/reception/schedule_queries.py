"""All SQL about templates, and about the slots that are made of them."""

from collections.abc import Sequence
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Uuid, bindparam, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession
from uuid_utils.compat import uuid7

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.rows import fetch
from backend.booking.states import ACTIVE_STATUSES, AppointmentStatus
from backend.booking.tables import (
    DoctorRow,
    PostRow,
    ScheduleQuotaRow,
    ScheduleRow,
    SlotRow,
)
from backend.booking.values import Channel, SlotId, channel_mask
from backend.inserts import insert_into
from backend.reading import Rows, Statement
from backend.reception.tables import ScheduleTemplateRow
from backend.reception.values import DeskPost, PlannedReception, ReceptionPlan, Release, StoredTemplate, Template
from backend.shapes import Shape

_POST: BindParameter[UUID] = bindparam("post_id", type_=Uuid())
_start, _end = col(SlotRow.starts_at), col(SlotRow.ends_at)


def _time_of(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _minutes_of(one: time) -> int:
    return one.hour * 60 + one.minute


def _stored(  # noqa: PLR0917 # a column each, by their place
    id: UUID,  # noqa: A002 # the column's name
    post_id: UUID,
    weekday: int,
    opens: int,
    closes: int,
    slot_minutes: int,
    channels: int,
    quotas: dict[str, int],
    release_days: int | None,
    release_minute: int | None,
    valid_from: date,
    valid_to: date | None,
) -> StoredTemplate:
    released = None
    if release_days is not None and release_minute is not None:
        released = Release(release_days, _time_of(release_minute))
    template = Template(
        weekday=weekday,
        opens=_time_of(opens),
        closes=_time_of(closes),
        slot_minutes=slot_minutes,
        channels=frozenset(channel for channel in Channel if channels & channel.bit),
        quotas={Channel(channel): most for channel, most in quotas.items()},
        release=released,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return StoredTemplate(id, post_id, template)  # type: ignore[arg-type] # ids are typed where they are shown


_TEMPLATE = Shape(
    _stored,
    col(ScheduleTemplateRow.id),
    col(ScheduleTemplateRow.post_id),
    col(ScheduleTemplateRow.weekday),
    col(ScheduleTemplateRow.opens),
    col(ScheduleTemplateRow.closes),
    col(ScheduleTemplateRow.slot_minutes),
    col(ScheduleTemplateRow.channels),
    col(ScheduleTemplateRow.quotas),
    col(ScheduleTemplateRow.release_days),
    col(ScheduleTemplateRow.release_minute),
    col(ScheduleTemplateRow.valid_from),
    col(ScheduleTemplateRow.valid_to),
)
_TEMPLATES = Statement(
    _TEMPLATE.select()
    .where(col(ScheduleTemplateRow.post_id) == _POST)
    .order_by(col(ScheduleTemplateRow.weekday), col(ScheduleTemplateRow.opens), col(ScheduleTemplateRow.id)),
    _TEMPLATE,
)
_TEMPLATE_BY_ID = Statement(
    _TEMPLATE.select().where(col(ScheduleTemplateRow.id) == bindparam("id", type_=Uuid())), _TEMPLATE
)


def _times(starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    return starts_at, ends_at


_TIMES = Shape(_times, _start, _end)
_TAKEN = Statement(
    _TIMES.select().where(
        col(SlotRow.doctor_id) == bindparam("doctor_id", type_=Uuid()),
        bindparam("starts_from", type_=DateTime(timezone=True)) < _end,
        bindparam("starts_before", type_=DateTime(timezone=True)) > _start,
    ),
    _TIMES,
)


async def templates_of(rows: Rows, post_id: UUID) -> list[StoredTemplate]:
    """Return every template of a post, by weekday and hour."""
    return await rows.rows(_TEMPLATES, post_id=post_id)


async def find_template(rows: Rows, template_id: UUID) -> StoredTemplate | None:
    """Return a template of whatever clinic."""
    return await rows.row(_TEMPLATE_BY_ID, id=template_id)


async def taken_by_doctor(
    rows: Rows, doctor_id: UUID, *, starts_from: datetime, starts_before: datetime
) -> list[tuple[datetime, datetime]]:
    """Return start and end of the doctor's slots that share a moment with the range, in any order."""
    return await rows.rows(_TAKEN, doctor_id=doctor_id, starts_from=starts_from, starts_before=starts_before)


async def lock_doctor(session: AsyncSession, doctor_id: UUID) -> None:
    """Let one schedule of a doctor be changed at a time; on SQLite writers already follow one another."""
    await fetch(
        session, select(col(DoctorRow.id)).where(col(DoctorRow.id) == doctor_id).with_for_update(key_share=True)
    )


async def add_template(session: AsyncSession, post_id: UUID, template: Template, *, now: datetime) -> UUID:
    """Store a template; return its id."""
    released = template.release
    row = ScheduleTemplateRow(
        post_id=post_id,
        weekday=template.weekday,
        opens=_minutes_of(template.opens),
        closes=_minutes_of(template.closes),
        slot_minutes=template.slot_minutes,
        channels=channel_mask(sorted(template.channels)),
        quotas={channel.value: most for channel, most in template.quotas.items()},
        release_days=released.days_before if released else None,
        release_minute=_minutes_of(released.at) if released else None,
        valid_from=template.valid_from,
        valid_to=template.valid_to,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row.id


async def end_template(session: AsyncSession, template_id: UUID, last: date) -> None:
    """Let a template make nothing after `last`."""
    ended = update(ScheduleTemplateRow).where(col(ScheduleTemplateRow.id) == template_id).values(valid_to=last)
    await (await session.connection()).execute(ended)


async def add_reception(session: AsyncSession, post: DeskPost, plan: ReceptionPlan) -> int:
    """Store what is new of a reception; return how many slots that is."""
    if not plan.made:
        return 0
    schedule_id = await _schedule_of(session, post, plan.reception)
    one = plan.reception
    rows = [
        {
            "id": uuid7(),
            "schedule_id": schedule_id,
            "clinic_id": post.clinic_id,
            "doctor_id": post.doctor_id,
            "specialty_id": post.specialty_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "room": post.room,
            "channels": one.channels,
            "released_at": one.released_at,
        }
        for starts_at, ends_at in plan.made
    ]
    adding = insert_into(session, SlotRow).on_conflict_do_nothing(index_elements=["doctor_id", "starts_at"])
    await (await session.connection()).execute(adding, rows)
    return len(rows)


async def _schedule_of(session: AsyncSession, post: DeskPost, one: PlannedReception) -> UUID:
    """Return the id of a reception, which is stored with its shares unless it is there."""
    connection = await session.connection()
    row = ScheduleRow(post_id=post.id, day=one.day, opens=one.opens, closes=one.closes, slot_minutes=one.slot_minutes)
    adding = insert_into(session, ScheduleRow).on_conflict_do_nothing(index_elements=["post_id", "day", "opens"])
    added = await connection.execute(adding.returning(col(ScheduleRow.id)), row.model_dump())
    if added.scalar_one_or_none() is None:
        same = (
            col(ScheduleRow.post_id) == post.id,
            col(ScheduleRow.day) == one.day,
            col(ScheduleRow.opens) == one.opens,
        )
        return UUID(str((await fetch(session, select(col(ScheduleRow.id)).where(*same)))[0][0]))
    if one.quotas:
        shares = [
            {"schedule_id": row.id, "channel": channel, "most": most} for channel, most in sorted(one.quotas.items())
        ]
        await connection.execute(insert_into(session, ScheduleQuotaRow), shares)
    return row.id


async def lock_slots(
    session: AsyncSession,
    *,
    clinic_id: UUID,
    doctor_id: UUID | None,
    starts_from: datetime,
    starts_before: datetime,
    post_id: UUID | None = None,
) -> list[SlotId]:
    """Lock the slots of a range, withdrawn ones too, in the order of their ids; return them.

    Nobody can claim one of them until the transaction ends, nor change a claim of it (R54).
    """
    wanted = (
        select(col(SlotRow.id))
        .where(
            col(SlotRow.clinic_id) == clinic_id,
            _start >= starts_from,
            _start < starts_before,
        )
        .order_by(col(SlotRow.id))
        .with_for_update(key_share=True)
    )
    if doctor_id is not None:
        wanted = wanted.where(col(SlotRow.doctor_id) == doctor_id)
    if post_id is not None:
        of_post = select(col(ScheduleRow.id)).where(col(ScheduleRow.post_id) == post_id)
        wanted = wanted.where(col(SlotRow.schedule_id).in_(of_post))
    return [SlotId(row[0]) for row in await fetch(session, wanted)]


async def claimed_among(session: AsyncSession, slot_ids: Sequence[SlotId], *, now: datetime) -> set[SlotId]:
    """Return those of the slots that somebody keeps; a hold ends by the clock itself."""
    claimed: set[SlotId] = set()
    for chunk in _chunks(slot_ids):
        wanted = select(col(AppointmentRow.slot_id)).where(
            col(AppointmentRow.slot_id).in_(chunk),
            col(AppointmentRow.status).in_(ACTIVE_STATUSES),
            (col(AppointmentRow.status) != AppointmentStatus.HELD) | (col(AppointmentRow.hold_expires_at) > now),
        )
        claimed.update(SlotId(row[0]) for row in await fetch(session, wanted))
    return claimed


async def withdraw(session: AsyncSession, slot_ids: Sequence[SlotId]) -> int:
    """Give these slots out no more, through any channel; what people have of them they keep.

    Returns:
        How many were given out until now.
    """
    withdrawn = 0
    for chunk in _chunks(slot_ids):
        given_out = col(SlotRow.id).in_(chunk), col(SlotRow.channels) != 0
        done = await (await session.connection()).execute(update(SlotRow).where(*given_out).values(channels=0))
        withdrawn += done.rowcount
    return withdrawn


_CHUNK = 500


def _chunks(ids: Sequence[SlotId]) -> list[Sequence[SlotId]]:
    return [ids[place : place + _CHUNK] for place in range(0, len(ids), _CHUNK)]


async def set_release_queue(session: AsyncSession, post_id: UUID, *, is_on: bool) -> None:
    """Write whether people queue for what a post begins to give out."""
    changed = update(PostRow).where(col(PostRow.id) == post_id).values(releases_by_queue=is_on)
    await (await session.connection()).execute(changed)
