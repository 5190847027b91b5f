"""All SQL about appointments that are booked together or not at all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_queries import APPOINTMENTS_OF_PERSON
from backend.booking.appointment_tables import AppointmentRow, AppointmentSetRow
from backend.booking.rows import APPOINTMENT, CLAIM
from backend.booking.states import SetStatus
from backend.booking.values import Appointment, AppointmentSet, Claim
from backend.reading import Rows, Statement
from backend.shapes import Shape
from identity.principal import PersonId

_SET = Shape(
    AppointmentSet,
    col(AppointmentSetRow.id),
    col(AppointmentSetRow.status),
    col(AppointmentSetRow.created_at),
    col(AppointmentSetRow.closed_at),
    col(AppointmentSetRow.refused_with),
)
_BY_ID = Statement(
    _SET.select().where(
        col(AppointmentSetRow.person_id) == bindparam("person_id", type_=Uuid()),
        col(AppointmentSetRow.id) == bindparam("id", type_=Uuid()),
    ),
    _SET,
)
_OF_SET = col(AppointmentRow.set_id) == bindparam("id", type_=Uuid())
_MEMBERS = Statement(
    CLAIM.select()
    .where(col(AppointmentRow.person_id) == bindparam("person_id", type_=Uuid()), _OF_SET)
    .order_by(col(AppointmentRow.starts_at), col(AppointmentRow.id)),
    CLAIM,
)
_APPOINTMENTS = Statement(
    APPOINTMENTS_OF_PERSON.where(_OF_SET).order_by(col(AppointmentRow.starts_at), col(AppointmentRow.id)), APPOINTMENT
)


async def find_set(rows: Rows, person_id: PersonId, set_id: UUID) -> AppointmentSet | None:
    """Return the person's own set, without its appointments; another person's is None."""
    return await rows.row(_BY_ID, person_id=person_id, id=set_id)


async def members_of(rows: Rows, person_id: PersonId, set_id: UUID) -> list[Claim]:
    """Return the claims of a set, by start."""
    return await rows.rows(_MEMBERS, person_id=person_id, id=set_id)


async def appointments_of(rows: Rows, person_id: PersonId, set_id: UUID) -> list[Appointment]:
    """Return the appointments of a set, by start."""
    return await rows.rows(_APPOINTMENTS, person_id=person_id, id=set_id)


async def close_set(
    session: AsyncSession,
    person_id: PersonId,
    set_id: UUID,
    status: SetStatus,
    *,
    at: datetime,
    code: str | None = None,
) -> None:
    """Write down how a set has ended."""
    own = col(AppointmentSetRow.person_id) == person_id, col(AppointmentSetRow.id) == set_id
    closed = update(AppointmentSetRow).where(*own).values(status=status, closed_at=at, refused_with=code)
    await (await session.connection()).execute(closed)
