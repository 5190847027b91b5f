"""Keeps a copy of the free times that outside registries tell, each with when it was told.

A registry is asked outside any transaction, and what it told is written in a short one. One that does not answer
leaves its times as they are, with their old `as_of`: "cannot be told" is never "none".
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from backend.booking import outside_schedule_queries as queries
from backend.booking.outside_comparison import Comparison, compare, receptions
from backend.booking.outside_schedule_queries import OutsidePost
from backend.booking.ports import OutsideRegistry, OutsideSchedule, OutsideSlot, Resource
from backend.booking.values import Channel, Registry, channel_mask
from backend.clock import Clock
from backend.database import Database
from backend.errors import Operational

OUTSIDE_CHANNELS = channel_mask((Channel.APP, Channel.CALL_122, Channel.INFOMAT))
"""Through what we give out times that are not ours: Госуслуги and the clinic's desk reach the registry themselves."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Synced:
    """How many posts' times were asked for, and of how many we were told nothing."""

    asked: int
    untold: int


class OutsideSchedules:
    """The copy, kept fresh by whoever calls `sync` again and again; two who do so at once do no harm."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        registries: Mapping[Registry, OutsideRegistry],
        days: int = 14,
        fresh_for: timedelta = timedelta(0),
        at_once: int = 4,
    ) -> None:
        """Ask each registry for so many days from today, of so many posts at once, unless told a moment ago."""
        self._database = database
        self._clock = clock
        self._registries = registries
        self._days = days
        self._fresh_for = fresh_for
        self._at_once = asyncio.Semaphore(at_once)

    async def sync(self) -> Synced:
        """Ask for the times of every post whose copy is not fresh, and write what is told.

        Returns:
            The counts; whoever was not told of is asked for again next time.
        """
        async with self._database.reading() as session:
            posts = await queries.posts_told_until(session, self._clock() - self._fresh_for)
        told = await asyncio.gather(*(self._sync(post) for post in posts))
        synced = Synced(len(posts), told.count(False))
        if synced.untold:
            _log.warning("outside_schedules_untold", asked=synced.asked, untold=synced.untold)
        return synced

    async def sync_post(self, post_id: UUID) -> bool:
        """Ask for one post's times now; return whether they were told and written. A post of our own has none."""
        async with self._database.reading() as session:
            post = await queries.post_by_id(session, post_id)
        return post is not None and await self._sync(post)

    async def _sync(self, post: OutsidePost) -> bool:
        registry = self._registries.get(post.registry)
        if registry is None:
            return False
        async with self._at_once:
            zone = ZoneInfo(post.time_zone)
            first = self._clock().astimezone(zone).date()
            last = first + timedelta(days=self._days - 1)
            try:
                told = await registry.schedule(Resource(post.clinic_oid, post.resource_key), first=first, last=last)
                await self._write(post, told, before=datetime.combine(last + timedelta(days=1), time(), zone))
            except Operational as error:
                _log.info("outside_schedule_untold", post_id=str(post.id), code=error.code)
                return False
        return True

    async def _write(self, post: OutsidePost, told: OutsideSchedule, *, before: datetime) -> None:
        """Write what is told of the time from now until `before`, unless later news was written."""
        now = self._clock()
        slots = [one for one in told.slots if now < one.starts_at < before]
        async with self._database.transaction() as session:
            if not await queries.note_told(session, post.id, told.as_of):
                return
            kept = await queries.lock_kept(session, post, after=now, before=before)
            compared = compare(kept, slots, channels=OUTSIDE_CHANNELS)
            await _change(session, post, compared, as_of=told.as_of)
            await _add(session, post, compared.new, as_of=told.as_of)


async def _change(session: AsyncSession, post: OutsidePost, compared: Comparison, *, as_of: datetime) -> None:
    """Write what has become of the slots that are kept; what somebody of ours has booked stays as it is."""
    booked = await queries.booked_among(session, compared.gone)
    values = {"channels": OUTSIDE_CHANNELS, "as_of": as_of}
    await queries.withdraw_slots(session, [one for one in compared.gone if one not in booked])
    await queries.forget_names(session, [one for one in compared.named_anew if one not in booked])
    renamed = [(slot_id, told) for slot_id, told in compared.renamed if slot_id not in booked]
    await queries.rename_slots(session, renamed, clinic_id=post.clinic_id, values=values)
    await queries.change_slots(session, compared.changed, values=values)
    await queries.note_seen(session, compared.unchanged, as_of)


async def _add(session: AsyncSession, post: OutsidePost, new: Sequence[OutsideSlot], *, as_of: datetime) -> None:
    """Add slots that were not kept, each to the reception of its day."""
    zone = ZoneInfo(post.time_zone)
    schedules = await queries.ensure_receptions(session, post.id, receptions(new, zone))
    rows = [
        {
            "schedule_id": schedules[one.starts_at.astimezone(zone).date()],
            "clinic_id": post.clinic_id,
            "doctor_id": post.doctor_id,
            "specialty_id": post.specialty_id,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "room": one.room,
            "channels": OUTSIDE_CHANNELS,
            "external_id": one.external_id,
            "as_of": as_of,
        }
        for one in new
    ]
    await queries.add_slots(session, rows)
