"""Texts that a provider refused for everybody: they rest until somebody has looked, and nothing of theirs is lost."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Channel
from notifications.delivery_tables import ParkedTextRow
from notifications.inserts import insert_into
from notifications.messages import MessageKind

ParkedText = tuple[MessageKind, int, Channel]
"""A kind, a version and the channel that it was written for."""


REFUSALS_TO_PARK: Mapping[Channel, int] = MappingProxyType({Channel.PUSH: 1, Channel.SMS: 1, Channel.EMAIL: 3})
"""How many refusals let a text rest: a letter may be refused by one recipient's filter, a push or an SMS is not."""


async def park(session: AsyncSession, text: ParkedText, *, reason: str, now: datetime) -> None:
    """Note that a text was refused; the first reason and instant are kept."""
    kind, version, channel = text
    row = ParkedTextRow(kind=kind, template_version=version, channel=channel, reason=reason, refusals=1, parked_at=now)
    await session.exec(
        insert_into(session, ParkedTextRow)
        .values(row.model_dump())
        .on_conflict_do_update(
            index_elements=["kind", "template_version", "channel"],
            set_={"refusals": col(ParkedTextRow.refusals) + 1},
        )
    )


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
    return {
        (row.kind, row.template_version, row.channel): row
        for row in rows
        if row.refusals >= REFUSALS_TO_PARK[row.channel]
    }
