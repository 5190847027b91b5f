"""All SQL about appointments and holds: every statement names the person, except those about a slot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Integer, Uuid, bindparam, func, select, tuple_, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import ACTIVE as ACTIVE_INDEX
from backend.booking.appointment_tables import AppointmentEventRow, AppointmentRow
from backend.booking.given_out import ACTIVE
from backend.booking.rows import APPOINTMENT, CLAIM, EVENT, fetch, join_slot_parts
from backend.booking.states import BOOKED_STATUSES, AppointmentStatus
from backend.booking.tables import SlotRow
from backend.booking.values import (
    Appointment,
    AppointmentEvent,
    AppointmentId,
    Claim,
    TimeKey,
)
from backend.inserts import insert_into
from backend.reading import Rows, Statement
from backend.sql_texts import among
from identity.principal import PersonId

_HISTORY = tuple(one for one in AppointmentStatus if one not in {AppointmentStatus.HELD, AppointmentStatus.RELEASED})
_start, _id = col(AppointmentRow.starts_at), col(AppointmentRow.id)
_OWN = col(AppointmentRow.person_id) == bindparam("person_id", type_=Uuid())
_KEY = tuple_(bindparam("after_start", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid()))
_LIMIT: BindParameter[int] = bindparam("limit", type_=Integer())

_OWN_CLAIM = CLAIM.select().where(_OWN)
_CLAIM_BY_ID = Statement(_OWN_CLAIM.where(_id == bindparam("id", type_=Uuid())), CLAIM)
_CLAIMS_AHEAD = Statement(
    _OWN_CLAIM.where(
        col(AppointmentRow.ends_at) > bindparam("now", type_=DateTime(timezone=True)),
        col(AppointmentRow.status).in_(ACTIVE),
    ),
    CLAIM,
)

APPOINTMENTS_OF_PERSON = join_slot_parts(
    APPOINTMENT.select().select_from(AppointmentRow).join(SlotRow, col(SlotRow.id) == col(AppointmentRow.slot_id))
).where(_OWN)
_BY_IDS = Statement(APPOINTMENTS_OF_PERSON.where(among(_id, "ids")), APPOINTMENT)
_UPCOMING = (
    APPOINTMENTS_OF_PERSON.where(
        col(AppointmentRow.status).in_(bindparam("booked", BOOKED_STATUSES, expanding=True, literal_execute=True)),
        col(AppointmentRow.ends_at) > bindparam("now", type_=DateTime(timezone=True)),
    )
    .order_by(_start, _id)
    .limit(_LIMIT)
)
_UPCOMING_FIRST = Statement(_UPCOMING, APPOINTMENT)
_UPCOMING_LATER = Statement(_UPCOMING.where(tuple_(_start, _id) > _KEY), APPOINTMENT)
_PAST_TOO = (
    APPOINTMENTS_OF_PERSON.where(col(AppointmentRow.status).in_(_HISTORY))
    .order_by(_start.desc(), _id.desc())
    .limit(_LIMIT)
)
_HISTORY_FIRST = Statement(_PAST_TOO, APPOINTMENT)
_HISTORY_LATER = Statement(_PAST_TOO.where(tuple_(_start, _id) < _KEY), APPOINTMENT)

_EVENTS = Statement(
    EVENT.select()
    .where(
        col(AppointmentEventRow.person_id) == bindparam("person_id", type_=Uuid()),
        among(col(AppointmentEventRow.appointment_id), "ids"),
    )
    .order_by(col(AppointmentEventRow.id)),
    EVENT,
)


async def lock_person(session: AsyncSession, person_id: PersonId) -> None:
    """Let one claim of a person be decided at a time; on SQLite writers already follow one another."""
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended(f"booking:{person_id}", 0)
        await fetch(session, select(func.pg_advisory_xact_lock(name)))


async def find_claim(rows: Rows, person_id: PersonId, appointment_id: UUID) -> Claim | None:
    """Return the person's own claim; another person's is None."""
    return await rows.row(_CLAIM_BY_ID, person_id=person_id, id=appointment_id)


async def claims_ahead(rows: Rows, person_id: PersonId, now: datetime) -> list[Claim]:
    """Return the person's active claims that are not over, in any order."""
    return await rows.rows(_CLAIMS_AHEAD, person_id=person_id, now=now)


async def insert_hold(session: AsyncSession, hold: AppointmentRow) -> bool:
    """Claim the slot of `hold`; return False, having written nothing, when the slot has an active claim (R53)."""
    claim = insert_into(session, AppointmentRow).values(hold.model_dump())
    claim = claim.on_conflict_do_nothing(index_elements=["slot_id"], index_where=ACTIVE_INDEX)
    return bool(await fetch(session, claim.returning(col(AppointmentRow.id))))


async def release_expired(session: AsyncSession, now: datetime, *, slot_id: UUID | None = None) -> int:
    """Release every hold that ended by `now` (of one slot, when given); return how many there were."""
    ended = update(AppointmentRow).where(
        col(AppointmentRow.status) == AppointmentStatus.HELD, col(AppointmentRow.hold_expires_at) <= now
    )
    if slot_id is not None:
        ended = ended.where(col(AppointmentRow.slot_id) == slot_id, col(AppointmentRow.status).in_(ACTIVE))
    return await _change(session, ended.values(status=AppointmentStatus.RELEASED))


async def change(session: AsyncSession, person_id: PersonId, appointment_id: UUID, **values: object) -> None:
    """Write columns of the person's own appointment, which exists."""
    own = col(AppointmentRow.person_id) == person_id, col(AppointmentRow.id) == appointment_id
    await _change(session, update(AppointmentRow).where(*own).values(**values))


async def _change(session: AsyncSession, statement: Any) -> int:
    return (await (await session.connection()).execute(statement)).rowcount


async def appointments_by_ids(rows: Rows, person_id: PersonId, ids: Sequence[UUID]) -> list[Appointment]:
    """Return the person's own appointments and holds among `ids`, in any order."""
    return await rows.rows(_BY_IDS, person_id=person_id, ids=ids)


async def events_of(
    rows: Rows, person_id: PersonId, ids: Sequence[AppointmentId]
) -> dict[AppointmentId, list[AppointmentEvent]]:
    """Return what happened to the person's own appointments, by id, each first to last."""
    told: dict[AppointmentId, list[AppointmentEvent]] = {one: [] for one in ids}
    for event in await rows.rows(_EVENTS, person_id=person_id, ids=ids):
        told[event.appointment_id].append(event)
    return told


async def upcoming(
    rows: Rows, person_id: PersonId, *, now: datetime, after: TimeKey | None, limit: int
) -> list[Appointment]:
    """Return at most `limit` confirmed appointments that are not over, soonest first."""
    if after is None:
        return await rows.rows(_UPCOMING_FIRST, person_id=person_id, now=now, limit=limit)
    return await rows.rows(_UPCOMING_LATER, person_id=person_id, now=now, limit=limit, **_behind(after))


async def history(rows: Rows, person_id: PersonId, *, after: TimeKey | None, limit: int) -> list[Appointment]:
    """Return at most `limit` appointments, given up ones too, latest first."""
    if after is None:
        return await rows.rows(_HISTORY_FIRST, person_id=person_id, limit=limit)
    return await rows.rows(_HISTORY_LATER, person_id=person_id, limit=limit, **_behind(after))


def _behind(after: TimeKey) -> dict[str, Any]:
    return {"after_start": after.starts_at, "after_id": after.id}
