"""People who queue for a release, over the registry of `tests.factories.booking`; chance is what a test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select, update
from uuid_utils.compat import uuid7

from backend.booking.release_tables import ReleaseQueuePlaceRow, ReleaseQueueRow
from backend.booking.states import PlaceState
from backend.booking.tables import PostRow, SlotRow
from backend.booking.values import SlotId
from backend.database import Database
from backend.release_queue.look import QueueLook
from backend.release_queue.service import ReleaseQueueService
from backend.release_queue.terms import PORTAL_TERMS, QueueTerms
from backend.release_queue.values import Place, PlaceId, PostId, Wish
from identity.principal import PersonId, Principal
from tests.factories.booking import Booking
from tests.factories.booking import Place as Doctor
from tests.factories.people import NOW

RELEASE = NOW + timedelta(minutes=30)
"""When the doctor of a hall gives its times out; people can join from `NOW` on."""


def as_they_joined(_: list[PlaceId]) -> None:
    """Be the chance that leaves the order of ids, which is that of joining."""


@dataclass
class Hall:
    """Queues over one database and the clock of its booking."""

    database: Database
    queue_terms: QueueTerms = PORTAL_TERMS
    shuffle: Any = as_they_joined
    booking: Booking = field(init=False)

    def __post_init__(self) -> None:
        """Build the services."""
        self.booking = Booking(self.database)
        self.clock = self.booking.clock
        self.service = ReleaseQueueService(
            database=self.database,
            access=self.booking.access,
            clock=self.clock,
            booking_terms=self.booking.terms,
            published=self.booking.published.append,
            terms=self.queue_terms,
            shuffle=self.shuffle,
        )
        self.queues = self.service.queue_look

    def another_look(self) -> QueueLook:
        """Return the look of another process, with a chance of its own."""
        return QueueLook(
            database=self.database,
            clock=self.clock,
            booking_terms=self.booking.terms,
            published=self.booking.published.append,
            terms=self.queue_terms,
        )

    async def doctor(self, *, slots: int, specialty: str = "therapist") -> tuple[Doctor, PostId, list[SlotId]]:
        """Store a doctor whose `slots` times of tomorrow are given out at `RELEASE`, by queue."""
        doctor = await self.booking.one_place(specialty=specialty)
        starts = [NOW + timedelta(days=1, hours=hours) for hours in range(slots)]
        ids = await self.booking.registry.add_slots(doctor, starts)
        return doctor, await self.release(doctor, ids), ids

    async def release(
        self, doctor: Doctor, slot_ids: Sequence[SlotId], at: datetime = RELEASE, *, by_queue: bool = True
    ) -> PostId:
        """Let slots of a doctor be given out from an instant on; return their post."""
        async with self.database.transaction() as session:
            post = (await session.exec(select(PostRow).where(col(PostRow.doctor_id) == doctor.doctor_id))).one()
            post.releases_by_queue = by_queue
            released = update(SlotRow).where(col(SlotRow.id).in_(slot_ids)).values(released_at=at)
            await (await session.connection()).execute(released)
            return PostId(post.id)

    async def withdraw(self, slot_ids: Sequence[SlotId]) -> None:
        """Let the clinic give slots out no more."""
        async with self.database.transaction() as session:
            withdrawn = update(SlotRow).where(col(SlotRow.id).in_(slot_ids)).values(channels=0)
            await (await session.connection()).execute(withdrawn)

    async def join(self, actor: Principal, post_id: PostId, **wish: Any) -> PlaceId:
        """Let the actor queue for the release of a post; return the place's id."""
        wanted = Wish(**{"post_id": post_id, "released_at": RELEASE, **wish})
        outcome = await self.service.join(actor, person_id=actor.person_id, wish=wanted, idempotency_key=uuid7())
        return outcome.value.facts.id

    async def join_all(self, actors: Sequence[Principal], post_id: PostId) -> list[PlaceId]:
        """Let people queue one after another; return their places."""
        return [await self.join(one, post_id) for one in actors]

    async def leave(self, actor: Principal, place_id: PlaceId) -> Place:
        """Let the actor leave under a new key; return the place as it stands."""
        outcome = await self.service.leave(actor, person_id=actor.person_id, place_id=place_id, idempotency_key=uuid7())
        return outcome.value

    async def place(self, actor: Principal) -> Place:
        """Return the actor's last place as it is shown."""
        return (await self.service.places(actor, person_id=actor.person_id))[0]

    async def states(self, actors: Sequence[Principal]) -> list[PlaceState]:
        """Return the state of the last place of each, as it is shown."""
        return [(await self.place(one)).state for one in actors]

    async def open(self, *, later: timedelta = timedelta(0)) -> None:
        """Let the release come, and look."""
        self.clock.set(RELEASE + later)
        await self.queues.look()

    async def pass_by(self, **time: float) -> None:
        """Let time pass, and look."""
        self.clock.advance(timedelta(**time))
        await self.queues.look()

    async def rows(self) -> list[ReleaseQueuePlaceRow]:
        """Return every place as it is written, in order of joining."""
        async with self.database.reading() as session:
            wanted = select(ReleaseQueuePlaceRow).order_by(col(ReleaseQueuePlaceRow.id))
            return list((await session.exec(wanted)).all())

    async def of(self, actor: Principal) -> ReleaseQueuePlaceRow:
        """Return the actor's last place as it is written."""
        return [row for row in await self.rows() if PersonId(row.person_id) == actor.person_id][-1]

    async def queue_rows(self) -> list[ReleaseQueueRow]:
        """Return every queue as it is written."""
        async with self.database.reading() as session:
            return list((await session.exec(select(ReleaseQueueRow))).all())
