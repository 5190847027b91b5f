"""Keeps what an SMS gateway reports of messages that it took."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import or_
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Channel, Provider
from notifications.channels.sms_reports import Report, Status
from notifications.delivery_tables import DeliveryRow, DeliveryState, ReceiptKind
from notifications.receipts import keep, record

_REASONS: Mapping[Status, str] = MappingProxyType(
    {"UNDELIVERED": "undelivered", "EXPIRED": "network_expired", "REFUSED": "recipient_refuses"}
)


_OPEN = (DeliveryState.SENT, DeliveryState.WAITING)
"""A message that waits for a further try may have arrived by one of which we heard nothing. One that is being sent is
left to who sends it."""


async def keep_reports(session: AsyncSession, provider: Provider, reports: Sequence[Report], *, now: datetime) -> int:
    """Keep what a gateway tells, each report once.

    Args:
        session: A transaction.
        provider: Whose messages.
        reports: What it tells.
        now: Aware.

    Returns:
        Of how many messages we know.
    """
    statuses = {report.client_id: report.status for report in reports}
    query = select(DeliveryRow).where(
        col(DeliveryRow.id).in_(statuses),
        col(DeliveryRow.channel) == Channel.SMS,
        or_(col(DeliveryRow.provider) == provider, col(DeliveryRow.provider).is_(None)),
    )
    known = list(await session.exec(query))
    for row in known:
        await _keep(session, row, statuses[row.id], now=now)
    return len(known)


async def _keep(session: AsyncSession, row: DeliveryRow, status: Status, *, now: datetime) -> None:
    is_there = status == "DELIVERED"
    kind = ReceiptKind.DEVICE_RECEIVED if is_there else ReceiptKind.UNDELIVERED
    if is_there:
        await record(session, row.person_id, [row.notification_id], kind, source_id=row.id, now=now)
    else:
        await keep(session, [(row.person_id, row.notification_id, row.id, kind)], now=now)
    state, reason = (DeliveryState.SENT, None) if is_there else (DeliveryState.FAILED, _REASONS[status])
    await session.exec(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.person_id) == row.person_id,
            col(DeliveryRow.id) == row.id,
            col(DeliveryRow.state).in_(_OPEN),
        )
        .values(state=state, reason=reason, finished_at=now)
    )
