"""The queue of deliveries: rows that are taken for a while, fenced, and given back when their holder is gone.

Both databases let several processes take at once and give no row to two of them: PostgreSQL skips what another is
taking, SQLite lets its writers in one by one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, literal_column
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Channel, Provider, Verdict
from notifications.delivery_tables import PRIORITIES, DeliveryRow, DeliveryState, ReceiptKind
from notifications.messages import MessageKind

FINAL = frozenset(DeliveryState) - {DeliveryState.WAITING, DeliveryState.SENDING}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours until `lease_until`; `attempt` counts this try in, `fence` proves whose it is."""

    person_id: UUID
    id: UUID
    notification_id: UUID
    kind: MessageKind
    channel: Channel
    address_id: UUID
    unless: ReceiptKind | None
    expires_at: datetime | None
    provider: Provider | None
    """Who may have it already, after a try of which nobody knows the end; only the same one can tell it is the same."""
    attempt: int
    fence: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a claimed delivery: a final state, or WAITING with when to try again.

    `counts` is false when nothing was tried, so that the number of tries stays as it was; `verdict` is what the
    provider's answer came to, when there was one.
    """

    claimed: Claimed
    state: DeliveryState
    reason: str | None = None
    due_at: datetime | None = None
    provider: Provider | None = None
    provider_message_id: str | None = None
    counts: bool = True
    verdict: Verdict | None = None


_CLAIMED = tuple(getattr(DeliveryRow, name) for name in Claimed.__dataclass_fields__)


async def is_due(session: AsyncSession, channel: Channel, *, now: datetime) -> bool:
    """Return whether anything of a channel waits to be taken: a look that keeps no writer waiting."""
    due = (
        select(DeliveryRow.id)
        .where(
            literal_column("state = 'waiting'"),
            col(DeliveryRow.channel) == channel,
            col(DeliveryRow.priority).in_(sorted(PRIORITIES.values())),
            col(DeliveryRow.due_at) <= now,
        )
        .limit(1)
    )
    return (await session.exec(due)).first() is not None


async def claim(
    session: AsyncSession, channel: Channel, *, most: int, now: datetime, lease: timedelta
) -> list[Claimed]:
    """Take what is due: at most `most` deliveries of a channel, the pressing ones first, then the longest due.

    Args:
        session: A transaction; the claim holds once it is committed.
        channel: Of which channel.
        most: How many at most.
        now: What is due is decided by it; aware.
        lease: After it, `reap` gives them to others.
    """
    taken: list[Claimed] = []
    for priority in sorted(PRIORITIES.values()):  # one range of the index each, whatever is planned for later
        if len(taken) < most:
            taken += await _claim_of(session, channel, priority, most=most - len(taken), now=now, until=now + lease)
    return taken


async def _claim_of(
    session: AsyncSession, channel: Channel, priority: int, *, most: int, now: datetime, until: datetime
) -> list[Claimed]:
    due = (
        select(DeliveryRow.person_id, DeliveryRow.id)
        .where(
            col(DeliveryRow.state) == DeliveryState.WAITING,
            literal_column("state = 'waiting'"),  # said as the partial index says it, so that a planner knows it
            col(DeliveryRow.channel) == channel,
            col(DeliveryRow.priority) == priority,
            col(DeliveryRow.due_at) <= now,
        )
        .order_by(col(DeliveryRow.due_at))
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taking = (
        update(DeliveryRow)
        .where(col(DeliveryRow.person_id) == due.c.person_id, col(DeliveryRow.id) == due.c.id)
        .values(
            state=DeliveryState.SENDING,
            lease_until=until,
            attempt=col(DeliveryRow.attempt) + 1,
            fence=col(DeliveryRow.fence) + 1,
        )
        .returning(*_CLAIMED)
    )
    rows = (await (await session.connection()).execute(taking)).all()
    return [Claimed(*row) for row in rows]


async def reap(session: AsyncSession, now: datetime) -> int:
    """Give back what was taken and not finished within its lease; whoever held it cannot finish it any more."""
    given_back = await session.exec(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.state) == DeliveryState.SENDING,
            literal_column("state = 'sending'"),
            col(DeliveryRow.lease_until) < now,
        )
        .values(
            state=DeliveryState.WAITING, due_at=now, lease_until=None, fence=col(DeliveryRow.fence) + 1, reason="lost"
        )
    )
    return given_back.rowcount


_SETTLE = (
    update(DeliveryRow.__table__)  # type: ignore[attr-defined] # SQLModel sets it on tables
    .where(
        col(DeliveryRow.person_id) == bindparam("of_person"),
        col(DeliveryRow.id) == bindparam("of_delivery"),
        col(DeliveryRow.fence) == bindparam("of_fence"),
    )
    .values(
        {
            name: bindparam(name)
            for name in (
                "state", "reason", "due_at", "provider", "provider_message_id", "attempt", "lease_until", "finished_at",
            )
        }
    )
)  # fmt: skip


async def settle(session: AsyncSession, settlements: Sequence[Settlement], *, now: datetime) -> None:
    """Write what became of claimed deliveries; where another has claimed since, its word stands and ours is dropped."""
    if not settlements:
        return
    await (await session.connection()).execute(
        _SETTLE,
        [
            {
                "of_person": one.claimed.person_id,
                "of_delivery": one.claimed.id,
                "of_fence": one.claimed.fence,
                "state": one.state,
                "reason": one.reason,
                "due_at": one.due_at or now,
                "provider": one.provider,
                "provider_message_id": one.provider_message_id,
                "attempt": one.claimed.attempt - (not one.counts),
                "lease_until": None,
                "finished_at": now if one.state in FINAL else None,
            }
            for one in settlements
        ],
    )


async def cancel_waiting(
    session: AsyncSession,
    person_id: UUID,
    notification_ids: Collection[UUID],
    *,
    reason: str,
    now: datetime,
    unless: ReceiptKind | None = None,
) -> None:
    """Send no more of these messages; what a process has already taken is stopped by `Gate`, if it is not too late.

    Args:
        session: The transaction of what makes them needless.
        person_id: Whose they are.
        notification_ids: Which.
        reason: A short code, for statistics.
        now: When; aware.
        unless: Only steps that wait for this; all of them by default.
    """
    waiting = update(DeliveryRow).where(
        col(DeliveryRow.person_id) == person_id,
        col(DeliveryRow.notification_id).in_(notification_ids),
        col(DeliveryRow.state) == DeliveryState.WAITING,
    )
    if unless is not None:
        waiting = waiting.where(col(DeliveryRow.unless) == unless)
    await session.exec(waiting.values(state=DeliveryState.CANCELLED, reason=reason, finished_at=now))


async def hasten(session: AsyncSession, person_id: UUID, notification_id: UUID, *, now: datetime) -> None:
    """Let the next steps of a message go now, if nothing that they wait for can come any more."""
    alive = select(DeliveryRow.id).where(
        col(DeliveryRow.person_id) == person_id,
        col(DeliveryRow.notification_id) == notification_id,
        col(DeliveryRow.channel) == Channel.PUSH,
        col(DeliveryRow.state).in_((DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.SENT)),
    )
    if (await session.exec(alive.limit(1))).first() is not None:
        return
    await session.exec(
        update(DeliveryRow)
        .where(
            col(DeliveryRow.person_id) == person_id,
            col(DeliveryRow.notification_id) == notification_id,
            col(DeliveryRow.state) == DeliveryState.WAITING,
            col(DeliveryRow.unless).is_not(None),
            col(DeliveryRow.due_at) > now,
        )
        .values(due_at=now)
    )
