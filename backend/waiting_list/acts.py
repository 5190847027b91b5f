"""Doing one change of a person's entry once, with the right to it, in one transaction (R56)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from backend.booking.rules import is_withheld
from backend.booking.scope import Scope
from backend.booking.terms import BookingTerms
from backend.clock import Clock
from backend.database import Database
from backend.errors import Refusal
from backend.idempotency import Facts, Outcome, Request, run_once
from backend.reading import Rows
from backend.waiting_list import queries
from backend.waiting_list.errors import BY_CODE, EntryNotFound
from backend.waiting_list.rules import outcome_of, state_after
from backend.waiting_list.terms import WaitingTerms
from backend.waiting_list.values import OPEN_STATES, Entry, EntryFacts, EntryId, EntryState, Offer, OfferOutcome
from identity.access import Action
from identity.access_control import AccessControl
from identity.principal import PersonId, Principal

Work = Callable[[Scope], Awaitable[EntryId]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What every act of the list stands on; `freed` wakes the offering, after the commit."""

    database: Database
    access: AccessControl
    clock: Clock
    booking_terms: BookingTerms
    terms: WaitingTerms
    freed: Callable[[], None]


async def do_once(
    ground: Ground, actor: Principal, request: Request, *, person_id: PersonId, work: Work
) -> Outcome[Entry]:
    """Do one change once and commit; what was refused is undone, recorded and raised.

    Args:
        ground: Where.
        actor: Who acts.
        request: What is asked, under which key.
        person_id: For whom.
        work: Makes the change; returns the entry it is about.

    Returns:
        The entry as it stands now.
    """
    async with ground.access.writing(actor, Action.CHANGE_WAITING_LIST, person_id) as (session, grounds):
        scope = Scope.admitted(session, actor, person_id, grounds, clock=ground.clock, terms=ground.booking_terms)

        async def change() -> Facts:
            return {"entry": str(await work(scope))}

        recorded = await run_once(session, request, now=ground.clock(), work=change, explain=_nothing)
        if recorded.refused is None:
            done = await read_entry(scope, UUID(recorded.facts["entry"]), terms=ground.terms)
            return Outcome(done, recorded.replayed)
    raise BY_CODE[recorded.refused](replayed=recorded.replayed)


async def _nothing(_: Refusal) -> Facts:
    return {}


async def find(scope: Scope, entry_id: EntryId) -> EntryFacts:
    """Return the person's own entry.

    Raises:
        EntryNotFound: There is none, it is another person's, or it is withheld from the actor.
    """
    found = await queries.find_entry(scope.rows, scope.person_id, entry_id, now=scope.clock())
    if found is None or is_withheld(found.specialty.code, scope.withheld):
        raise EntryNotFound
    return found


async def read_entry(scope: Scope, entry_id: UUID, *, terms: WaitingTerms) -> Entry:
    """Return the person's own entry, which exists, with its clinics and its offer."""
    facts = await find(scope, EntryId(entry_id))
    [entry] = await complete(scope.rows, scope.person_id, [facts], clock=scope.clock, terms=terms)
    return entry


async def complete(
    rows: Rows, person_id: PersonId, facts: list[EntryFacts], *, clock: Clock, terms: WaitingTerms
) -> list[Entry]:
    """Return entries with what belongs to each, in their order; what the clock has decided is decided."""
    if not facts:
        return []
    clinics = await queries.clinics_of(rows, person_id)
    offers = {one.entry_id: one for one in await queries.offers_of(rows, person_id)}
    entries = []
    for one in facts:
        state, offer = _now(one, offers.get(one.id), clock=clock, terms=terms)
        of_entry = tuple(clinic for entry_id, clinic in clinics if entry_id == one.id)
        entries.append(Entry(one, state, one.ahead if state in OPEN_STATES else None, of_entry, offer))
    return entries


def _now(
    facts: EntryFacts, offer: Offer | None, *, clock: Clock, terms: WaitingTerms
) -> tuple[EntryState, Offer | None]:
    """Return the state of an entry and what is offered, as the clock and the hold say, whatever is written yet."""
    now, state = clock(), facts.state
    if state is EntryState.OFFERED and offer is not None:
        outcome = outcome_of(offer, now=now)
        if outcome is OfferOutcome.OPEN:
            return state, offer
        state, _ = state_after(outcome, unanswered=facts.unanswered, terms=terms)
    if state in {EntryState.WAITING, EntryState.PAUSED} and facts.window.ends_at <= now:
        state = EntryState.EXPIRED
    return state, None


KEPT_IN_SIGHT = timedelta(days=7)
"""How long an entry is shown that has ended."""
