"""The search for free slots."""

from collections.abc import Sequence

from backend.booking import slot_queries
from backend.booking.rules import check_criteria
from backend.booking.terms import PORTAL_HORIZONS, ChannelHorizon, horizon
from backend.booking.values import (
    Page,
    Slot,
    SlotCriteria,
    SlotId,
    TimeKey,
)
from backend.clock import Clock
from backend.database import Database
from identity.access import Action, require
from identity.principal import Principal


class SlotService:
    """Which times are free."""

    def __init__(
        self, *, database: Database, clock: Clock, horizons: tuple[ChannelHorizon, ...] = PORTAL_HORIZONS
    ) -> None:
        """Read from `database`; `horizons` says how far ahead each channel sees."""
        self._database = database
        self._clock = clock
        self._horizons = horizons

    async def search(
        self, actor: Principal | None, *, criteria: SlotCriteria, after: TimeKey | None = None, limit: int
    ) -> Page[Slot]:
        """Return a page of free slots, soonest first.

        Only what can be taken now: free, not begun, given out through the channel and within its horizon. A slot
        that is taken between two pages drops out; none stands on both.

        Args:
            actor: Anybody.
            criteria: What is looked for.
            after: Start and id of the last slot of the page before.
            limit: At most so many, and at most 100.

        Returns:
            Slots in order of start (UTC) and id, with clinic, doctor and specialty; one SQL statement.

        Raises:
            TooManyIds: More than 100 ids of one kind.
            ValueError: `limit` is above 100.

        Source: domain reference, §3 "Booking", rules.
        """
        require(actor, Action.READ_REFERENCE, None)
        check_criteria(criteria)
        now = self._clock()
        until = horizon(self._horizons, criteria.channel, now)
        wanted = slot_queries.search_parameters(criteria, now=now, until=until, after=after, limit=limit + 1)
        found = await slot_queries.search(self._database.read, wanted)
        return Page(tuple(found[:limit]), has_next=len(found) > limit)

    async def by_ids(self, actor: Principal | None, *, ids: Sequence[SlotId]) -> dict[SlotId, Slot]:
        """Return the slots that exist, free or not, by id."""
        require(actor, Action.READ_REFERENCE, None)
        return {slot.id: slot for slot in await slot_queries.slots_by_ids(self._database.read, ids)}
