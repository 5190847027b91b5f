"""What came back about messages; the strongest word cancels what is still to come."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.delivery_tables import ReceiptKind, ReceiptRow
from notifications.inserts import insert_into
from notifications.queue import cancel_waiting

_BY_A_PERSON = frozenset({ReceiptKind.SEEN, ReceiptKind.ACTED})


async def record(
    session: AsyncSession,
    person_id: UUID,
    notification_ids: Collection[UUID],
    kind: ReceiptKind,
    *,
    source_id: UUID,
    now: datetime,
) -> None:
    """Keep what came back, once, and cancel what it makes needless.

    Args:
        session: A transaction.
        person_id: Whose messages.
        notification_ids: Which; all of this person, which is for the caller to know.
        kind: What came back. A person's own sign cancels every further step, an app's word those that waited for it.
        source_id: The delivery or the device that it came from.
        now: When; aware.
    """
    if not notification_ids:
        return
    await keep(session, [(person_id, one, source_id, kind) for one in notification_ids], now=now)
    if kind in _BY_A_PERSON:
        await cancel_waiting(session, person_id, notification_ids, reason="seen", now=now)
    elif kind is ReceiptKind.DEVICE_RECEIVED:
        await cancel_waiting(session, person_id, notification_ids, reason="received", now=now, unless=kind)


async def keep(
    session: AsyncSession, receipts: Collection[tuple[UUID, UUID, UUID, ReceiptKind]], *, now: datetime
) -> None:
    """Keep receipts, each (person, message, source, kind) once."""
    if receipts:
        rows = [
            ReceiptRow(
                person_id=person, notification_id=message, source_id=source, kind=kind, received_at=now
            ).model_dump()
            for person, message, source, kind in receipts
        ]
        adding = insert_into(session, ReceiptRow).on_conflict_do_nothing()
        await (await session.connection()).execute(adding, rows)


async def received(session: AsyncSession, messages: Collection[tuple[UUID, UUID]]) -> set[UUID]:
    """Return those of the (person, message) pairs that an app has said it has, by message."""
    if not messages:
        return set()
    query = select(ReceiptRow.notification_id).where(
        tuple_(col(ReceiptRow.person_id), col(ReceiptRow.notification_id)).in_(messages),
        col(ReceiptRow.kind) == ReceiptKind.DEVICE_RECEIVED,
    )
    return set(await session.exec(query))
