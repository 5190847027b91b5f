"""All SQL about what a range of a clinic's schedule holds, and about the free slots that may replace it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, DateTime, Integer, Uuid, bindparam, case, exists, func, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.given_out import ACTIVE
from backend.booking.rows import CLAIM, SLOT, SLOT_TIME, SLOTS
from backend.booking.states import BOOKED_STATUSES, AppointmentStatus
from backend.booking.tables import ClinicRow, SlotRow
from backend.booking.turns import IS_QUEUED_FOR
from backend.booking.values import AppointmentId, Channel, Claim, Registry, Slot, SpecialtyId
from backend.reading import Rows, Statement
from backend.reception.proposal_values import Affected, Range
from backend.shapes import AnySelect, Shape, alone
from backend.sql_texts import among
from identity.principal import PersonId

_start, _slot_id = col(SlotRow.starts_at), col(SlotRow.id)
_NOW: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
_LIMIT: BindParameter[int] = bindparam("limit", type_=Integer())

_CLAIMED = Shape(Affected, col(AppointmentRow.id), col(AppointmentRow.person_id), SLOT_TIME)
_IN_RANGE = (
    col(SlotRow.clinic_id) == bindparam("clinic_id", type_=Uuid()),
    _start >= bindparam("starts_from", type_=DateTime(timezone=True)),
    _start < bindparam("starts_before", type_=DateTime(timezone=True)),
    _start > _NOW,
)
_OF_DOCTOR = col(SlotRow.doctor_id) == bindparam("doctor_id", type_=Uuid())
_BOOKED = col(AppointmentRow.status).in_(bindparam("booked", BOOKED_STATUSES, expanding=True, literal_execute=True))
_HELD = (col(AppointmentRow.status) == AppointmentStatus.HELD) & (col(AppointmentRow.hold_expires_at) > _NOW)
_CLAIMS = (
    _CLAIMED.select()
    .select_from(SlotRow)
    .join(AppointmentRow, col(AppointmentRow.slot_id) == _slot_id)
    .where(*_IN_RANGE)
    .order_by(_start, col(AppointmentRow.id))
)
_BOOKED_IN = _CLAIMS.where(_BOOKED)
_HELD_IN = _CLAIMS.where(_HELD)
_IS_FREE = ~exists().where(
    col(AppointmentRow.slot_id) == _slot_id,
    col(AppointmentRow.status).in_(ACTIVE),
    (col(AppointmentRow.status) != AppointmentStatus.HELD) | (col(AppointmentRow.hold_expires_at) > _NOW),
).correlate(SlotRow)
_COUNT = alone(func.count(_slot_id))
_FREE_IN = _COUNT.select().where(*_IN_RANGE, col(SlotRow.channels) != 0, _IS_FREE)


def _both(query: AnySelect, shape: Shape[Any]) -> dict[bool, Statement[Any]]:
    """Return the statement of a whole clinic, and that of one doctor."""
    return {False: Statement(query, shape), True: Statement(query.where(_OF_DOCTOR), shape)}


_BOOKED_OF, _HELD_OF, _FREE_OF = _both(_BOOKED_IN, _CLAIMED), _both(_HELD_IN, _CLAIMED), _both(_FREE_IN, _COUNT)

_near = case(
    (col(SlotRow.clinic_id) == bindparam("clinic_id", type_=Uuid()), 0),
    (col(ClinicRow.town) == bindparam("town"), 1),
    else_=2,
)
_REPLACING = SLOTS.where(
    col(SlotRow.specialty_id) == bindparam("specialty_id", type_=Uuid()),
    _start > bindparam("since", type_=DateTime(timezone=True)),
    _start <= bindparam("until", type_=DateTime(timezone=True)),
    col(SlotRow.channels).bitwise_and(bindparam("channel", type_=Integer())) != 0,
    col(SlotRow.released_at).is_(None) | (col(SlotRow.released_at) <= _NOW),
    col(ClinicRow.kept_by) == bindparam("own", Registry.OWN, literal_execute=True),
    _IS_FREE,
    ~IS_QUEUED_FOR,
)
_MIDDLE: BindParameter[datetime] = bindparam("middle", type_=DateTime(timezone=True))
_AFTER = Statement(_REPLACING.where(_start >= _MIDDLE).order_by(_near, _start, _slot_id).limit(_LIMIT), SLOT)
_BEFORE = Statement(
    _REPLACING.where(_start < _MIDDLE).order_by(_near, _start.desc(), _slot_id.desc()).limit(_LIMIT), SLOT
)


def _owned(person_id: PersonId, claim: Claim) -> tuple[PersonId, Claim]:
    return person_id, claim


_OWNED = Shape(_owned, col(AppointmentRow.person_id), CLAIM)
_BUSY = Statement(
    _OWNED.select().where(
        among(col(AppointmentRow.person_id), "person_ids"),
        col(AppointmentRow.ends_at) > _NOW,
        col(AppointmentRow.status).in_(ACTIVE),
    ),
    _OWNED,
)


def _range(of: Range, now: datetime) -> dict[str, Any]:
    asked = {"clinic_id": of.clinic_id, "starts_from": of.starts_from, "starts_before": of.starts_before, "now": now}
    return asked if of.doctor_id is None else {**asked, "doctor_id": of.doctor_id}


async def booked_in(rows: Rows, of: Range, *, now: datetime) -> list[Affected]:
    """Return the appointments of a range that have not begun, by start."""
    found: list[Affected] = await rows.rows(_BOOKED_OF[of.doctor_id is not None], **_range(of, now))
    return found


async def held_in(rows: Rows, of: Range, *, now: datetime) -> list[Affected]:
    """Return the holds of a range that have not ended, by start."""
    found: list[Affected] = await rows.rows(_HELD_OF[of.doctor_id is not None], **_range(of, now))
    return found


async def free_in(rows: Rows, of: Range, *, now: datetime) -> int:
    """Return how many slots of a range are given out and nobody has."""
    count: int = await rows.scalar(_FREE_OF[of.doctor_id is not None], **_range(of, now))
    return count


async def free_slots(
    rows: Rows,
    of: Range,
    specialty_id: SpecialtyId,
    *,
    town: str,
    now: datetime,
    since: datetime,
    until: datetime,
    limit: int,
) -> list[Slot]:
    """Return free slots of a specialty in our own registry round a range and outside it, in any order.

    Returns:
        At most `limit` that begin before the range does and `limit` that begin later, those of the same clinic before
        those of the town, and these before others.
    """
    asked: dict[str, Any] = {"clinic_id": of.clinic_id, "specialty_id": specialty_id, "town": town, "now": now}
    asked |= {"since": since, "until": until, "channel": Channel.REGISTRY.bit, "middle": of.starts_from}
    found = [*await rows.rows(_AFTER, **asked, limit=limit), *await rows.rows(_BEFORE, **asked, limit=limit)]
    return [one for one in found if not _is_cancelled(one, of)]


def _is_cancelled(slot: Slot, of: Range) -> bool:
    in_place = slot.clinic.id == of.clinic_id and of.doctor_id in {None, slot.doctor.id}
    return in_place and of.starts_from <= slot.starts_at < of.starts_before


async def busy(rows: Rows, person_ids: Iterable[PersonId], *, now: datetime) -> dict[PersonId, list[Claim]]:
    """Return the active claims of each person that are not over."""
    claims: dict[PersonId, list[Claim]] = {one: [] for one in person_ids}
    for person_id, claim in await rows.rows(_BUSY, person_ids=list(claims), now=now):
        claims[person_id].append(claim)
    return claims


async def release_holds(session: AsyncSession, holds: Sequence[AppointmentId]) -> None:
    """Release holds whose slots are locked."""
    for place in range(0, len(holds), 500):
        chunk = holds[place : place + 500]
        held = col(AppointmentRow.id).in_(chunk), col(AppointmentRow.status) == AppointmentStatus.HELD
        released = update(AppointmentRow).where(*held).values(status=AppointmentStatus.RELEASED)
        await (await session.connection()).execute(released)
