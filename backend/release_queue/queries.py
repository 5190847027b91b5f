"""All SQL about a person's own places, as they see them, and about who competes in a queue."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.given_out import IS_FREE
from backend.booking.release_tables import ReleaseQueuePlaceRow, ReleaseQueueRow
from backend.booking.rows import CLINIC, DOCTOR, SPECIALTY
from backend.booking.states import BOOKED_STATUSES, COMPETING_PLACES
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    PostRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.turns import competes
from backend.reading import Rows, Statement, within
from backend.release_queue.release_queries import OF_POST, PARTICIPANTS, QUEUE
from backend.release_queue.values import Competitor, PlaceFacts, PlaceId, PostId, Queue, QueueId, Told
from backend.shapes import Shape
from identity.principal import PersonId

_NOW: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
_PERSON: BindParameter[UUID] = bindparam("person_id", type_=Uuid())
_QUEUE_ID: BindParameter[UUID] = bindparam("queue_id", type_=Uuid())
_queue, _place = ReleaseQueueRow, ReleaseQueuePlaceRow
_other = aliased(ReleaseQueuePlaceRow)

_AHEAD = (
    select(func.count())
    .select_from(_other)
    .where(
        col(_other.queue_id) == col(_place.queue_id),
        col(_other.place) < col(_place.place),
        competes(_other),
    )
    .correlate(_place)
    .scalar_subquery()
)
_FREE = (
    select(func.count())
    .select_from(SlotRow)
    .where(
        OF_POST,
        col(SlotRow.released_at) == col(_queue.released_at),
        col(SlotRow.starts_at) > _NOW,
        col(SlotRow.channels) != 0,
        IS_FREE,
    )
    .correlate(_queue, PostRow)
    .scalar_subquery()
)
_IS_FINAL = case((col(_place.state).in_(COMPETING_PLACES), 0), else_=1)


def _unless_final(count: Any) -> ColumnElement[int]:
    return case((col(_place.state).in_(COMPETING_PLACES), count), else_=0)


_TOLD = Shape(Told, DOCTOR, CLINIC, SPECIALTY)
_FACTS = Shape(
    PlaceFacts,
    col(_place.id),
    col(_place.person_id),
    QUEUE,
    _TOLD,
    col(_place.channel),
    col(_place.referral_id),
    col(_place.state),
    col(_place.place),
    col(_place.joined_at),
    col(_place.turn_until),
    col(_place.ended_at),
    _unless_final(_AHEAD),
    _unless_final(PARTICIPANTS),
    _unless_final(_FREE),
)
_PLACES = (
    _FACTS.select()
    .select_from(_place)
    .join(_queue, col(_queue.id) == col(_place.queue_id))
    .join(PostRow, col(PostRow.id) == col(_queue.post_id))
    .join(DoctorRow, col(DoctorRow.id) == col(PostRow.doctor_id))
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(PostRow.specialty_id))
    .where(col(_place.person_id) == _PERSON)
)
_SHOWN = Statement(
    _PLACES.where(
        or_(
            col(_place.state).in_(COMPETING_PLACES),
            col(_place.ended_at) > bindparam("since", type_=DateTime(timezone=True)),
        )
    )
    .order_by(_IS_FINAL, col(_place.id).desc())
    .limit(bindparam("limit", type_=Integer())),
    _FACTS,
)
_BY_ID = Statement(_PLACES.where(col(_place.id) == bindparam("id", type_=Uuid())), _FACTS)

_OWN = Shape(lambda queue_id, place_id: (queue_id, place_id), col(_place.queue_id), col(_place.id))
_COMPETING = Statement(
    _OWN.select()
    .select_from(_place)
    .join(_queue, col(_queue.id) == col(_place.queue_id))
    .where(
        col(_place.person_id) == _PERSON,
        competes(_place),
        col(_queue.ended_at).is_(None),
        col(_queue.ends_at) > _NOW,
    ),
    _OWN,
)

_OF_CHANNEL = (
    select(
        col(_place.id).label("id"),
        col(_place.person_id).label("person_id"),
        col(_place.channel).label("channel"),
        col(_place.state).label("state"),
        col(_place.place).label("place"),
        col(_place.turn_until).label("turn_until"),
        func.count().over(partition_by=col(_place.channel)).label("of_channel"),
        func.row_number()
        .over(partition_by=col(_place.channel), order_by=(col(_place.state).desc(), col(_place.place)))
        .label("number"),
    )
    .where(col(_place.queue_id) == _QUEUE_ID, col(_place.state).in_(COMPETING_PLACES))
    .subquery()
)
"""Of each channel those with a turn, then the others in order of place."""

_VISIT = (
    select(col(AppointmentRow.id))
    .where(
        col(AppointmentRow.person_id) == _OF_CHANNEL.c.person_id,
        col(AppointmentRow.specialty_id) == col(PostRow.specialty_id),
        col(AppointmentRow.status).in_(bindparam("booked", BOOKED_STATUSES, expanding=True, literal_execute=True)),
        col(AppointmentRow.ends_at) > _NOW,
    )
    .limit(1)
    .correlate(_OF_CHANNEL, PostRow)
    .scalar_subquery()
)
_COMPETITOR = Shape(
    Competitor,
    _OF_CHANNEL.c.id,
    _OF_CHANNEL.c.person_id,
    _OF_CHANNEL.c.channel,
    _OF_CHANNEL.c.state,
    _OF_CHANNEL.c.place,
    _OF_CHANNEL.c.turn_until,
    _VISIT,
    _OF_CHANNEL.c.of_channel,
)
_COMPETITORS = Statement(
    _COMPETITOR.select()
    .select_from(_OF_CHANNEL)
    .join(_queue, col(_queue.id) == _QUEUE_ID)
    .join(PostRow, col(PostRow.id) == col(_queue.post_id))
    .where(_OF_CHANNEL.c.number <= bindparam("limit", type_=Integer())),
    _COMPETITOR,
)
_ONE_QUEUE = QUEUE.select().where(
    col(_queue.post_id) == bindparam("post_id", type_=Uuid()),
    col(_queue.released_at) == bindparam("released_at", type_=DateTime(timezone=True)),
)
_QUEUE_OF = Statement(_ONE_QUEUE, QUEUE)
_LOCKED_QUEUE_OF = Statement(_ONE_QUEUE.with_for_update(), QUEUE)
_FREE_QUEUE_OF = Statement(_ONE_QUEUE.with_for_update(skip_locked=True), QUEUE)
_NOT_ENDED = aliased(ReleaseQueueRow)
_AT_WORK = Statement(
    QUEUE.select()
    .where(
        col(_queue.released_at) <= _NOW,
        col(_queue.id).in_(
            union(
                select(col(_NOT_ENDED.id)).where(col(_NOT_ENDED.ended_at).is_(None)),
                select(col(_place.queue_id)).where(col(_place.state).in_(COMPETING_PLACES)),
            )
        ),
    )
    .order_by(col(_queue.released_at), col(_queue.id)),
    QUEUE,
)
_TOLD_OF = Statement(
    _TOLD.select()
    .select_from(PostRow)
    .join(DoctorRow, col(DoctorRow.id) == col(PostRow.doctor_id))
    .join(ClinicRow, col(ClinicRow.id) == col(PostRow.clinic_id))
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(PostRow.specialty_id))
    .where(col(PostRow.id) == bindparam("post_id", type_=Uuid())),
    _TOLD,
)
_JOINED = Shape(lambda place_id, person_id: (place_id, person_id), col(_place.id), col(_place.person_id))
_UNDRAWN = Statement(
    _JOINED.select().where(
        and_(col(_place.queue_id) == _QUEUE_ID, col(_place.state).in_(COMPETING_PLACES), col(_place.place).is_(None))
    ),
    _JOINED,
)


async def shown(rows: Rows, person_id: PersonId, *, now: datetime, since: datetime, limit: int) -> list[PlaceFacts]:
    """Return the person's places that are open, then those that ended after `since`; the last joined of each first."""
    return await rows.rows(_SHOWN, person_id=person_id, now=now, since=since, limit=limit)


async def find_place(rows: Rows, person_id: PersonId, place_id: UUID, *, now: datetime) -> PlaceFacts | None:
    """Return the person's own place; another person's is None."""
    return await rows.row(_BY_ID, person_id=person_id, id=place_id, now=now)


async def competing(rows: Rows, person_id: PersonId, *, now: datetime) -> list[tuple[QueueId, PlaceId]]:
    """Return in which queues the person has a turn, or may get one, and their place there."""
    return await rows.rows(_COMPETING, person_id=person_id, now=now)


async def competitors(rows: Rows, queue_id: QueueId, *, now: datetime, limit: int) -> list[Competitor]:
    """Return of each channel at most `limit` who have a turn, written or open, or may get one; in any order.

    Those with a turn come before others, and these in order of place.
    """
    return await rows.rows(_COMPETITORS, queue_id=queue_id, now=now, limit=limit)


async def undrawn(rows: Rows, queue_id: QueueId) -> dict[PlaceId, PersonId]:
    """Return who has joined a queue and has no place yet."""
    return dict(await rows.rows(_UNDRAWN, queue_id=queue_id))


async def queue_of(rows: Rows, post_id: PostId, released_at: datetime) -> Queue | None:
    """Return the queue of a release; None until somebody has joined."""
    return await rows.row(_QUEUE_OF, post_id=post_id, released_at=released_at)


async def lock_queue_of(session: AsyncSession, post_id: PostId, released_at: datetime) -> Queue:
    """Let one change of a queue that exists be made at a time; return it as it stands under the lock."""
    return await within(session).scalar(_LOCKED_QUEUE_OF, post_id=post_id, released_at=released_at)


async def lock_if_free(session: AsyncSession, post_id: PostId, released_at: datetime) -> Queue | None:
    """Do the same, or return None where somebody changes the queue now."""
    return await within(session).row(_FREE_QUEUE_OF, post_id=post_id, released_at=released_at)


async def at_work(rows: Rows, *, now: datetime) -> list[Queue]:
    """Return the queues whose release has come and that have not ended, or not told everybody; by release."""
    return await rows.rows(_AT_WORK, now=now)


async def told_of(rows: Rows, post_id: PostId) -> Told:
    """Return whom and what the queues of a post are for."""
    return await rows.scalar(_TOLD_OF, post_id=post_id)
