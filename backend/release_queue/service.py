"""Queues for releases: the service. What one can join, where one stands, joining and leaving, each act once by key."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC
from uuid import UUID

from backend.booking.rules import check_channel_of_actor, is_withheld
from backend.booking.scope import Scope
from backend.booking.terms import BookingTerms
from backend.booking.values import ClinicId, DoctorId
from backend.clock import Clock
from backend.database import Database
from backend.idempotency import Facts, Outcome, Request
from backend.release_queue import queries, release_queries
from backend.release_queue.acts import KEPT_IN_SIGHT, Ground, complete, do_once
from backend.release_queue.joining import Joining
from backend.release_queue.look import SYSTEM_CHANCE, QueueLook
from backend.release_queue.rules import Shuffle
from backend.release_queue.terms import PORTAL_TERMS, QueueTerms
from backend.release_queue.values import Place, PlaceId, Release, Wish
from identity.access import Action, require, signed_in
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal

MOST_RELEASES = 20
"""How many releases of a doctor are shown, the soonest ones."""

MOST_PLACES = 20
"""How many places of a person are shown, those that compete first."""


class ReleaseQueueService:
    """Every change is made once, however often it is asked (R56)."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessControl,
        clock: Clock,
        booking_terms: BookingTerms,
        published: Callable[[PersonId], None],
        freed: Callable[[], None] = lambda: None,
        terms: QueueTerms = PORTAL_TERMS,
        shuffle: Shuffle = SYSTEM_CHANCE,
    ) -> None:
        """Write to `database` what `access` allows.

        `published` and `freed` wake who watches, after a commit; `shuffle` is where chance comes from.
        """
        self.queue_look = QueueLook(
            database=database,
            clock=clock,
            booking_terms=booking_terms,
            published=published,
            terms=terms,
            shuffle=shuffle,
        )
        self.terms = terms
        self._ground = Ground(database, access, clock, booking_terms, terms, shuffle, freed)

    async def releases(
        self,
        actor: Principal | None,
        *,
        doctor_id: DoctorId,
        clinic_id: ClinicId | None = None,
        specialty_code: str | None = None,
    ) -> list[Release]:
        """Return what a doctor gives out by queue, now or later, the soonest first.

        Args:
            actor: Anybody.
            doctor_id: Who.
            clinic_id: In this clinic only.
            specialty_code: Of this specialty only.
        """
        require(actor, Action.READ_REFERENCE, None)
        ground, now = self._ground, self._ground.clock()
        found = await release_queries.releases_of(
            ground.database.read, doctor_id, now=now, since=now - ground.terms.lasts, limit=MOST_RELEASES
        )
        return [
            one for one in found if clinic_id in {None, one.clinic.id} and specialty_code in {None, one.specialty.code}
        ]

    async def places(self, actor: Principal | None, *, person_id: PersonId) -> list[Place]:
        """Return where the person queues, then what ended in the last week; the last joined of each first, 20 at most.

        Raises:
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not read this person's appointments.
        """
        ground = self._ground
        grounds = await ground.access.admit(actor, Action.READ_APPOINTMENTS, person_id)
        now, rows = ground.clock(), ground.database.read
        found = await queries.shown(rows, person_id, now=now, since=now - KEPT_IN_SIGHT, limit=MOST_PLACES)
        shown = [one for one in found if not is_withheld(one.told.specialty.code, grounds.withheld)]
        return [await complete(ground, rows, one) for one in shown]

    async def join(
        self, actor: Principal | None, *, person_id: PersonId, wish: Wish, idempotency_key: UUID
    ) -> Outcome[Place]:
        """Let a person queue for a release.

        Who joins before it is drawn by lot at its instant; who joins after it stands behind all others.

        Args:
            actor: Who asks.
            person_id: Who queues.
            wish: For which release.
            idempotency_key: Repeating a key returns the first outcome, a refusal too.

        Returns:
            The place, QUEUED; told again, as it stands then.

        Raises:
            QueueNotFound: No such release, or it is given out without a queue.
            QueueNotOpen, QueueOver: Not yet, or no more.
            PlaceExists, TooManyPlaces: One place a person a release at a time, and so often; in so many queues.
            BookingRefusal: No slot of the release could be held for this person; of the kind a hold would raise.
            ChannelNotAllowed: The actor does not stand behind this door.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        acting = signed_in(actor)

        async def join(joining: Joining) -> PlaceId:
            check_channel_of_actor(acting.kind, wish.channel)
            return await joining.join(wish)

        inputs = {"person": str(person_id), **_facts(wish)}
        request = Request(actor_id=acting.person_id, operation="joinReleaseQueue", key=idempotency_key, inputs=inputs)
        return await self._once(acting, request, person_id, join)

    async def leave(
        self, actor: Principal | None, *, person_id: PersonId, place_id: PlaceId, idempotency_key: UUID
    ) -> Outcome[Place]:
        """Give a place or a turn up; a turn goes to the next at once.

        Raises:
            PlaceNotFound: No such place, or another person's.
            PlaceOver: The turn was used or missed, or the queue has ended.
            IdempotencyKeyReused, IdempotencyInFlight: See `backend.idempotency`.
            NotSignedIn, AccessRefused, AccountNotConfirmed: `actor` may not act for this person.
        """
        acting = signed_in(actor)
        inputs = {"person": str(person_id), "place": str(place_id)}
        request = Request(actor_id=acting.person_id, operation="leaveReleaseQueue", key=idempotency_key, inputs=inputs)
        outcome = await self._once(acting, request, person_id, lambda joining: joining.leave(place_id))
        if not outcome.replayed and outcome.value.facts.queue.released_at <= self._ground.clock():
            self._ground.freed()
        return outcome

    async def _once(
        self,
        actor: Principal,
        request: Request,
        person_id: PersonId,
        act: Callable[[Joining], Awaitable[PlaceId]],
    ) -> Outcome[Place]:
        ground = self._ground

        async def change(scope: Scope) -> PlaceId:
            return await act(Joining(scope, ground.terms, ground.shuffle))

        return await do_once(ground, actor, request, person_id=person_id, work=change)


def _facts(wish: Wish) -> Facts:
    """Return a wish as a JSON object."""
    given = {**asdict(wish), "released_at": wish.released_at.astimezone(UTC).isoformat()}
    return {name: str(value) for name, value in given.items() if value is not None}
