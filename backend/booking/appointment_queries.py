"""All SQL about appointments and holds: every statement names the person, except those about a slot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, func, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.rows import SLOT, AnySelect, SlotReader, fetch, join_slot_parts
from backend.booking.slot_queries import ACTIVE
from backend.booking.tables import ACTIVE as ACTIVE_INDEX
from backend.booking.tables import AppointmentRow, SlotRow
from backend.booking.values import Appointment, AppointmentStatus, Claim, TimeKey
from identity.principal import PersonId

_CLAIM = (
    col(AppointmentRow.id),
    col(AppointmentRow.slot_id),
    col(AppointmentRow.specialty_id),
    col(AppointmentRow.status),
    col(AppointmentRow.channel),
    col(AppointmentRow.starts_at),
    col(AppointmentRow.ends_at),
    col(AppointmentRow.hold_expires_at),
)
_OWN = (
    col(AppointmentRow.id),
    col(AppointmentRow.person_id),
    col(AppointmentRow.actor_id),
    col(AppointmentRow.status),
    col(AppointmentRow.channel),
    col(AppointmentRow.created_at),
    col(AppointmentRow.hold_expires_at),
    col(AppointmentRow.confirmed_at),
    col(AppointmentRow.cancelled_at),
    col(AppointmentRow.cancel_reason),
    col(AppointmentRow.cancelled_by),
)
_APPOINTMENTS = join_slot_parts(
    select(*_OWN, *SLOT).select_from(AppointmentRow).join(SlotRow, col(SlotRow.id) == col(AppointmentRow.slot_id))
)
_SHOWN = (AppointmentStatus.CONFIRMED, AppointmentStatus.CANCELLED)


async def lock_person(session: AsyncSession, person_id: PersonId) -> None:
    """Let one claim of a person be decided at a time; on SQLite writers already follow one another."""
    if session.get_bind().dialect.name == "postgresql":
        name = func.hashtextextended(f"booking:{person_id}", 0)
        await fetch(session, select(func.pg_advisory_xact_lock(name)))


async def find_claim(session: AsyncSession, person_id: PersonId, appointment_id: UUID) -> Claim | None:
    """Return the person's own claim; another person's is None."""
    own = col(AppointmentRow.person_id) == person_id, col(AppointmentRow.id) == appointment_id
    found = await fetch(session, select(*_CLAIM).where(*own))
    return Claim(*found[0]) if found else None


async def claims_ahead(session: AsyncSession, person_id: PersonId, now: datetime) -> list[Claim]:
    """Return the person's active claims that are not over, in any order."""
    ahead = (
        col(AppointmentRow.person_id) == person_id,
        col(AppointmentRow.ends_at) > now,
        col(AppointmentRow.status).in_(ACTIVE),
    )
    return [Claim(*row) for row in await fetch(session, select(*_CLAIM).where(*ahead))]


async def insert_hold(session: AsyncSession, hold: AppointmentRow) -> bool:
    """Claim the slot of `hold`; return False, having written nothing, when the slot has an active claim (R53)."""
    values = hold.model_dump()
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    claim = dialect.insert(AppointmentRow).values(**values)
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


async def appointments_by_ids(session: AsyncSession, person_id: PersonId, ids: Sequence[UUID]) -> list[Appointment]:
    """Return the person's own appointments and holds among `ids`, in any order."""
    own = col(AppointmentRow.person_id) == person_id, col(AppointmentRow.id).in_(ids)
    return await _read(session, _APPOINTMENTS.where(*own))


async def upcoming(
    session: AsyncSession, person_id: PersonId, *, now: datetime, after: TimeKey | None, limit: int
) -> list[Appointment]:
    """Return at most `limit` confirmed appointments that are not over, soonest first."""
    start, row_id = col(AppointmentRow.starts_at), col(AppointmentRow.id)
    statement = _APPOINTMENTS.where(
        col(AppointmentRow.person_id) == person_id,
        col(AppointmentRow.status) == AppointmentStatus.CONFIRMED,
        col(AppointmentRow.ends_at) > now,
    )
    if after is not None:
        statement = statement.where(tuple_(start, row_id) > _key(after))
    return await _read(session, statement.order_by(start, row_id).limit(limit))


async def history(
    session: AsyncSession, person_id: PersonId, *, after: TimeKey | None, limit: int
) -> list[Appointment]:
    """Return at most `limit` appointments, given up ones too, latest first."""
    start, row_id = col(AppointmentRow.starts_at), col(AppointmentRow.id)
    statement = _APPOINTMENTS.where(col(AppointmentRow.person_id) == person_id, col(AppointmentRow.status).in_(_SHOWN))
    if after is not None:
        statement = statement.where(tuple_(start, row_id) < _key(after))
    return await _read(session, statement.order_by(start.desc(), row_id.desc()).limit(limit))


def _key(after: TimeKey) -> Any:
    return tuple_(literal(after.starts_at, DateTime(timezone=True)), literal(after.id, Uuid()))


async def _read(session: AsyncSession, statement: AnySelect) -> list[Appointment]:
    reader = SlotReader()
    return [_appointment(row, reader) for row in await fetch(session, statement)]


def _appointment(row: Sequence[Any], reader: SlotReader) -> Appointment:
    return Appointment(row[0], row[1], row[2], reader.slot(row[len(_OWN) :]), *row[3 : len(_OWN)])
