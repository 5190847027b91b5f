"""All SQL about the shares of channels: how many slots of a reception each may give out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, String, Uuid, bindparam, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking.appointment_tables import AppointmentRow
from backend.booking.given_out import ACTIVE
from backend.booking.rows import fetch
from backend.booking.states import AppointmentStatus
from backend.booking.tables import ScheduleQuotaRow, SlotRow
from backend.booking.values import Channel
from backend.reading import Rows, Statement
from backend.shapes import alone

_COUNT = alone(func.count(col(AppointmentRow.id)))
_USED = Statement(
    _COUNT.select()
    .select_from(SlotRow)
    .join(AppointmentRow, col(AppointmentRow.slot_id) == col(SlotRow.id))
    .where(
        col(SlotRow.schedule_id) == bindparam("schedule_id", type_=Uuid()),
        col(AppointmentRow.channel) == bindparam("channel", type_=String()),
        col(AppointmentRow.status).in_(ACTIVE),
        (col(AppointmentRow.status) != AppointmentStatus.HELD)
        | (col(AppointmentRow.hold_expires_at) > bindparam("now", type_=DateTime(timezone=True))),
    ),
    _COUNT,
)


async def lock_quota(session: AsyncSession, schedule_id: UUID, channel: Channel) -> int | None:
    """Let one claim of a reception through a channel be decided at a time, where it has a share.

    Returns:
        How many slots the channel may give out at most; None where nothing limits it.
    """
    row = select(col(ScheduleQuotaRow.most)).where(
        col(ScheduleQuotaRow.schedule_id) == schedule_id, col(ScheduleQuotaRow.channel) == channel
    )
    found = await fetch(session, row.with_for_update())
    return int(found[0][0]) if found else None


async def used(rows: Rows, schedule_id: UUID, channel: Channel, *, now: datetime) -> int:
    """Return how many slots of a reception the channel has given out and are still claimed."""
    return await rows.scalar(_USED, schedule_id=schedule_id, channel=channel, now=now)
