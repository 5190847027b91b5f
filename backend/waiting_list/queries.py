"""All SQL about a person's own entries, as they see them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Uuid, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.rows import CLINIC, DOCTOR, SLOT, SPECIALTY, join_slot_parts
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    SlotRow,
    SpecialtyRow,
)
from backend.booking.values import Clinic, Doctor
from backend.reading import Rows, Statement
from backend.shapes import Shape
from backend.waiting_list.tables import WaitingListClinicRow, WaitingListEntryRow, WaitingListOfferRow
from backend.waiting_list.values import (
    COMPETING_STATES,
    OPEN_STATES,
    EntryFacts,
    EntryId,
    Offer,
    OfferOutcome,
    Window,
)
from identity.principal import PersonId

_PERSON: BindParameter[UUID] = bindparam("person_id", type_=Uuid())

WINDOW = Shape(
    Window,
    col(WaitingListEntryRow.first_day),
    col(WaitingListEntryRow.last_day),
    col(WaitingListEntryRow.minute_from),
    col(WaitingListEntryRow.minute_until),
    col(WaitingListEntryRow.weekdays),
    col(WaitingListEntryRow.begins_at),
    col(WaitingListEntryRow.ends_at),
)

_other = aliased(WaitingListEntryRow)
_their_clinic, _own_clinic = aliased(WaitingListClinicRow), aliased(WaitingListClinicRow)
_SHARES_A_CLINIC = (
    exists()
    .where(
        col(_their_clinic.person_id) == col(_other.person_id),
        col(_their_clinic.entry_id) == col(_other.id),
        col(_own_clinic.person_id) == col(WaitingListEntryRow.person_id),
        col(_own_clinic.entry_id) == col(WaitingListEntryRow.id),
        col(_own_clinic.clinic_id) == col(_their_clinic.clinic_id),
    )
    .correlate(_other, WaitingListEntryRow)
)
_AHEAD = (
    select(func.count())
    .select_from(_other)
    .where(
        col(_other.specialty_id) == col(WaitingListEntryRow.specialty_id),
        col(_other.place) < col(WaitingListEntryRow.place),
        col(_other.state).in_(COMPETING_STATES),
        col(_other.ends_at) > bindparam("now", type_=DateTime(timezone=True)),
        col(_other.first_day) <= col(WaitingListEntryRow.last_day),
        col(_other.last_day) >= col(WaitingListEntryRow.first_day),
        col(_other.minute_from) < col(WaitingListEntryRow.minute_until),
        col(_other.minute_until) > col(WaitingListEntryRow.minute_from),
        col(_other.weekdays).bitwise_and(col(WaitingListEntryRow.weekdays)) != 0,
        or_(
            col(_other.doctor_id).is_(None),
            col(WaitingListEntryRow.doctor_id).is_(None),
            col(_other.doctor_id) == col(WaitingListEntryRow.doctor_id),
        ),
        _SHARES_A_CLINIC,
    )
    .correlate(WaitingListEntryRow)
    .scalar_subquery()
)
"""How many people joined the list of the specialty earlier, may get a slot now, and wish for one that this entry wishes
for too: of a clinic, a doctor, a day, a weekday and an hour of both."""

_ENTRY = Shape(
    EntryFacts,
    col(WaitingListEntryRow.id),
    col(WaitingListEntryRow.person_id),
    SPECIALTY,
    Shape(Doctor, *DOCTOR.parts, optional=True),
    WINDOW,
    col(WaitingListEntryRow.channel),
    col(WaitingListEntryRow.referral_id),
    col(WaitingListEntryRow.state),
    col(WaitingListEntryRow.unanswered),
    col(WaitingListEntryRow.joined_at),
    col(WaitingListEntryRow.ended_at),
    _AHEAD,
)
_ENTRIES = (
    _ENTRY.select()
    .select_from(WaitingListEntryRow)
    .join(SpecialtyRow, col(SpecialtyRow.id) == col(WaitingListEntryRow.specialty_id))
    .outerjoin(DoctorRow, col(DoctorRow.id) == col(WaitingListEntryRow.doctor_id))
    .where(col(WaitingListEntryRow.person_id) == _PERSON)
)
_SHOWN = Statement(
    _ENTRIES.where(
        or_(
            col(WaitingListEntryRow.state).in_(OPEN_STATES),
            col(WaitingListEntryRow.ended_at) > bindparam("since", type_=DateTime(timezone=True)),
        )
    ).order_by(col(WaitingListEntryRow.id).desc()),
    _ENTRY,
)
_BY_ID = Statement(_ENTRIES.where(col(WaitingListEntryRow.id) == bindparam("id", type_=Uuid())), _ENTRY)

_CLINIC_OF = Shape(lambda entry_id, clinic: (entry_id, clinic), col(WaitingListClinicRow.entry_id), CLINIC)
_CLINICS_OF = Statement(
    _CLINIC_OF.select()
    .select_from(WaitingListClinicRow)
    .join(ClinicRow, col(ClinicRow.id) == col(WaitingListClinicRow.clinic_id))
    .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    .where(col(WaitingListClinicRow.person_id) == _PERSON)
    .order_by(col(ClinicRow.name), col(ClinicRow.id)),
    _CLINIC_OF,
)

_OFFER = Shape(
    Offer,
    col(WaitingListOfferRow.id),
    col(WaitingListOfferRow.entry_id),
    SLOT,
    col(WaitingListOfferRow.offered_at),
    col(WaitingListOfferRow.expires_at),
    col(AppointmentRow.status),
    col(AppointmentRow.hold_expires_at),
)
_OFFERS = Statement(
    join_slot_parts(
        _OFFER.select()
        .select_from(WaitingListOfferRow)
        .join(
            AppointmentRow,
            and_(
                col(AppointmentRow.person_id) == col(WaitingListOfferRow.person_id),
                col(AppointmentRow.id) == col(WaitingListOfferRow.id),
            ),
        )
        .join(SlotRow, col(SlotRow.id) == col(WaitingListOfferRow.slot_id))
    ).where(
        col(WaitingListOfferRow.person_id) == _PERSON,
        col(WaitingListOfferRow.outcome) == OfferOutcome.OPEN,
    ),
    _OFFER,
)


async def shown(rows: Rows, person_id: PersonId, *, now: datetime, since: datetime) -> list[EntryFacts]:
    """Return the person's entries that are open, or ended after `since`; the one who joined last first."""
    return await rows.rows(_SHOWN, person_id=person_id, now=now, since=since)


async def find_entry(rows: Rows, person_id: PersonId, entry_id: UUID, *, now: datetime) -> EntryFacts | None:
    """Return the person's own entry; another person's is None."""
    return await rows.row(_BY_ID, person_id=person_id, id=entry_id, now=now)


async def clinics_of(rows: Rows, person_id: PersonId) -> list[tuple[EntryId, Clinic]]:
    """Return the clinics of each of the person's entries, by name."""
    return await rows.rows(_CLINICS_OF, person_id=person_id)


async def offers_of(rows: Rows, person_id: PersonId) -> list[Offer]:
    """Return the person's offers that are not settled, one an entry at most, with their holds as they are now."""
    return await rows.rows(_OFFERS, person_id=person_id)
