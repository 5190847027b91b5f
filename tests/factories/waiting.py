"""People who wait, over the registry of `tests.factories.booking`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select
from uuid_utils.compat import uuid7

from backend.booking.values import SlotId
from backend.database import Database
from backend.waiting_list.service import WaitingListService
from backend.waiting_list.tables import WaitingListEntryRow, WaitingListOfferRow
from backend.waiting_list.terms import PORTAL_TERMS, WaitingTerms
from backend.waiting_list.values import Entry, EntryId, EntryState, OfferOutcome, Wish
from identity.principal import PersonId, Principal
from tests.factories.booking import THERAPIST, Booking, Place


@dataclass
class WaitingRoom:
    """The list over one database and the clock of its booking."""

    database: Database
    waiting_terms: WaitingTerms = PORTAL_TERMS
    booking: Booking = field(init=False)

    def __post_init__(self) -> None:
        """Build the services."""
        self.booking = Booking(self.database)
        self.clock = self.booking.clock
        self.service = WaitingListService(
            database=self.database,
            access=self.booking.access,
            clock=self.clock,
            booking_terms=self.booking.terms,
            published=self.booking.published.append,
            terms=self.waiting_terms,
        )
        self.offering = self.service.offering

    async def join(self, actor: Principal, place: Place, *, specialty: str = THERAPIST, **wish: Any) -> EntryId:
        """Let the actor wait for a slot of a place; return the entry's id."""
        wanted = Wish(**{"specialty_code": specialty, "clinic_ids": (place.clinic_id,), **wish})
        outcome = await self.service.join(actor, person_id=actor.person_id, wish=wanted, idempotency_key=uuid7())
        return outcome.value.facts.id

    async def act(self, act: str, actor: Principal, entry_id: EntryId) -> Entry:
        """Do `pause`, `resume`, `leave` or `decline` under a new key; return the entry as it stands."""
        outcome = await getattr(self.service, act)(
            actor, person_id=actor.person_id, entry_id=entry_id, idempotency_key=uuid7()
        )
        found: Entry = outcome.value
        return found

    async def entry(self, actor: Principal) -> Entry:
        """Return the actor's only entry as it is shown."""
        [found] = await self.service.entries(actor, person_id=actor.person_id)
        return found

    async def states(self, actors: Iterable[Principal]) -> list[EntryState]:
        """Return the state of the only entry of each, as it is shown."""
        return [(await self.entry(one)).state for one in actors]

    async def offered(self) -> dict[SlotId, PersonId]:
        """Return to whom each slot is offered now, as it is written."""
        return {SlotId(row.slot_id): PersonId(row.person_id) for row in await self.offers() if row.outcome == "open"}

    async def offers(self) -> list[WaitingListOfferRow]:
        """Return every offer in order of making."""
        async with self.database.reading() as session:
            wanted = select(WaitingListOfferRow).order_by(col(WaitingListOfferRow.id))
            return list((await session.exec(wanted)).all())

    async def outcomes(self) -> list[OfferOutcome]:
        """Return what became of each offer, in order of making."""
        return [one.outcome for one in await self.offers()]

    async def rows(self) -> dict[PersonId, WaitingListEntryRow]:
        """Return the last entry of each person as it is written."""
        async with self.database.reading() as session:
            found = (await session.exec(select(WaitingListEntryRow).order_by(col(WaitingListEntryRow.id)))).all()
        return {PersonId(row.person_id): row for row in found}
