"""Texts that a provider refused for everybody: they rest until somebody has looked, and nothing of theirs is lost."""

from datetime import datetime

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Channel
from notifications.delivery_tables import ParkedTextRow
from notifications.inserts import insert_into
from notifications.messages import MessageKind

ParkedText = tuple[MessageKind, int, Channel]
"""A kind, a version and the channel that it was written for."""


async def park(session: AsyncSession, text: ParkedText, *, reason: str, now: datetime) -> None:
    """Let a text rest; one that rests already keeps its reason."""
    kind, version, channel = text
    row = ParkedTextRow(kind=kind, template_version=version, channel=channel, reason=reason, parked_at=now)
    await session.exec(insert_into(session, ParkedTextRow).values(row.model_dump()).on_conflict_do_nothing())


async def release(session: AsyncSession, text: ParkedText) -> bool:
    """Let a text go again; returns whether it was parked."""
    kind, version, channel = text
    released = await session.exec(
        delete(ParkedTextRow).where(
            col(ParkedTextRow.kind) == kind,
            col(ParkedTextRow.template_version) == version,
            col(ParkedTextRow.channel) == channel,
        )
    )
    return bool(released.rowcount)


async def parked(session: AsyncSession) -> dict[ParkedText, ParkedTextRow]:
    """Return every text that rests."""
    rows = await session.exec(select(ParkedTextRow))
    return {(row.kind, row.template_version, row.channel): row for row in rows}
