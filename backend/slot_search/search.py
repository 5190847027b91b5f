"""One search, prepared: each of its answers is asked for by itself, and at the same time."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TypeVar

from backend.booking.values import Page, Slot
from backend.reading import Rows
from backend.slot_search.absences import Question, explain
from backend.slot_search.asking import Asking, Group
from backend.slot_search.eligibility import seen, turning_days
from backend.slot_search.errors import SearchPlaceLost
from backend.slot_search.kept_register import KeptRegister
from backend.slot_search.parts import Conditions, Part, Window, cut
from backend.slot_search.register import Register
from backend.slot_search.search_queries import MOST_COUNTED, Counted
from backend.slot_search.values import (
    Absence,
    Count,
    Facets,
    Found,
    FoundSlot,
    Order,
    Patient,
    Place,
    Reason,
    SearchCriteria,
)
from backend.slot_search.vocabulary import Meaning
from backend.slot_search.walking import walk
from backend.slot_search.wanted import window, window_beyond
from geo.distance import ranking_km

MOST_OF_A_KIND = 50
"""So many clinics or towns a facet names."""

_MOST_CLINICS = 200
_EPOCH = date(1970, 1, 1).toordinal()

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a prepared search stands on.

    Attributes:
        rows: Where slots are read.
        kept: Where reference data are, should a slot have newer ones.
        register: The reference data that it was prepared with.
        criteria: What is looked for.
        order: In which order.
        meant: The posts that are looked for, whoever comes.
        patient: Whom it must suit, or None.
        now: The present.
        until: The channel's horizon, inclusive.
    """

    rows: Rows
    kept: KeptRegister
    register: Register
    criteria: SearchCriteria
    order: Order
    meant: Meaning
    patient: Patient | None
    now: datetime
    until: datetime


class Search:
    """Asks nothing until it is asked."""

    def __init__(self, ground: Ground) -> None:
        """Stand on everything that was read for it."""
        self._ground = ground
        self._register = ground.register
        self._asking = Asking(ground.rows, ground.register, ground.criteria, ground.now)
        self._window = window(ground.criteria, now=ground.now, until=ground.until)

    async def page(self, *, after: Place | None, limit: int) -> Page[Found]:
        """Return a page of slots that can be had.

        Only what can be taken now: free, not begun, given out through the channel and within its horizon, and such as
        the person may take. A slot that is taken between two pages drops out; none stands on both.

        Args:
            after: Where the page before ended.
            limit: At most so many, and at most 100.

        Raises:
            ValueError: `limit` is above 100.
            SearchPlaceLost: `after` is of another order, or its clinic or doctor is not among those looked for.
        """
        if after is not None and (after.group_id is None) is not (self._ground.order is Order.EARLIEST):
            raise SearchPlaceLost
        parts = self._parts(self._window)
        if self._ground.order is Order.EARLIEST:
            found = await self._asking.page(parts, after=after, limit=limit + 1)
        else:
            found = await walk(self._asking, self._groups(), parts, after=after, limit=limit + 1)
        items = [Found(slot, self._place(slot)) for slot in await self._whole(found[:limit])]
        return Page(tuple(items), has_next=len(found) > limit)

    async def facets(self) -> Facets:
        """Count the slots of this search, the first 2,000 of a zone at most, by specialty, clinic, town and day."""
        register = self._register
        parts = await self._asking.counts(self._parts(self._window, by_clock=True))
        counted = [one for part in parts for one in part]
        known = [one for one in counted if one.clinic_id in register.clinics]
        return Facets(
            specialties=_summed(known, lambda one: register.specialties[one.specialty_id].specialty),
            clinics=_summed(known, lambda one: register.clinics[one.clinic_id].clinic)[:MOST_OF_A_KIND],
            towns=_summed(known, lambda one: register.clinics[one.clinic_id].clinic.town)[:MOST_OF_A_KIND],
            days=tuple(sorted(_summed(known, lambda one: date.fromordinal(_EPOCH + one.day)), key=lambda one: one.of)),
            counted=sum(one.count for one in counted),
            is_complete=all(sum(one.count for one in part) < MOST_COUNTED for part in parts),
        )

    async def next_available(self, *, limit: int) -> list[Slot]:
        """Return the first slot of each clinic that has one: nearest clinics first where a place is said, else soonest.

        Of a region with more than 200 clinics that fit, the nearest 200 are looked at.
        """
        groups = self._clinics()[:_MOST_CLINICS]
        firsts = await self._asking.firsts(groups, self._parts(self._window))
        if self._ground.criteria.near is not None:
            by_distance = {group.id: place for place, group in enumerate(groups)}
            firsts.sort(key=lambda slot: by_distance[slot.clinic_id])
        return await self._whole(firsts[:limit])

    async def why_none(self) -> list[Absence]:
        """Return why there is nothing to be had; nothing where there is something."""
        ground = self._ground
        if not ground.meant.posts:
            return [Absence(Reason.NOTHING_MATCHES, suggestion=ground.meant.suggestion)]
        parts = self._parts(self._window)
        if await self._asking.page(parts, after=None, limit=1):
            return []
        beyond = window_beyond(ground.criteria, now=ground.now, until=ground.until)
        asked = Question(
            parts=parts,
            beyond=self._parts(beyond),
            without_person=lambda posts: cut(self._register, self._window, self._conditions(posts, None)),
            posts=ground.meant.posts,
            patient=ground.patient,
            days=self._days(),
            ahead=ground.until - ground.now,
            is_over=self._window.is_empty,
        )
        return await explain(self._asking, self._register, asked)

    def _parts(self, within: Window, *, by_clock: bool = False) -> list[Part]:
        ground = self._ground
        return cut(self._register, within, self._conditions(ground.meant.posts, ground.patient, by_clock=by_clock))

    def _conditions(self, posts: int, patient: Patient | None, *, by_clock: bool = False) -> Conditions:
        def turns(first: date, last: date) -> Iterator[date]:
            return turning_days(patient, first=first, last=last) if patient else iter(())

        @cache
        def allowed(day: date) -> int:
            return posts & seen(self._register, patient, day) if patient else posts

        return Conditions(allowed, turns, by_clock or self._ground.criteria.asks_for_local_time)

    def _days(self) -> list[date]:
        """Return the days of the search on which what the person may take begins or changes."""
        first, last = self._window.since.date(), max(self._window.since, self._window.until).date()
        patient = self._ground.patient
        return [first, *(turning_days(patient, first=first, last=last) if patient else ())]

    def _groups(self) -> list[Group]:
        return self._clinics() if self._ground.order is Order.NEAREST else self._doctors()

    def _clinics(self) -> list[Group]:
        register, near, posts = self._register, self._ground.criteria.near, self._ground.meant.posts
        found = [
            (ranking_km(near, register.clinics[one].clinic.point) if near else 0.0, one, mask & posts)
            for one, mask in register.of_clinic.items()
            if mask & posts
        ]
        return [Group(one, mask, of_doctor=False) for _, one, mask in sorted(found)]

    def _doctors(self) -> list[Group]:
        register, posts = self._register, self._ground.meant.posts
        found = [(register.names[one], one, mask & posts) for one, mask in register.of_doctor.items() if mask & posts]
        return [Group(one, mask, of_doctor=True) for _, one, mask in sorted(found)]

    def _place(self, slot: Slot) -> Place:
        groups = {Order.EARLIEST: None, Order.NEAREST: slot.clinic.id, Order.DOCTOR: slot.doctor.id}
        return Place(slot.starts_at, slot.id, groups[self._ground.order])

    async def _whole(self, found: Sequence[FoundSlot]) -> list[Slot]:
        """Return slots with all that belongs to them; the reference data are read anew where they are newer."""
        slots = [self._register.whole(one) for one in found]
        if None in slots:
            register = await self._ground.kept.renewed()
            slots = [register.whole(one) for one in found]
        return [slot for slot in slots if slot is not None]


def _summed(counted: Sequence[Counted], by: Callable[[Counted], Key]) -> tuple[Count[Key], ...]:
    """Return how many there are of each kind, most first, those of one number in the order in which they came."""
    sums = Counter[Key]()
    for one in counted:
        sums[by(one)] += one.count
    return tuple(Count(of, count) for of, count in sums.most_common())
