"""Runs the statements of one search: part by part, all at the same time, so that they travel together."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from backend.reading import Rows
from backend.slot_search import search_queries
from backend.slot_search.narrowing import (
    Narrowing,
    narrow,
    narrow_each_clinic,
    narrow_each_doctor,
    narrow_in_clinic,
    narrow_to_doctor,
)
from backend.slot_search.parts import Part
from backend.slot_search.register import Register
from backend.slot_search.search_queries import MOST_COUNTED, Counted, Look
from backend.slot_search.values import FoundSlot, Place, SearchCriteria

_SUMMED = ("slots", "elsewhere", "later", "taken", "used_up")


@dataclass(frozen=True, slots=True)
class Group:
    """The posts of one clinic or one doctor."""

    id: UUID
    posts: int
    of_doctor: bool

    def narrowed(self, register: Register, posts: int) -> Narrowing:
        """Return what narrows slots to those of a set of posts of this group."""
        if self.of_doctor:
            return narrow_to_doctor(register, posts, self.id)
        return narrow_in_clinic(register, posts, self.id)


class Asking:
    """One search's way to the slots."""

    def __init__(self, rows: Rows, register: Register, criteria: SearchCriteria, now: datetime) -> None:
        """Ask `rows` for what can be had at `now`."""
        self._rows = rows
        self._register = register
        self._criteria = criteria
        self._now = now

    async def page(self, parts: Sequence[Part], *, after: Place | None, limit: int) -> list[FoundSlot]:
        """Return the first slots behind a place, in order of start and id."""
        ahead = [part for part in parts if after is None or part.window.until >= after.starts_at]
        found = await asyncio.gather(
            *(
                search_queries.page(
                    self._rows, narrow(self._register, part.posts), self._given(part, after), limit=limit
                )
                for part in ahead
            )
        )
        return _soonest(chain.from_iterable(found), limit)

    async def page_of_group(
        self, group: Group, parts: Sequence[Part], *, after: Place | None, limit: int
    ) -> list[FoundSlot]:
        """Return the first slots of one clinic or doctor behind a place, in order of start and id."""
        wanted = [(part, part.posts & group.posts) for part in parts]
        found = await asyncio.gather(
            *(
                search_queries.page(
                    self._rows, group.narrowed(self._register, posts), self._given(part, after), limit=limit
                )
                for part, posts in wanted
                if posts and (after is None or part.window.until >= after.starts_at)
            )
        )
        return _soonest(chain.from_iterable(found), limit)

    async def firsts(self, groups: Sequence[Group], parts: Sequence[Part]) -> list[FoundSlot]:
        """Return the first slot of each clinic, or of each doctor, that has one, in order of start and id."""
        if not groups:
            return []
        by_doctor = groups[0].of_doctor
        each = narrow_each_doctor if by_doctor else narrow_each_clinic
        of_groups = _union(groups)
        found = await asyncio.gather(
            *(
                search_queries.first_of_each(
                    self._rows,
                    each(self._register, posts),
                    self._given(part, None),
                    group_ids=[group.id for group in groups if group.posts & posts],
                    by_doctor=by_doctor,
                )
                for part in parts
                if (posts := part.posts & of_groups)
            )
        )
        soonest: dict[UUID, FoundSlot] = {}
        for slot in _soonest(chain.from_iterable(found)):
            soonest.setdefault(slot.doctor_id if by_doctor else slot.clinic_id, slot)
        return list(soonest.values())

    async def counts(self, parts: Sequence[Part]) -> list[list[Counted]]:
        """Return, part by part, how many slots there are of each clinic, specialty and day, of the first ones."""
        return await asyncio.gather(
            *(
                search_queries.counts(
                    self._rows, narrow(self._register, part.posts), self._given(part, None), limit=MOST_COUNTED
                )
                for part in parts
            )
        )

    async def look(self, parts: Sequence[Part]) -> Look:
        """Return what stands in the way of the slots of these parts."""
        found = await asyncio.gather(
            *(
                search_queries.look(self._rows, narrow(self._register, part.posts), self._given(part, None))
                for part in parts
            )
        )
        sums = {name: sum(getattr(one, name) for one in found) for name in _SUMMED}
        releases = [one.next_release for one in found if one.next_release is not None]
        return Look(**sums, next_release=min(releases, default=None))

    def _given(self, part: Part, after: Place | None) -> Mapping[str, Any]:
        criteria, window = self._criteria, part.window
        given = {
            "now": self._now,
            "channel": criteria.channel.bit,
            "through": criteria.channel,
            "since": window.since,
            "until": window.until,
            "offset_minutes": part.offset_minutes,
            "from_minute": criteria.hours.start,
            "to_minute": criteria.hours.end,
            "weekdays": criteria.weekdays,
        }
        if after is not None and after.starts_at > window.since:
            given |= {"since": after.starts_at, "after_id": after.id}
        return given


def _union(groups: Sequence[Group]) -> int:
    posts = 0
    for group in groups:
        posts |= group.posts
    return posts


def _soonest(slots: Iterable[FoundSlot], limit: int | None = None) -> list[FoundSlot]:
    return sorted(slots, key=lambda slot: (slot.starts_at, slot.id))[:limit]
