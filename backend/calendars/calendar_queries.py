"""All SQL about feeds of calendars."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, DateTime, Integer, String, Uuid, bindparam, insert, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.rows import APPOINTMENT, join_slot_parts
from backend.booking.tables import SlotRow
from backend.booking.values import Appointment
from backend.calendars.events import SHOWN
from backend.calendars.tables import CalendarFeedRow
from backend.calendars.values import Detail, Feed, FeedId
from backend.reading import Rows, Statement
from backend.shapes import Shape
from identity.language import Language
from identity.principal import PersonId

_FEED = Shape(
    Feed,
    col(CalendarFeedRow.id),
    col(CalendarFeedRow.person_id),
    col(CalendarFeedRow.actor_id),
    col(CalendarFeedRow.detail),
    col(CalendarFeedRow.language),
    col(CalendarFeedRow.created_at),
    col(CalendarFeedRow.last_read_at),
)
_LIVE = _FEED.select().where(col(CalendarFeedRow.revoked_at).is_(None))
_OF_ACTOR = Statement(
    _LIVE.where(
        col(CalendarFeedRow.person_id) == bindparam("person_id", type_=Uuid()),
        col(CalendarFeedRow.actor_id) == bindparam("actor_id", type_=Uuid()),
    ),
    _FEED,
)
_BY_TOKEN = Statement(
    _LIVE.where(col(CalendarFeedRow.token_hash) == bindparam("token_hash", type_=String())),
    _FEED,
)
_LIMIT: BindParameter[int] = bindparam("limit", type_=Integer())
_start, _id = col(AppointmentRow.starts_at), col(AppointmentRow.id)
_SINCE = Statement(
    join_slot_parts(
        APPOINTMENT.select().select_from(AppointmentRow).join(SlotRow, col(SlotRow.id) == col(AppointmentRow.slot_id))
    )
    .where(
        col(AppointmentRow.person_id) == bindparam("person_id", type_=Uuid()),
        _start >= bindparam("since", type_=DateTime(timezone=True)),
        col(AppointmentRow.status).in_(SHOWN),
    )
    .order_by(_start.desc(), _id.desc())
    .limit(_LIMIT),
    APPOINTMENT,
)


async def feed_of(rows: Rows, person_id: PersonId, actor_id: UUID) -> Feed | None:
    """Return the open feed of a person's appointments that an actor has, or None."""
    return await rows.row(_OF_ACTOR, person_id=person_id, actor_id=actor_id)


async def feed_by_token(rows: Rows, token_hash: str) -> Feed | None:
    """Return the open feed behind the digest of an address, or None."""
    return await rows.row(_BY_TOKEN, token_hash=token_hash)


async def add_feed(session: AsyncSession, feed: Feed, *, token_hash: str) -> None:
    """Write a feed; whoever has one already must have closed it."""
    values = {
        "person_id": feed.person_id,
        "id": feed.id,
        "actor_id": feed.actor_id,
        "token_hash": token_hash,
        "detail": feed.detail,
        "language": feed.language,
        "created_at": feed.created_at,
    }
    await (await session.connection()).execute(insert(CalendarFeedRow).values(values))


async def close_feed(session: AsyncSession, person_id: PersonId, actor_id: UUID, *, now: datetime) -> bool:
    """Close the open feed of an actor; return whether there was one."""
    statement = update(CalendarFeedRow).where(*_own(person_id, actor_id)).values(revoked_at=now)
    return bool((await (await session.connection()).execute(statement)).rowcount)


async def set_detail(
    session: AsyncSession, person_id: PersonId, actor_id: UUID, *, detail: Detail, language: Language
) -> bool:
    """Say how much the open feed of an actor tells, and in which language; return whether there is one."""
    statement = update(CalendarFeedRow).where(*_own(person_id, actor_id)).values(detail=detail, language=language)
    return bool((await (await session.connection()).execute(statement)).rowcount)


async def note_reading(session: AsyncSession, feed_id: FeedId, person_id: PersonId, *, now: datetime) -> None:
    """Say when a feed was last read."""
    statement = (
        update(CalendarFeedRow)
        .where(col(CalendarFeedRow.person_id) == person_id, col(CalendarFeedRow.id) == feed_id)
        .values(last_read_at=now)
    )
    await (await session.connection()).execute(statement)


async def appointments_since(rows: Rows, person_id: PersonId, since: datetime, *, limit: int) -> Sequence[Appointment]:
    """Return at most `limit` appointments that begin at `since` or later, the latest first; no holds."""
    return await rows.rows(_SINCE, person_id=person_id, since=since, limit=limit)


def _own(person_id: PersonId, actor_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        col(CalendarFeedRow.person_id) == person_id,
        col(CalendarFeedRow.actor_id) == actor_id,
        col(CalendarFeedRow.revoked_at).is_(None),
    )
