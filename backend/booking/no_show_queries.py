"""All SQL about visits that people did not come to, and their appeals."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, Uuid, and_, bindparam, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.no_show_tables import NoShowAppealRow
from backend.booking.no_shows import AppealState, Missed
from backend.booking.states import AppointmentStatus
from backend.inserts import insert_into
from backend.reading import Rows, Statement
from backend.shapes import Shape, alone
from identity.principal import PersonId

_PERSON: BindParameter[UUID] = bindparam("person_id", type_=Uuid())
_APPEAL_OF = and_(
    col(NoShowAppealRow.person_id) == col(AppointmentRow.person_id),
    col(NoShowAppealRow.appointment_id) == col(AppointmentRow.id),
)
_MISSED = Shape(Missed, col(AppointmentRow.id), col(AppointmentRow.starts_at), col(NoShowAppealRow.state))
_MISSED_SINCE = Statement(
    _MISSED.select()
    .select_from(AppointmentRow)
    .outerjoin(NoShowAppealRow, _APPEAL_OF)
    .where(
        col(AppointmentRow.person_id) == _PERSON,
        col(AppointmentRow.starts_at) > bindparam("since", type_=DateTime(timezone=True)),
        col(AppointmentRow.status) == bindparam("missed", AppointmentStatus.NO_SHOW, literal_execute=True),
    ),
    _MISSED,
)
_STATE = alone(col(NoShowAppealRow.state))
_STATE_OF = Statement(
    _STATE.select().where(
        col(NoShowAppealRow.person_id) == _PERSON,
        col(NoShowAppealRow.appointment_id) == bindparam("appointment_id", type_=Uuid()),
    ),
    _STATE,
)


async def missed_since(rows: Rows, person_id: PersonId, since: datetime) -> list[Missed]:
    """Return the visits that began after `since` and that the person did not come to, in any order."""
    return await rows.rows(_MISSED_SINCE, person_id=person_id, since=since)


async def appeal_of(rows: Rows, person_id: PersonId, appointment_id: UUID) -> AppealState | None:
    """Return where the appeal against one no-show stands; None when there is none."""
    return await rows.row(_STATE_OF, person_id=person_id, appointment_id=appointment_id)


async def add_appeal(
    session: AsyncSession, person_id: PersonId, appointment_id: UUID, words: str, *, now: datetime
) -> None:
    """Store an appeal; there is none yet."""
    row = NoShowAppealRow(
        person_id=person_id, appointment_id=appointment_id, words=words, state=AppealState.PENDING, created_at=now
    )
    await (await session.connection()).execute(insert_into(session, NoShowAppealRow), row.model_dump())


async def settle_appeal(
    session: AsyncSession,
    person_id: PersonId,
    appointment_id: UUID,
    state: AppealState,
    *,
    settled_by: UUID,
    now: datetime,
) -> None:
    """Write how an appeal ended."""
    own = col(NoShowAppealRow.person_id) == person_id, col(NoShowAppealRow.appointment_id) == appointment_id
    settled = update(NoShowAppealRow).where(*own).values(state=state, settled_at=now, settled_by=settled_by)
    await (await session.connection()).execute(settled)
