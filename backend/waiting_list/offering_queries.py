"""All SQL of the offering: which slots are free that somebody waits for, and who waits for them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Integer, Uuid, and_, bindparam, exists, func, or_, select, tuple_
from sqlmodel import col

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.given_out import IS_FREE
from backend.booking.states import BOOKED_STATUSES, AppointmentStatus
from backend.booking.tables import ClinicRow, SlotRow
from backend.booking.turns import IS_QUEUED_FOR
from backend.booking.values import (
    Registry,
    SlotId,
    SpecialtyId,
    TimeKey,
)
from backend.reading import Rows, Statement
from backend.shapes import Shape, alone
from backend.sql_texts import among
from backend.waiting_list.queries import WINDOW
from backend.waiting_list.tables import WaitingListClinicRow, WaitingListEntryRow, WaitingListOfferRow
from backend.waiting_list.values import EntryId, EntryState, FreeSlot, OfferOutcome, OpenOffer, Waiting

_NOW: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
_start, _slot_id = col(SlotRow.starts_at), col(SlotRow.id)
_entry, _clinic, _offer = WaitingListEntryRow, WaitingListClinicRow, WaitingListOfferRow

_BOOKED_OTHERWISE = exists().where(
    col(AppointmentRow.person_id) == col(_entry.person_id),
    col(AppointmentRow.specialty_id) == col(_entry.specialty_id),
    col(AppointmentRow.status).in_(bindparam("booked", BOOKED_STATUSES, expanding=True, literal_execute=True)),
    col(AppointmentRow.ends_at) > _NOW,
)
_WAITS = (col(_entry.state) == EntryState.WAITING, col(_entry.ends_at) > _NOW)
_OF_ENTRY = and_(col(_clinic.person_id) == col(_entry.person_id), col(_clinic.entry_id) == col(_entry.id))

_WISHES = (
    select(
        col(_entry.specialty_id).label("specialty_id"),
        col(_clinic.clinic_id).label("clinic_id"),
        func.min(col(_entry.begins_at)).label("begins_at"),
        func.max(col(_entry.ends_at)).label("ends_at"),
    )
    .join(_clinic, _OF_ENTRY)
    .where(*_WAITS)
    .group_by(col(_entry.specialty_id), col(_clinic.clinic_id))
    .subquery()
)
"""Of which specialty, in which clinic and between which instants somebody waits: few, even where many wait."""

_FREE_SLOT = Shape(
    FreeSlot,
    _slot_id,
    col(SlotRow.specialty_id),
    col(SlotRow.clinic_id),
    col(SlotRow.doctor_id),
    _start,
    col(ClinicRow.time_zone),
)
_GIVEN_OUT = (
    _start > _NOW,
    col(SlotRow.channels) != 0,
    or_(col(SlotRow.released_at).is_(None), col(SlotRow.released_at) <= _NOW),
    col(ClinicRow.kept_by) == Registry.OWN,
    IS_FREE,
    ~IS_QUEUED_FOR,
    ~exists().where(col(_offer.slot_id) == _slot_id, col(_offer.outcome) == OfferOutcome.OPEN).correlate(SlotRow),
)
_WANTED = (
    _FREE_SLOT.select()
    .select_from(_WISHES)
    .join(
        SlotRow,
        and_(
            col(SlotRow.clinic_id) == _WISHES.c.clinic_id,
            col(SlotRow.specialty_id) == _WISHES.c.specialty_id,
            _start >= _WISHES.c.begins_at,
            _start < _WISHES.c.ends_at,
        ),
    )
    .join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
    .where(*_GIVEN_OUT)
    .order_by(_start, _slot_id)
    .limit(bindparam("limit", type_=Integer()))
)
_WANTED_FIRST = Statement(_WANTED, _FREE_SLOT)
_WANTED_LATER = Statement(
    _WANTED.where(
        tuple_(_start, _slot_id)
        > tuple_(bindparam("after_start", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid()))
    ),
    _FREE_SLOT,
)
_ONE_FREE = Statement(
    _FREE_SLOT.select()
    .select_from(SlotRow)
    .join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
    .where(_slot_id == bindparam("id", type_=Uuid()), *_GIVEN_OUT),
    _FREE_SLOT,
)

_WAITING = Shape(
    Waiting,
    col(_entry.id),
    col(_entry.person_id),
    col(_clinic.clinic_id),
    col(_entry.specialty_id),
    col(_entry.doctor_id),
    WINDOW,
    col(_entry.channel),
    col(_entry.referral_id),
    col(_entry.place),
)
_WAITING_FOR = Statement(
    _WAITING.select()
    .select_from(_entry)
    .join(_clinic, _OF_ENTRY)
    .where(*_WAITS, among(col(_entry.specialty_id), "specialty_ids"), ~_BOOKED_OTHERWISE),
    _WAITING,
)

_HAD = Shape(lambda entry_id, slot_id: (entry_id, slot_id), col(_offer.entry_id), col(_offer.slot_id))
_HAD_OF = Statement(_HAD.select().where(among(col(_offer.slot_id), "slot_ids")), _HAD)

_OPEN_OFFER = Shape(
    OpenOffer,
    col(_offer.id),
    col(_offer.person_id),
    col(_offer.entry_id),
    col(_entry.specialty_id),
    col(_offer.expires_at),
    col(AppointmentRow.status),
    col(AppointmentRow.hold_expires_at),
    col(_entry.unanswered),
)
_OPEN_OFFERS = (
    _OPEN_OFFER.select()
    .select_from(_offer)
    .join(_entry, and_(col(_entry.person_id) == col(_offer.person_id), col(_entry.id) == col(_offer.entry_id)))
    .join(
        AppointmentRow,
        and_(col(AppointmentRow.person_id) == col(_offer.person_id), col(AppointmentRow.id) == col(_offer.id)),
    )
    .where(col(_offer.outcome) == OfferOutcome.OPEN)
)
_DUE = Statement(
    _OPEN_OFFERS.where(
        or_(col(AppointmentRow.status) != AppointmentStatus.HELD, col(AppointmentRow.hold_expires_at) <= _NOW)
    )
    .order_by(col(_offer.expires_at))
    .limit(bindparam("limit", type_=Integer())),
    _OPEN_OFFER,
)
_OF_PERSON = Statement(
    _OPEN_OFFERS.where(
        col(_offer.person_id) == bindparam("person_id", type_=Uuid()), col(_offer.id) == bindparam("id", type_=Uuid())
    ),
    _OPEN_OFFER,
)

_COUNT = alone(func.count())
_OVER = Statement(
    _COUNT.select()
    .select_from(_entry)
    .where(col(_entry.state).in_((EntryState.WAITING, EntryState.PAUSED)), col(_entry.ends_at) <= _NOW),
    _COUNT,
)


async def count_over(rows: Rows, *, now: datetime) -> int:
    """Count the entries that are to end by now."""
    return await rows.scalar(_OVER, now=now)


async def wanted_slots(rows: Rows, *, now: datetime, after: TimeKey | None, limit: int) -> list[FreeSlot]:
    """Return at most `limit` free slots for which somebody may wait, by start; the hours are not looked at."""
    if after is None:
        return await rows.rows(_WANTED_FIRST, now=now, limit=limit)
    return await rows.rows(_WANTED_LATER, now=now, limit=limit, after_start=after.starts_at, after_id=after.id)


async def free_slot(rows: Rows, slot_id: SlotId, *, now: datetime) -> FreeSlot | None:
    """Return a slot while nobody keeps it and it is given out."""
    return await rows.row(_ONE_FREE, id=slot_id, now=now)


async def waiting_for(rows: Rows, specialty_ids: Sequence[SpecialtyId], *, now: datetime) -> list[Waiting]:
    """Return who waits for a slot of a specialty, for each of their clinics, in any order.

    Not who has an appointment of that specialty ahead: they could not take another.
    """
    return await rows.rows(_WAITING_FOR, specialty_ids=specialty_ids, now=now)


async def had(rows: Rows, slot_ids: Sequence[SlotId]) -> set[tuple[EntryId, SlotId]]:
    """Return to which entries each slot was offered before."""
    return set(await rows.rows(_HAD_OF, slot_ids=slot_ids))


async def due_offers(rows: Rows, *, now: datetime, limit: int) -> list[OpenOffer]:
    """Return offers whose holds are over, let go or booked, the one that ended first first."""
    return await rows.rows(_DUE, now=now, limit=limit)


async def open_offer(rows: Rows, person_id: UUID, offer_id: UUID) -> OpenOffer | None:
    """Return a person's offer that is not settled."""
    return await rows.row(_OF_PERSON, person_id=person_id, id=offer_id)
