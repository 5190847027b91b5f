"""The search for slots: what is looked for is read in memory, what is free by few statements at the same time."""

import asyncio

from backend.booking.terms import PORTAL_HORIZONS, ChannelHorizon, horizon
from backend.clock import Clock
from backend.database import Database
from backend.errors import NotFound
from backend.slot_search.kept_register import KeptRegister
from backend.slot_search.register import Register
from backend.slot_search.register_queries import read_patient
from backend.slot_search.search import Ground, Search
from backend.slot_search.values import Order, Patient, SearchCriteria
from backend.slot_search.wanted import check, wanted_posts
from identity.access import Action, require
from identity.access_control import AccessControl
from identity.capacities import Category
from identity.principal import Principal


class SlotSearchService:
    """Which times can be had, and if none, why."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        kept: KeptRegister | None = None,
        horizons: tuple[ChannelHorizon, ...] = PORTAL_HORIZONS,
    ) -> None:
        """Read from `database`; `access` says for whom somebody may look, `horizons` how far ahead a channel sees."""
        self._database = database
        self._access = access
        self._clock = clock
        self._kept = kept or KeptRegister(database=database, clock=clock)
        self._horizons = horizons

    async def prepare(
        self, actor: Principal | None, *, criteria: SearchCriteria, order: Order = Order.EARLIEST
    ) -> Search:
        """Read what a search is about; its answers are then asked of what is returned.

        Args:
            actor: Anybody; where a person is named, who may book for them.
            criteria: What is looked for.
            order: In which order.

        Raises:
            TooManyIds, SearchPlaceMissing, RadiusOutOfRange: It cannot be searched by this.
            NotSignedIn, AccountNotConfirmed, AccessRefused: `actor` may not book for the person.
            NotFound: Nothing is known of the person.

        Source: domain reference, §3 "Booking", rules; ADR 0031.
        """
        require(actor, Action.READ_REFERENCE, None)
        check(criteria, order)
        patient, withheld = await self._patient(actor, criteria)
        register = await self._kept.current()
        if criteria.text is not None:
            await _learn_words(register)
        now = self._clock()
        return Search(
            Ground(
                rows=self._database.read,
                kept=self._kept,
                register=register,
                criteria=criteria,
                order=order,
                meant=wanted_posts(register, criteria, withheld),
                patient=patient,
                now=now,
                until=horizon(self._horizons, criteria.channel, now),
            )
        )

    async def _patient(
        self, actor: Principal | None, criteria: SearchCriteria
    ) -> tuple[Patient | None, frozenset[Category]]:
        if criteria.person_id is None:
            return None, frozenset()
        grounds = await self._access.admit(actor, Action.HOLD_SLOT, criteria.person_id)
        patient = await read_patient(self._database.read, criteria.person_id)
        if patient is None:
            raise NotFound
        return patient, grounds.withheld


async def _learn_words(register: Register) -> None:
    """Make the words of a register in a thread, the first time that somebody searches by text."""
    if "vocabulary" not in vars(register):
        await asyncio.to_thread(lambda: register.vocabulary)
