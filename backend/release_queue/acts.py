"""Doing one change of a person's place once, with the right to it, in one transaction (R56)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from backend.booking.rules import is_withheld
from backend.booking.scope import Scope
from backend.booking.states import COMPETING_PLACES, PlaceState
from backend.booking.terms import BookingTerms, horizon
from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.reading import Rows
from backend.release_queue import queries, release_queries
from backend.release_queue.errors import BY_CODE, PlaceNotFound
from backend.release_queue.rules import Shuffle, refresh_after_seconds, state_now
from backend.release_queue.terms import QueueTerms
from backend.release_queue.values import Place, PlaceFacts, PlaceId
from identity.access import Action
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal

Work = Callable[[Scope], Awaitable[PlaceId]]

KEPT_IN_SIGHT = timedelta(days=7)
"""How long a place is shown that has ended."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What every act stands on; `freed` wakes the look, after the commit."""

    database: Database
    access: AccessControl
    clock: Clock
    booking_terms: BookingTerms
    terms: QueueTerms
    shuffle: Shuffle
    freed: Callable[[], None]


async def do_once(
    ground: Ground, actor: Principal, request: Request, *, person_id: PersonId, work: Work
) -> Outcome[Place]:
    """Do one change once and commit; what was refused is undone, recorded and raised.

    Args:
        ground: Where.
        actor: Who acts.
        request: What is asked, under which key.
        person_id: For whom.
        work: Makes the change; returns the place it is about.

    Returns:
        The place as it stands now.
    """
    async with ground.access.writing(actor, Action.CHANGE_WAITING_LIST, person_id) as (session, grounds):
        scope = Scope.admitted(session, actor, person_id, grounds, clock=ground.clock, terms=ground.booking_terms)

        async def change() -> Facts:
            return {"place": str(await work(scope))}

        recorded = await run_once(session, request, now=ground.clock(), work=change, explain=_nothing)
        if recorded.refused is None:
            facts = await find(scope, UUID(recorded.facts["place"]))
            return Outcome(await complete(ground, scope.rows, facts), recorded.replayed)
    raise BY_CODE[recorded.refused](replayed=recorded.replayed)


async def _nothing(_: Refusal) -> Facts:
    return {}


async def find(scope: Scope, place_id: UUID) -> PlaceFacts:
    """Return the person's own place.

    Raises:
        PlaceNotFound: There is none, it is another person's, or it is withheld from the actor.
    """
    found = await queries.find_place(scope.rows, scope.person_id, place_id, now=scope.clock())
    if found is None or is_withheld(found.told.specialty.code, scope.withheld):
        raise PlaceNotFound
    return found


async def complete(ground: Ground, rows: Rows, facts: PlaceFacts) -> Place:
    """Return a place as it is by the clock, with what the person can hold now."""
    now, queue = ground.clock(), facts.queue
    state, ended_at = state_now(facts, now=now)
    slots = []
    if state is PlaceState.TURN:
        until = horizon(ground.booking_terms.horizons, facts.channel, now)
        slots = await release_queries.free_for(
            rows, queue.post_id, queue.released_at, facts.channel, now=now, until=until
        )
    is_drawn = facts.place is not None and state in {PlaceState.QUEUED, PlaceState.TURN}
    counts = facts if state in COMPETING_PLACES else replace(facts, ahead=0, participants=0, free=0)
    return Place(
        facts=counts,
        state=state,
        ahead=facts.ahead if is_drawn else None,
        turn_until=facts.turn_until if state is PlaceState.TURN else None,
        ended_at=ended_at,
        refresh_after_seconds=refresh_after_seconds(facts, state, now=now),
        slots=tuple(slots),
    )
