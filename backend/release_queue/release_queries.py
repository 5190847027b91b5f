"""All SQL about what a post gives out from one instant on."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Integer, Uuid, and_, bindparam, exists, func, select
from sqlmodel import col

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.eligibility_queries import PLACE_TERMS
from backend.booking.given_out import ACTIVE, HAS_QUOTA, IS_FREE, IS_OFFERED, keeps
from backend.booking.release_tables import ReleaseQueuePlaceRow, ReleaseQueueRow
from backend.booking.rows import CLINIC, DOCTOR, SLOT, SLOT_TIME, SLOTS, SPECIALTY
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    ScheduleQuotaRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.turns import competes
from backend.booking.values import Channel, DoctorId, Registry, Slot
from backend.reading import Rows, Statement
from backend.release_queue.values import Post, PostId, Queue, Release, ReleasedSlot, Share
from backend.shapes import Shape
from backend.sql_texts import among

_NOW: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
_RELEASED_AT: BindParameter[datetime] = bindparam("released_at", type_=DateTime(timezone=True))
_POST_ID: BindParameter[UUID] = bindparam("post_id", type_=Uuid())
_queue, _place = ReleaseQueueRow, ReleaseQueuePlaceRow

_POST = Shape(Post, col(PostRow.id), col(PostRow.doctor_id), col(PostRow.releases_by_queue), PLACE_TERMS)
_POST_BY_ID = Statement(
    _POST.select()
    .select_from(PostRow)
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(PostRow.specialty_id))
    .where(col(PostRow.id) == _POST_ID),
    _POST,
)

OF_POST = and_(
    col(SlotRow.doctor_id) == col(PostRow.doctor_id),
    col(SlotRow.clinic_id) == col(PostRow.clinic_id),
    col(SlotRow.specialty_id) == col(PostRow.specialty_id),
)
"""The slot is one of the post: a doctor has one post of a specialty in a clinic."""

_OF_RELEASE = (
    col(PostRow.id) == _POST_ID,
    col(SlotRow.released_at) == _RELEASED_AT,
    col(SlotRow.starts_at) > _RELEASED_AT,
)
_SLOT = Shape(ReleasedSlot, SLOT_TIME, col(AppointmentRow.status), col(AppointmentRow.hold_expires_at))
_SLOTS_OF = Statement(
    _SLOT.select()
    .select_from(PostRow)
    .join(SlotRow, OF_POST)
    .outerjoin(
        AppointmentRow, and_(col(AppointmentRow.slot_id) == col(SlotRow.id), col(AppointmentRow.status).in_(ACTIVE))
    )
    .where(*_OF_RELEASE),
    _SLOT,
)
_FREE_FOR = Statement(
    SLOTS.join(PostRow, OF_POST)
    .where(
        *_OF_RELEASE,
        col(SlotRow.starts_at) > _NOW,
        col(SlotRow.starts_at) <= bindparam("until", type_=DateTime(timezone=True)),
        IS_OFFERED,
        IS_FREE,
        HAS_QUOTA,
    )
    .order_by(col(SlotRow.starts_at), col(SlotRow.id)),
    SLOT,
)

_GIVEN = (
    select(func.count())
    .select_from(SlotRow)
    .join(AppointmentRow, col(AppointmentRow.slot_id) == col(SlotRow.id))
    .where(
        col(SlotRow.schedule_id) == col(ScheduleQuotaRow.schedule_id),
        col(AppointmentRow.channel) == col(ScheduleQuotaRow.channel),
        keeps(AppointmentRow),
    )
    .correlate(ScheduleQuotaRow)
    .scalar_subquery()
)


def _share(schedule_id: UUID, channel: Channel, most: int, given: int) -> Share:
    return Share(schedule_id, channel, most - given)


_SHARE = Shape(
    _share, col(ScheduleQuotaRow.schedule_id), col(ScheduleQuotaRow.channel), col(ScheduleQuotaRow.most), _GIVEN
)
_SHARES = Statement(_SHARE.select().where(among(col(ScheduleQuotaRow.schedule_id), "schedule_ids")), _SHARE)

QUEUE = Shape(
    Queue,
    col(_queue.id),
    col(_queue.post_id),
    col(_queue.released_at),
    col(_queue.ends_at),
    col(_queue.drawn_at),
    col(_queue.ended_at),
)

PARTICIPANTS = (
    select(func.count())
    .select_from(_place)
    .where(
        col(_place.queue_id) == col(_queue.id),
        competes(_place),
        col(_queue.ended_at).is_(None),
        col(_queue.ends_at) > _NOW,
    )
    .correlate(_queue)
    .scalar_subquery()
)
"""How many compete in the queue, which stands or is to come."""

_IS_JOINED = (
    exists()
    .where(
        col(_queue.post_id) == col(PostRow.id),
        col(_queue.released_at) == col(SlotRow.released_at),
        col(_queue.ended_at).is_(None),
    )
    .correlate(PostRow, SlotRow)
)
"""Somebody has joined: switched off, the queue goes on to its end."""

_KEPT = and_(col(AppointmentRow.slot_id) == col(SlotRow.id), keeps(AppointmentRow))
_GROUPS = (
    select(
        col(PostRow.id).label("post_id"),
        col(SlotRow.released_at).label("released_at"),
        func.count(col(SlotRow.id)).label("slots"),
        func.count(col(AppointmentRow.id)).label("kept"),
    )
    .select_from(PostRow)
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .join(SlotRow, OF_POST)
    .outerjoin(AppointmentRow, _KEPT)
    .where(
        col(PostRow.doctor_id) == bindparam("doctor_id", type_=Uuid()),
        col(PostRow.releases_by_queue) | _IS_JOINED,
        col(ClinicRow.kept_by) == Registry.OWN,
        col(SlotRow.released_at) > bindparam("since", type_=DateTime(timezone=True)),
        col(SlotRow.starts_at) > _NOW,
        col(SlotRow.channels) != 0,
    )
    .group_by(col(PostRow.id), col(SlotRow.released_at))
    .subquery()
)
_RELEASE = Shape(
    Release,
    _GROUPS.c.post_id,
    _GROUPS.c.released_at,
    DOCTOR,
    CLINIC,
    SPECIALTY,
    _GROUPS.c.slots,
    (_GROUPS.c.slots - _GROUPS.c.kept).label("free"),
    PARTICIPANTS,
    col(_queue.ended_at),
)
_RELEASES = Statement(
    _RELEASE.select()
    .select_from(_GROUPS)
    .join(PostRow, col(PostRow.id) == _GROUPS.c.post_id)
    .join(DoctorRow, col(DoctorRow.id) == col(PostRow.doctor_id))
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(PostRow.specialty_id))
    .outerjoin(_queue, and_(col(_queue.post_id) == _GROUPS.c.post_id, col(_queue.released_at) == _GROUPS.c.released_at))
    .order_by(_GROUPS.c.released_at, _GROUPS.c.post_id)
    .limit(bindparam("limit", type_=Integer())),
    _RELEASE,
)


async def find_post(rows: Rows, post_id: UUID) -> Post | None:
    """Return a place of work as joining sees it."""
    return await rows.row(_POST_BY_ID, post_id=post_id)


async def slots_of(rows: Rows, post_id: PostId, released_at: datetime) -> list[ReleasedSlot]:
    """Return every slot of a release with its active claim, in any order."""
    return await rows.rows(_SLOTS_OF, post_id=post_id, released_at=released_at)


async def free_for(
    rows: Rows, post_id: PostId, released_at: datetime, channel: Channel, *, now: datetime, until: datetime
) -> list[Slot]:
    """Return the slots of a release that a channel gives out now, by start."""
    asked = {"channel": channel.bit, "through": channel, "now": now, "until": until}
    return await rows.rows(_FREE_FOR, post_id=post_id, released_at=released_at, **asked)


async def shares_of(rows: Rows, slots: Sequence[ReleasedSlot], *, now: datetime) -> list[Share]:
    """Return what is left of the shares that limit channels in the receptions of some slots."""
    schedules = sorted({one.time.schedule_id for one in slots})
    return await rows.rows(_SHARES, schedule_ids=schedules, now=now) if schedules else []


async def releases_of(rows: Rows, doctor_id: DoctorId, *, now: datetime, since: datetime, limit: int) -> list[Release]:
    """Return what a doctor gives out by queue from after `since` on, the soonest first."""
    asked = {"doctor_id": doctor_id, "since": since, "now": now}
    return await rows.rows(_RELEASES, **asked, limit=limit)
