"""A person's places in queues: joining and leaving, each inside a transaction of the caller.

Locks are taken in the order of a hold's: first the person, then the queue.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.booking import appointment_queries, eligibility_queries
from backend.booking.eligibility import Referral, check_person_fits, choose_referral
from backend.booking.errors import BookingRefusal
from backend.booking.holds import check_comes
from backend.booking.release_tables import ReleaseQueuePlaceRow, ReleaseQueueRow
from backend.booking.rules import check_person_free, check_slot_bookable, is_withheld
from backend.booking.scope import Scope
from backend.booking.states import KEPT_PLACES, AppointmentStatus, PlaceState
from backend.booking.terms import horizon
from backend.booking.turns import lock_queue
from backend.booking.values import Claim, Registry
from backend.release_queue import change_queries, queries, release_queries
from backend.release_queue.acts import find
from backend.release_queue.errors import PlaceExists, PlaceOver, QueueNotFound, QueueOver, TooManyPlaces
from backend.release_queue.look import draw_if_due
from backend.release_queue.rules import Shuffle, check_can_join, state_now
from backend.release_queue.terms import QueueTerms
from backend.release_queue.values import PlaceId, Post, Queue, ReleasedSlot, Wish
from identity.errors import AccessRefused


class Joining:
    """Changes of one person's places; a refusal leaves the undoing to the caller's savepoint."""

    def __init__(self, scope: Scope, terms: QueueTerms, shuffle: Shuffle) -> None:
        """Work within `scope`; `shuffle` is chance, should the draw be due."""
        self._scope = scope
        self._terms = terms
        self._shuffle = shuffle

    async def join(self, wish: Wish) -> PlaceId:
        """Add a place: before the release to be drawn, after it behind all others. Return its id.

        Raises:
            AccessRefused: A visit of this specialty is withheld from the actor.
            ReleaseQueueRefusal, BookingRefusal: As `ReleaseQueueService.join`.
        """
        scope = self._scope
        post, slots, is_there = await self._release(wish)
        await appointment_queries.lock_person(scope.session, scope.person_id)
        await self._check_takes(post, slots, wish)
        queue = await self._locked_queue(wish, is_there=is_there)
        now = scope.clock()
        check_can_join(queue.released_at, queue.ended_at, now=now, terms=self._terms)
        await self._check_places(queue, now)
        is_drawn = await draw_if_due(scope.session, queue, now=now, shuffle=self._shuffle)
        place = ReleaseQueuePlaceRow(
            person_id=scope.person_id,
            actor_id=scope.actor_id,
            queue_id=queue.id,
            channel=wish.channel,
            referral_id=wish.referral_id,
            state=PlaceState.QUEUED,
            joined_at=now,
        )
        if is_drawn or queue.drawn_at is not None:
            place.place = await change_queries.next_place(scope.session, queue.id)
        await change_queries.insert_place(scope.session, place)
        return PlaceId(place.id)

    async def leave(self, place_id: PlaceId) -> PlaceId:
        """Give a place or a turn up; a second time changes nothing. Return its id.

        Raises:
            PlaceNotFound: No such place.
            PlaceOver: The turn was used or missed, or the queue has ended.
        """
        scope = self._scope
        await appointment_queries.lock_person(scope.session, scope.person_id)
        await lock_queue(scope.session, (await find(scope, place_id)).queue.id)
        place, now = await find(scope, place_id), scope.clock()
        state, _ = state_now(place, now=now)
        if state is PlaceState.LEFT:
            return place_id
        if state not in {PlaceState.QUEUED, PlaceState.TURN}:
            raise PlaceOver
        await change_queries.change_place(scope.session, scope.person_id, place_id, state=PlaceState.LEFT, ended_at=now)
        return place_id

    async def _release(self, wish: Wish) -> tuple[Post, Sequence[ReleasedSlot], bool]:
        """Return the post and the slots of a release that people may queue for now, and whether anybody has.

        Raises:
            AccessRefused: A visit of this specialty is withheld from the actor.
            QueueNotFound: There is none.
            QueueNotOpen, QueueOver: Not now.
        """
        scope = self._scope
        post = await release_queries.find_post(scope.rows, wish.post_id)
        if post is None:
            raise QueueNotFound
        if is_withheld(post.terms.specialty_code, scope.withheld):
            raise AccessRefused
        slots = await release_queries.slots_of(scope.rows, post.id, wish.released_at)
        queue = await queries.queue_of(scope.rows, post.id, wish.released_at)
        is_kept = queue is not None or (post.releases_by_queue and post.terms.kept_by is Registry.OWN)
        if not slots or not is_kept:
            raise QueueNotFound
        ended_at = None if queue is None else queue.ended_at
        check_can_join(wish.released_at, ended_at, now=scope.clock(), terms=self._terms)
        return post, slots, queue is not None

    async def _check_takes(self, post: Post, slots: Sequence[ReleasedSlot], wish: Wish) -> None:
        """Refuse whom no slot of the release could be held for while the queue stands, by the rules of the hold itself.

        Raises:
            BookingRefusal: Of the soonest slot that nobody has booked.
            QueueOver: All are booked.
        """
        scope = self._scope
        now = max(scope.clock(), wish.released_at)
        await check_comes(scope, wish.channel, scope.clock())
        person = await eligibility_queries.facts_of(scope.rows, scope.person_id)
        referrals: Sequence[Referral] = ()
        if not post.terms.direct_booking or wish.referral_id is not None:
            referrals = await eligibility_queries.referrals_of(scope.rows, scope.person_id)
        own = await scope.ahead(scope.clock())
        refused: BookingRefusal | None = None
        left = [one for one in slots if one.claim in {None, AppointmentStatus.HELD}]
        for slot in sorted(left, key=lambda one: one.time.starts_at):
            try:
                self._check_slot(post, slot, wish, own, now)
                check_person_fits(slot.time, post.terms, person)
                choose_referral(post.terms, slot.time.starts_at, referrals, named=wish.referral_id)
            except BookingRefusal as refusal:
                refused = refused or refusal
            else:
                return
        raise refused or QueueOver

    def _check_slot(self, post: Post, slot: ReleasedSlot, wish: Wish, own: Sequence[Claim], now: datetime) -> None:
        until = horizon(self._scope.terms.horizons, wish.channel, wish.released_at + self._terms.lasts)
        check_slot_bookable(slot.time, channel=wish.channel, now=now, until=until)
        check_person_free(slot.time, own, now=self._scope.clock())

    async def _locked_queue(self, wish: Wish, *, is_there: bool) -> Queue:
        """Return the queue of a release, locked; the first one who joins makes it."""
        session = self._scope.session
        if not is_there:
            ends_at = wish.released_at + self._terms.lasts
            row = ReleaseQueueRow(post_id=wish.post_id, released_at=wish.released_at, ends_at=ends_at)
            await change_queries.add_queue(session, row)
        return await queries.lock_queue_of(session, wish.post_id, wish.released_at)

    async def _check_places(self, queue: Queue, now: datetime) -> None:
        """Refuse a second place in a queue, and too many places; a turn that is over is written to be so.

        Raises:
            PlaceExists: The person has a place in the queue, has used their turn, or has joined it too often.
            TooManyPlaces: They stand in as many queues as one may.
        """
        scope = self._scope
        elsewhere = await queries.competing(scope.rows, scope.person_id, now=now)
        had = await change_queries.states_of(scope.session, scope.person_id, queue.id)
        for place_id, state in had:
            if state in KEPT_PLACES:
                await self._settle(place_id, state, now)
        if len(had) >= self._terms.most_joins:
            raise PlaceExists
        if len(elsewhere) >= self._terms.most_places:
            raise TooManyPlaces

    async def _settle(self, place_id: UUID, state: PlaceState, now: datetime) -> None:
        scope = self._scope
        place = await find(scope, place_id)
        seen, ended_at = state_now(place, now=now)
        if seen is state:
            raise PlaceExists
        await change_queries.change_place(scope.session, scope.person_id, place_id, state=seen, ended_at=ended_at)
