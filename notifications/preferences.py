"""What people want to be told over which channel, and when not: kept, read for a batch, and changed.

Everything is on until a person switches it off; a topic with a statutory reason stays on whatever is kept.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.channels.port import Channel
from notifications.inserts import insert_into
from notifications.preference_tables import MessagePreferenceRow, QuietHoursRow
from notifications.quiet_hours import QuietHours, minutes_of, wall_of
from notifications.topics import TOPICS, Topic


class Way(NamedTuple):
    """One topic over one channel."""

    topic: Topic
    channel: Channel


@dataclass(frozen=True, slots=True)
class OwnHours:
    """What a person has set; `hours` None means that they want no quiet hours at all."""

    hours: QuietHours | None


def can_switch_off(topic: Topic) -> bool:
    """Return whether people may switch a topic off; where not, `TOPICS` says why."""
    return TOPICS[topic].statutory is None


def is_wanted(way: Way, off: Collection[Way]) -> bool:
    """Return whether a person wants a topic over a channel, given what they have switched off."""
    return way not in off or not can_switch_off(way.topic)


async def switched_off(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, frozenset[Way]]:
    """Return what each of these people has switched off; whoever has nothing is left out."""
    if not person_ids:
        return {}
    query = select(MessagePreferenceRow).where(
        col(MessagePreferenceRow.person_id).in_(person_ids), col(MessagePreferenceRow.is_on).is_(False)
    )
    off: dict[UUID, set[Way]] = {}
    for row in await session.exec(query):
        off.setdefault(row.person_id, set()).add(Way(row.topic, row.channel))
    return {person_id: frozenset(ways) for person_id, ways in off.items()}


async def switch(session: AsyncSession, person_id: UUID, wishes: Mapping[Way, bool], *, now: datetime) -> None:
    """Keep what a person wants; the caller has looked whether it can be switched off, and commits."""
    if not wishes:
        return
    rows = [
        MessagePreferenceRow(
            person_id=person_id, topic=way.topic, channel=way.channel, is_on=is_on, changed_at=now
        ).model_dump()
        for way, is_on in wishes.items()
    ]
    insert = insert_into(session, MessagePreferenceRow).values(rows)
    await session.exec(
        insert.on_conflict_do_update(
            index_elements=["person_id", "topic", "channel"],
            set_={"is_on": insert.excluded.is_on, "changed_at": insert.excluded.changed_at},
            where=col(MessagePreferenceRow.is_on) != insert.excluded.is_on,  # said again it keeps its instant
        )
    )


async def own_hours(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, OwnHours]:
    """Return the quiet hours that these people have set themselves; whoever has not is left out."""
    if not person_ids:
        return {}
    query = select(QuietHoursRow).where(col(QuietHoursRow.person_id).in_(person_ids))
    return {row.person_id: OwnHours(_hours(row)) for row in await session.exec(query)}


async def set_own_hours(session: AsyncSession, person_id: UUID, own: OwnHours | None, *, now: datetime) -> None:
    """Keep a person's quiet hours, or with None forget them, so that the region's hold again."""
    if own is None:
        await session.exec(delete(QuietHoursRow).where(col(QuietHoursRow.person_id) == person_id))
        return
    row = QuietHoursRow(
        person_id=person_id,
        starts_minute=minutes_of(own.hours.starts) if own.hours else None,
        ends_minute=minutes_of(own.hours.ends) if own.hours else None,
        changed_at=now,
    )
    given = row.model_dump()
    insert = insert_into(session, QuietHoursRow).values(given)
    changed = {name: insert.excluded[name] for name in given if name != "person_id"}
    await session.exec(insert.on_conflict_do_update(index_elements=["person_id"], set_=changed))


def _hours(row: QuietHoursRow) -> QuietHours | None:
    if row.starts_minute is None or row.ends_minute is None:
        return None
    return QuietHours(wall_of(row.starts_minute), wall_of(row.ends_minute))
