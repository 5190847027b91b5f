"""All SQL of the inspection: reads by keyset, in chunks, over all people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Integer, Uuid, bindparam, func, select, tuple_
from sqlmodel import col

from backend.booking.appointment_tables import AppointmentEventRow, AppointmentRow
from backend.booking.given_out import ACTIVE
from backend.booking.inspection_rules import Happened, Inspected
from backend.booking.tables import SlotRow
from backend.reading import Rows, Statement
from backend.shapes import Shape
from backend.sql_texts import among

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class ActiveClaim:
    """A claim that keeps a slot."""

    slot_id: UUID
    id: UUID


_INSPECTED = Shape(
    Inspected,
    col(AppointmentRow.person_id),
    col(AppointmentRow.id),
    col(AppointmentRow.slot_id),
    col(AppointmentRow.specialty_id),
    col(AppointmentRow.starts_at),
    col(AppointmentRow.ends_at),
    col(AppointmentRow.status),
    col(AppointmentRow.created_at),
    col(AppointmentRow.hold_expires_at),
    col(AppointmentRow.replaces_id),
    col(AppointmentRow.referral_id),
    col(AppointmentRow.asked_at),
    col(SlotRow.specialty_id),
    col(SlotRow.starts_at),
    col(SlotRow.ends_at),
    col(SlotRow.channels),
)
_LIMIT: BindParameter[int] = bindparam("limit", type_=Integer())
_person, _start, _id = col(AppointmentRow.person_id), col(AppointmentRow.starts_at), col(AppointmentRow.id)
_BY_PERSON = Statement(
    _INSPECTED.select()
    .select_from(AppointmentRow)
    .join(SlotRow, col(SlotRow.id) == col(AppointmentRow.slot_id))
    .where(
        tuple_(_person, _start, _id)
        > tuple_(
            bindparam("after_person", type_=Uuid()),
            bindparam("after_start", type_=DateTime(timezone=True)),
            bindparam("after_id", type_=Uuid()),
        )
    )
    .order_by(_person, _start, _id)
    .limit(_LIMIT),
    _INSPECTED,
)

_CLAIM = Shape(ActiveClaim, col(AppointmentRow.slot_id), col(AppointmentRow.id))
_slot = col(AppointmentRow.slot_id)
_BY_SLOT = Statement(
    _CLAIM.select()
    .where(
        col(AppointmentRow.status).in_(ACTIVE),
        tuple_(_slot, _id) > tuple_(bindparam("after_slot", type_=Uuid()), bindparam("after_id", type_=Uuid())),
    )
    .order_by(_slot, _id)
    .limit(_LIMIT),
    _CLAIM,
)

_HAPPENED = Shape(
    Happened,
    col(AppointmentEventRow.appointment_id),
    col(AppointmentEventRow.id),
    col(AppointmentEventRow.kind),
    col(AppointmentEventRow.slot_id),
    col(AppointmentEventRow.from_slot_id),
)
_EVENTS = Statement(
    _HAPPENED.select()
    .where(
        among(col(AppointmentEventRow.person_id), "person_ids"),
        among(col(AppointmentEventRow.appointment_id), "appointment_ids"),
    )
    .order_by(col(AppointmentEventRow.appointment_id), col(AppointmentEventRow.id)),
    _HAPPENED,
)


def _one(value: datetime | None) -> datetime | None:
    return value


_SINCE = Shape(_one, func.min(col(AppointmentEventRow.at), type_=DateTime(timezone=True)))
_EVENTS_SINCE = Statement(_SINCE.select().select_from(AppointmentEventRow), _SINCE)


def _number(value: int) -> int:
    return value


_COUNT = Shape(_number, func.count(type_=Integer()))
_ALL = Statement(select(*_COUNT.columns).select_from(AppointmentRow), _COUNT)


async def count_appointments(rows: Rows) -> int:
    """Count every appointment and hold, of whatever state."""
    return await rows.scalar(_ALL)


async def events_since(rows: Rows) -> datetime | None:
    """Return when the first event was written, None while there is none."""
    return await rows.scalar(_EVENTS_SINCE)


async def by_person(rows: Rows, after: Inspected | None, *, nowhere: datetime) -> Sequence[Inspected]:
    """Return the next chunk of appointments, by person and start; `nowhere` is an instant before all of them."""
    place = (after.person_id, after.starts_at, after.id) if after else (UUID(int=0), nowhere, UUID(int=0))
    return await rows.rows(_BY_PERSON, after_person=place[0], after_start=place[1], after_id=place[2], limit=CHUNK)


async def active_by_slot(rows: Rows, after: ActiveClaim | None) -> Sequence[ActiveClaim]:
    """Return the next chunk of claims that keep a slot, by slot."""
    place = (after.slot_id, after.id) if after else (UUID(int=0), UUID(int=0))
    return await rows.rows(_BY_SLOT, after_slot=place[0], after_id=place[1], limit=CHUNK)


async def events_of(rows: Rows, appointments: Sequence[Inspected]) -> dict[UUID, list[Happened]]:
    """Return the events of appointments by id, in the order in which they happened."""
    found: dict[UUID, list[Happened]] = {one.id: [] for one in appointments}
    for event in await rows.rows(
        _EVENTS, person_ids=sorted({one.person_id for one in appointments}), appointment_ids=list(found)
    ):
        found[event.appointment_id].append(event)
    return found
