"""When a slot is given out: what every search for free slots asks of one, as conditions of a statement.

Parameters: `now`, `channel` (its bit) and `through` (its name).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, DateTime, Integer, bindparam, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.states import ACTIVE_STATUSES, AppointmentStatus
from backend.booking.tables import ScheduleQuotaRow, SlotRow
from backend.booking.values import Channel
from identity.columns import choice

ACTIVE: BindParameter[Any] = bindparam("active", ACTIVE_STATUSES, expanding=True, literal_execute=True)
"""Written into the statement's text: SQLite uses a partial index only where the same words stand in the query."""

_NOW: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
_THROUGH: BindParameter[str] = bindparam("through", type_=choice(Channel, "schedule_quotas_channel"))
_OF_RECEPTION = aliased(SlotRow)


def keeps(appointment: Any) -> ColumnElement[bool]:
    """Say that a claim keeps its slot; a hold ends by the clock itself."""
    lasts = (appointment.status != AppointmentStatus.HELD) | (appointment.hold_expires_at > _NOW)
    active: ColumnElement[bool] = appointment.status.in_(ACTIVE) & lasts
    return active


_CLAIM = AppointmentRow
_CLAIMS_OF_CHANNEL = (
    select(func.count())
    .select_from(_OF_RECEPTION)
    .join(_CLAIM, col(_CLAIM.slot_id) == col(_OF_RECEPTION.id))
    .where(
        col(_OF_RECEPTION.schedule_id) == col(ScheduleQuotaRow.schedule_id),
        col(_CLAIM.channel) == _THROUGH,
        keeps(_CLAIM),
    )
    .correlate(ScheduleQuotaRow)
    .scalar_subquery()
)

IS_OFFERED = col(SlotRow.channels).bitwise_and(bindparam("channel", type_=Integer())) != 0
"""The channel may give it out."""

IS_RELEASED = col(SlotRow.released_at).is_(None) | (col(SlotRow.released_at) <= _NOW)
"""Its release time has come."""

IS_FREE = ~exists().where(col(_CLAIM.slot_id) == col(SlotRow.id), keeps(_CLAIM)).correlate(SlotRow)
"""Nobody keeps the slot."""

HAS_QUOTA = ~exists().where(
    col(ScheduleQuotaRow.schedule_id) == col(SlotRow.schedule_id),
    col(ScheduleQuotaRow.channel) == _THROUGH,
    col(ScheduleQuotaRow.most) <= _CLAIMS_OF_CHANNEL,
).correlate(SlotRow)
"""The channel has not used up its share of the reception; most receptions have no shares."""

IS_GIVEN_OUT: tuple[ColumnElement[bool], ...] = (IS_OFFERED, IS_RELEASED, IS_FREE, HAS_QUOTA)
"""All of it."""
