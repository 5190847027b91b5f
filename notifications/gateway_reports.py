"""Keeps what an SMS gateway reports of messages that it took."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Provider
from notifications.channels.sms_reports import Report, Status
from notifications.delivery_tables import DeliveryRow, DeliveryState, ReceiptKind
from notifications.receipts import keep, record

_REASONS: Mapping[Status, str] = MappingProxyType(
    {"UNDELIVERED": "undelivered", "EXPIRED": "network_expired", "REFUSED": "recipient_refuses"}
)


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
    statuses = {report.id: report.status for report in reports}
    query = select(DeliveryRow).where(
        col(DeliveryRow.provider_message_id).in_(statuses), col(DeliveryRow.provider) == provider
    )
    known = list(await session.exec(query))
    for row in known:
        await _keep(session, row, statuses[row.provider_message_id or ""], now=now)
    return len(known)


async def _keep(session: AsyncSession, row: DeliveryRow, status: Status, *, now: datetime) -> None:
    if status == "DELIVERED":
        received = ReceiptKind.DEVICE_RECEIVED
        await record(session, row.person_id, [row.notification_id], received, source_id=row.id, now=now)
        return
    await keep(session, [(row.person_id, row.notification_id, row.id, ReceiptKind.UNDELIVERED)], now=now)
    await session.exec(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.person_id) == row.person_id,
            col(DeliveryRow.id) == row.id,
            col(DeliveryRow.state) == DeliveryState.SENT,
        )
        .values(state=DeliveryState.FAILED, reason=_REASONS[status])
    )
