"""Keeps what an SMS gateway reports of messages that it took."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Address, AddressKind, Channel, Provider
from notifications.channels.sms_reports import Report, Status
from notifications.delivery_tables import DeliveryRow, DeliveryState, ReceiptKind
from notifications.ports import AddressBook
from notifications.preference_tables import RefusalReason
from notifications.receipts import keep, record
from notifications.suppression import AddressHashes, Refusal, suppress

_REASONS: Mapping[Status, str] = MappingProxyType(
    {"UNDELIVERED": "undelivered", "EXPIRED": "network_expired", "REFUSED": "recipient_refuses"}
)


_OPEN = (DeliveryState.SENT, DeliveryState.WAITING)
"""A message that waits for a further try may have arrived by one of which we heard nothing. One that is being sent is
left to who sends it."""


@dataclass(frozen=True, slots=True)
class Telephones:
    """Whose telephone is which, and what the list of refusals keeps of it."""

    addresses: AddressBook
    hashes: AddressHashes


async def keep_reports(
    session: AsyncSession, provider: Provider, reports: Sequence[Report], telephones: Telephones, *, now: datetime
) -> int:
    """Keep what a gateway tells, each report once.

    Args:
        session: A transaction.
        provider: Whose messages.
        reports: What it tells; a subscriber who refuses is left alone from then on.
        telephones: To know who that is.
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
    refusing = {row.person_id for row in known if statuses[row.id] == "REFUSED"}
    await _leave_alone(session, refusing, telephones, now=now)
    return len(known)


async def _leave_alone(
    session: AsyncSession, person_ids: Collection[UUID], telephones: Telephones, *, now: datetime
) -> None:
    if not person_ids:
        return
    contacts = await telephones.addresses.contacts(session, person_ids)
    hashes = (
        telephones.hashes.hash(Address(AddressKind.PHONE, contact.phone))
        for contact in contacts.values()
        if contact.phone
    )
    await suppress(session, [Refusal(one, RefusalReason.REFUSES) for one in hashes if one is not None], now=now)


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
