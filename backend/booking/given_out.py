"""When a slot is given out: what every search for free slots asks of one, as conditions of a statement.

Parameters: `now`, `channel` (its bit) and `through` (its name); of a window `since`, `after_id` and `until`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, DateTime, Integer, Uuid, bindparam, exists, func, select, tuple_
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

NO_ID = UUID(int=0)
"""Before every id of one instant."""

LAST_ID = UUID(int=(1 << 128) - 1)
"""Behind every id of one instant: a window without a page before it begins after `since`."""

IN_WINDOW: tuple[ColumnElement[bool], ...] = (
    tuple_(col(SlotRow.starts_at), col(SlotRow.id))
    > tuple_(bindparam("since", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid())),
    col(SlotRow.starts_at) <= bindparam("until", type_=DateTime(timezone=True)),
)
"""After a place in the order of start and id, until an instant.

A plan that is kept is made without knowing the values, and of two bare bounds PostgreSQL then expects one slot in two
hundred: so few that it reads all of a town or a clinic and sorts them, a thousand for a page of fifty. It does not pair
a place by start and id with the upper bound: so it walks the index in order and stops where the page is full.
"""

MOST_AT_ONCE = 101
"""So many slots can be asked for at a time: the longest page, and one that says whether there are more."""


def check_limit(limit: int) -> None:
    """Refuse to ask for more slots than a statement can give: it would cut them off.

    Raises:
        ValueError: More than `MOST_AT_ONCE`.
    """
    if limit > MOST_AT_ONCE:
        raise ValueError(f"{limit} slots at once, at most {MOST_AT_ONCE}")
