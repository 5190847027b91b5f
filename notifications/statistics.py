"""What became of what was sent: counts by hour, kind, channel and provider; no person stands in them.

Source: GOV.UK Notify's typed failures and high-failure alert; the limits are (config).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Case, case, exists, func, literal_column
from sqlalchemy import select as sa_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Channel, Provider
from notifications.delivery_tables import DeliveryRow, DeliveryState, ReceiptKind, ReceiptRow
from notifications.messages import MessageKind

FAILING_SHARE = 0.1
"""From this share of failures on somebody has to look."""

FEWEST_TO_JUDGE = 50
"""Of fewer deliveries nothing is said."""

_OVER = (DeliveryState.SENT, DeliveryState.FAILED)
_ARRIVED = (ReceiptKind.DEVICE_RECEIVED,)
_SEEN = (ReceiptKind.SEEN, ReceiptKind.ACTED)


@dataclass(frozen=True, slots=True)
class Line:
    """What became of the deliveries of one kind that were written in one hour.

    `sent` were taken by a provider, `delivered` arrived by the word of an app or a network; `seen` are messages that
    the person saw, on whatever channel. `reason` tells apart what failed, expired, was cancelled or suppressed.
    """

    hour: datetime
    kind: MessageKind
    channel: Channel
    provider: Provider | None
    state: DeliveryState
    reason: str | None
    count: int
    delivered: int
    seen: int


@dataclass(frozen=True, slots=True)
class Share:
    """Of what a provider was given and has come to an end: how much failed."""

    provider: Provider
    failed: int
    total: int

    @property
    def is_alarming(self) -> bool:
        """Return whether somebody has to look."""
        return self.total >= FEWEST_TO_JUDGE and self.failed >= FAILING_SHARE * self.total


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits although it is due, of one channel."""

    channel: Channel
    count: int
    oldest_due_at: datetime


async def count_hour(session: AsyncSession, hour: datetime) -> list[Line]:
    """Count what became of the deliveries that were written within an hour.

    Args:
        session: A reading one.
        hour: Its beginning, aware.

    Returns:
        A line for each kind, channel, provider, state and reason that there is, sorted by them.
    """
    keys = (
        col(DeliveryRow.kind),
        col(DeliveryRow.channel),
        col(DeliveryRow.provider),
        col(DeliveryRow.state),
        col(DeliveryRow.reason),
    )
    counts = (func.count(), func.sum(_came(_ARRIVED)), func.sum(_came(_SEEN)))
    query = (
        sa_select(*keys, *counts)
        .where(col(DeliveryRow.created_at) >= hour, col(DeliveryRow.created_at) < hour + timedelta(hours=1))
        .group_by(*keys)
        .order_by(*keys)
    )
    rows = (await (await session.connection()).execute(query)).all()
    return [Line(hour, *row[:5], count=row[5], delivered=int(row[6]), seen=int(row[7])) for row in rows]


async def failure_shares(session: AsyncSession, *, since: datetime) -> list[Share]:
    """Return how much of what each provider was given since an instant has failed, sorted by provider."""
    failed = func.sum(case((col(DeliveryRow.state) == DeliveryState.FAILED, 1), else_=0))
    query = (
        sa_select(col(DeliveryRow.provider), failed, func.count())
        .where(
            col(DeliveryRow.created_at) >= since,
            col(DeliveryRow.provider).is_not(None),
            col(DeliveryRow.state).in_(_OVER),
        )
        .group_by(col(DeliveryRow.provider))
        .order_by(col(DeliveryRow.provider))
    )
    rows = (await (await session.connection()).execute(query)).all()
    return [Share(provider, int(failed), total) for provider, failed, total in rows]


async def backlogs(session: AsyncSession, *, now: datetime) -> list[Backlog]:
    """Return what waits although it is due, by channel; a channel where nothing does is not there."""
    query = (
        sa_select(col(DeliveryRow.channel), func.count(), func.min(col(DeliveryRow.due_at)))
        .where(literal_column("state = 'waiting'"), col(DeliveryRow.due_at) <= now)
        .group_by(col(DeliveryRow.channel))
        .order_by(col(DeliveryRow.channel))
    )
    rows = (await (await session.connection()).execute(query)).all()
    return [Backlog(channel, count, oldest) for channel, count, oldest in rows]


def _came(kinds: tuple[ReceiptKind, ...]) -> Case[int]:
    """Return 1 where something of these kinds came back about the delivery's message."""
    receipt = (
        exists()
        .where(
            col(ReceiptRow.person_id) == col(DeliveryRow.person_id),
            col(ReceiptRow.notification_id) == col(DeliveryRow.notification_id),
            col(ReceiptRow.kind).in_(kinds),
        )
        .correlate(DeliveryRow)
    )
    return case((receipt, 1), else_=0)
