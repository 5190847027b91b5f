"""How many messages of campaigns a person gets in a week, over all insurers and channels.

Several processes may each hold a message for the same person. So a message takes a slot before it goes, one process at
a time for each person, and only while fewer than the cap are sent or on their way: never more go out. A message counts
once, over however many channels and devices it goes; one that came to nothing gives its slot back by itself.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, delete, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.delivery_tables import PRIORITIES, DeliveryRow, DeliveryState
from notifications.inserts import insert_into
from notifications.messages import Severity
from notifications.preference_tables import CampaignSlotRow

WINDOW = timedelta(days=7)
"""Over which is counted. Source: our design of notifications, "Caps for campaigns"."""

_KEPT_FOR = timedelta(days=14)
"""A slot is of no use once its message was sent or came to nothing, which takes a day at most."""

_ON_ITS_WAY = (DeliveryState.WAITING, DeliveryState.SENDING)


class CampaignMessage(NamedTuple):
    """A message of a campaign to one person."""

    person_id: UUID
    notification_id: UUID


async def take_slots(
    session: AsyncSession, messages: Sequence[CampaignMessage], *, cap: int, now: datetime
) -> set[CampaignMessage]:
    """Let messages of campaigns go that are within the cap.

    Args:
        session: A transaction of its own; the slots hold once it is committed, and nothing goes before.
        messages: Taken by the caller, in the order in which they should go.
        cap: How many a person gets in `WINDOW`.
        now: Aware.

    Returns:
        Those that may go: what has a slot already keeps it.
    """
    people = sorted({one.person_id for one in messages})
    if not people:
        return set()
    await _let_one_by_one(session, people)
    counted = await _counted(session, people, now)
    may_go: set[CampaignMessage] = set()
    for one in messages:
        of_person = counted.setdefault(one.person_id, set())
        if one.notification_id in of_person or len(of_person) < cap:
            of_person.add(one.notification_id)
            may_go.add(one)
    if may_go:
        rows = [CampaignSlotRow(**one._asdict(), taken_at=now).model_dump() for one in sorted(may_go)]
        await session.exec(insert_into(session, CampaignSlotRow).values(rows).on_conflict_do_nothing())
    return may_go


async def purge(session: AsyncSession, now: datetime) -> int:
    """Delete slots that are of no use any more; returns how many there were."""
    return (
        await session.exec(delete(CampaignSlotRow).where(col(CampaignSlotRow.taken_at) <= now - _KEPT_FOR))
    ).rowcount


async def _let_one_by_one(session: AsyncSession, people: Sequence[UUID]) -> None:
    """Wait until no other transaction takes slots of these people; on SQLite writers follow one another anyway.

    All wait in the same order, so that no two wait for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = text(
            "SELECT pg_advisory_xact_lock(hashtextextended('campaigns:' || person, 0)) "
            "FROM (SELECT unnest(CAST(:people AS text[])) AS person ORDER BY 1 OFFSET 0) AS of_people"
        )
        await (await session.connection()).execute(lock, {"people": [str(one) for one in people]})


async def _counted(session: AsyncSession, people: Collection[UUID], now: datetime) -> dict[UUID, set[UUID]]:
    """Return by person the messages that count: sent within the window, or on their way with a slot."""
    query = (
        select(DeliveryRow.person_id, DeliveryRow.notification_id)
        .outerjoin(
            CampaignSlotRow,
            and_(
                col(CampaignSlotRow.person_id) == col(DeliveryRow.person_id),
                col(CampaignSlotRow.notification_id) == col(DeliveryRow.notification_id),
            ),
        )
        .where(
            col(DeliveryRow.person_id).in_(people),
            col(DeliveryRow.priority) == PRIORITIES[Severity.CAMPAIGN],
            or_(
                and_(col(DeliveryRow.state) == DeliveryState.SENT, col(DeliveryRow.finished_at) > now - WINDOW),
                and_(col(DeliveryRow.state).in_(_ON_ITS_WAY), col(CampaignSlotRow.taken_at).is_not(None)),
            ),
        )
        .distinct()
    )
    counted: dict[UUID, set[UUID]] = {}
    for person_id, notification_id in await session.exec(query):
        counted.setdefault(person_id, set()).add(notification_id)
    return counted
