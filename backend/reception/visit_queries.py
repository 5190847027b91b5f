"""All SQL about whose visit it is, and the appeals that wait for a desk."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Integer, String, Uuid, bindparam, exists
from sqlmodel import col

from backend.booking.appointment_queries import APPOINTMENTS_OF_PERSON
from backend.booking.appointment_tables import AppointmentRow
from backend.booking.no_show_tables import NoShowAppealRow
from backend.booking.no_shows import AppealState
from backend.booking.rows import APPOINTMENT
from backend.booking.states import AppointmentStatus
from backend.booking.tables import (
    ClinicRow,
    DoctorRow,
    OrganisationRow,
    SlotRow,
)
from backend.booking.values import Appointment
from backend.reading import Rows, Statement
from backend.reception.tables import CancellationItemRow
from backend.reception.visit_values import Appeal, Visit
from backend.shapes import AnySelect, Shape
from identity.principal import PersonId

_VISIT = Shape(Visit, col(AppointmentRow.id), col(AppointmentRow.person_id), col(OrganisationRow.ogrn))


def _of_clinic(query: AnySelect) -> AnySelect:
    return (
        query.join(SlotRow, col(SlotRow.id) == col(AppointmentRow.slot_id))
        .join(ClinicRow, col(ClinicRow.id) == col(SlotRow.clinic_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ClinicRow.organisation_id))
    )


_VISIT_OF = Statement(
    _of_clinic(_VISIT.select().select_from(AppointmentRow)).where(
        col(AppointmentRow.id) == bindparam("id", type_=Uuid())
    ),
    _VISIT,
)
_APPEAL = Shape(
    Appeal,
    col(NoShowAppealRow.appointment_id),
    col(NoShowAppealRow.person_id),
    col(NoShowAppealRow.words),
    col(NoShowAppealRow.created_at),
    col(AppointmentRow.starts_at),
    col(ClinicRow.name),
    col(DoctorRow.family_name),
)
_OGRN: BindParameter[str] = bindparam("ogrn", type_=String())
_ALL_APPEALS = (
    _of_clinic(
        _APPEAL.select()
        .select_from(NoShowAppealRow)
        .join(
            AppointmentRow,
            (col(AppointmentRow.person_id) == col(NoShowAppealRow.person_id))
            & (col(AppointmentRow.id) == col(NoShowAppealRow.appointment_id)),
        )
    )
    .join(DoctorRow, col(DoctorRow.id) == col(SlotRow.doctor_id))
    .where(col(NoShowAppealRow.state) == bindparam("pending", AppealState.PENDING, literal_execute=True))
    .order_by(col(NoShowAppealRow.created_at), col(NoShowAppealRow.appointment_id))
    .limit(bindparam("limit", type_=Integer()))
)
_APPEALS = Statement(_ALL_APPEALS, _APPEAL)
_APPEALS_OF_ORGANISATION = Statement(_ALL_APPEALS.where(col(OrganisationRow.ogrn) == _OGRN), _APPEAL)

_OFFERS = Statement(
    APPOINTMENTS_OF_PERSON.where(
        col(AppointmentRow.status) == bindparam("held", AppointmentStatus.HELD, literal_execute=True),
        col(AppointmentRow.hold_expires_at) > bindparam("now", type_=DateTime(timezone=True)),
        exists()
        .where(
            col(CancellationItemRow.person_id) == col(AppointmentRow.person_id),
            col(CancellationItemRow.hold_id) == col(AppointmentRow.id),
        )
        .correlate(AppointmentRow),
    ).order_by(col(AppointmentRow.hold_expires_at), col(AppointmentRow.id)),
    APPOINTMENT,
)


async def visit_of(rows: Rows, appointment_id: UUID) -> Visit | None:
    """Return whose a visit is, of whatever clinic."""
    return await rows.row(_VISIT_OF, id=appointment_id)


async def appeals(rows: Rows, *, ogrn: str | None, limit: int) -> list[Appeal]:
    """Return the appeals that wait, the oldest first: of one organisation's clinics, or of all."""
    if ogrn is None:
        return await rows.rows(_APPEALS, limit=limit)
    return await rows.rows(_APPEALS_OF_ORGANISATION, ogrn=ogrn, limit=limit)


async def offers_of(rows: Rows, person_id: PersonId, *, now: datetime) -> list[Appointment]:
    """Return the person's holds that stand in place of cancelled visits, by their end."""
    return await rows.rows(_OFFERS, person_id=person_id, now=now)
