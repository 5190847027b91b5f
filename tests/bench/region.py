"""The demo region of one run: migrated, seeded, and with people who have something on their home screen."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text
from uuid_utils.compat import uuid7

from backend.booking.entitlement_tables import ReferralRow
from backend.booking.values import Slot, SlotCriteria, TimeKey
from backend.clock import system_clock
from backend.entrypoints.bootstrap import Parts, open_parts
from backend.entrypoints.demo.people import DemoPerson, generate_people
from backend.entrypoints.demo.plan import Plan
from backend.entrypoints.demo.region import CLINICS, SPECIALTIES, demo_id
from backend.entrypoints.demo.seed import seed_region
from backend.entrypoints.demo.sign_in import CLIENT_ID
from backend.entrypoints.migrations.run import upgrade
from backend.entrypoints.tokens import identity_settings
from backend.settings import Settings
from identity.principal import ActorKind, Assurance, PersonId, Principal
from identity.sessions import Sessions
from tests.bench.processes import BenchmarkFailed

CITIZENS = 32
"""How many people take turns, so that no two requests of 16 connections at one time are one person's."""

APPOINTMENTS = 5
"""How many each has; each booking also leaves a message in the inbox."""

_REFERRED = [one for one in SPECIALTIES if not one.direct][:APPOINTMENTS]
"""Whoever has a referral may go there, of whatever age and sex, attached wherever."""

_FOR_CHILDREN = frozenset(clinic.id for clinic in CLINICS if clinic.for_children)


@dataclass(frozen=True, slots=True)
class Region:
    """What the load needs to know: the citizens with their access tokens, and where the search for slots begins."""

    plan: Plan
    tokens: tuple[str, ...]
    person_ids: tuple[PersonId, ...]
    actor: Principal
    tomorrow: datetime
    seeding_seconds: float


def prepare_region(settings: Settings, people: int) -> Region:
    """Migrate and seed an empty database, then book for the citizens through the service itself.

    Raises:
        BenchmarkFailed: The region has too few people or free slots.
    """
    upgrade(settings.database.url)
    return asyncio.run(_prepare(settings, people))


async def _prepare(settings: Settings, people: int) -> Region:
    plan = Plan(people=people, seed=settings.demo_seed, now=system_clock(), issuer=settings.identity.esia.issuer)
    tomorrow = datetime.combine(plan.today + timedelta(days=1), datetime.min.time(), UTC)
    async with open_parts(settings, system_clock) as parts:
        began = time.perf_counter()
        await seed_region(parts.database, plan)
        seeding_seconds = time.perf_counter() - began
        tokens = await sign_in(parts, citizens(plan, CITIZENS))
        actors = tuple(parts.tokens.verify(token) for token in tokens)
        await _refer(parts, actors, plan)
        await _book(parts, actors, tomorrow)
        await _gather_statistics(parts)
    return Region(plan, tokens, tuple(one.person_id for one in actors), actors[0], tomorrow, seeding_seconds)


def citizens(plan: Plan, count: int, *, first: int = 0) -> list[DemoPerson]:
    """Return so many confirmed citizens of a region, after the first few.

    Raises:
        BenchmarkFailed: There are fewer.
    """
    everybody = generate_people(plan.people, seed=plan.seed, today=plan.today)
    found = [one for one in everybody if _is_citizen(one)][first : first + count]
    if len(found) < count:
        raise BenchmarkFailed(f"the region has fewer than {first + count} citizens: ask for more people")
    return found


def _is_citizen(person: DemoPerson) -> bool:
    return person.kind is ActorKind.CITIZEN and person.assurance is Assurance.CONFIRMED


async def sign_in(parts: Parts, people: Sequence[DemoPerson]) -> tuple[str, ...]:
    """Open a session for each of the people; return their access tokens in that order."""
    settings = identity_settings(parts.settings)
    sessions = Sessions(
        transaction=parts.database.transaction, tokens=parts.tokens, clock=parts.clock, settings=settings.tokens
    )
    grants = [
        await sessions.open_for_development(issuer=settings.esia.issuer, subject=str(one.oid), client_id=CLIENT_ID)
        for one in people
    ]
    return tuple(grant.access_token for grant in grants)


async def _refer(parts: Parts, actors: Sequence[Principal], plan: Plan) -> None:
    """Give everybody a referral to each specialty that they are to be booked with."""
    rows = [
        {
            "person_id": actor.person_id,
            "id": uuid7(),
            "number": f"B-{number}-{one.code}",
            "specialty_id": demo_id("specialty", one.code),
            "issued_on": plan.today,
            "expires_on": plan.today + timedelta(days=90),
            "source": "bench",
            "as_of": plan.now,
        }
        for number, actor in enumerate(actors)
        for one in _REFERRED
    ]
    async with parts.database.transaction() as session:
        await (await session.connection()).execute(insert(ReferralRow), rows)


async def _book(parts: Parts, actors: Sequence[Principal], tomorrow: datetime) -> None:
    """Book a slot in each of several specialties for everybody; each begins after the one before has ended."""
    begin = tomorrow
    for specialty in _REFERRED:
        slots = await _free_slots(parts, specialty.code, begin, len(actors))
        for actor, slot in zip(actors, slots, strict=True):
            held = await parts.services.appointments.hold_slot(
                actor, person_id=actor.person_id, slot_id=slot.id, idempotency_key=uuid7()
            )
            await parts.services.appointments.book_appointment(
                actor, person_id=actor.person_id, hold_id=held.value.id, idempotency_key=uuid7()
            )
        begin = max(slot.ends_at for slot in slots)


async def _free_slots(parts: Parts, specialty_code: str, begin: datetime, count: int) -> list[Slot]:
    criteria = SlotCriteria(specialty_code=specialty_code, starts_from=begin)
    for_adults: list[Slot] = []
    after: TimeKey | None = None
    while len(for_adults) < count:
        page = await parts.services.slots.search(None, criteria=criteria, after=after, limit=100)
        for_adults += [one for one in page.items if one.clinic.id not in _FOR_CHILDREN]
        if not page.has_next and len(for_adults) < count:
            raise BenchmarkFailed(f"the region has fewer than {count} free slots of {specialty_code}")
        after = TimeKey(page.items[-1].starts_at, page.items[-1].id)
    return for_adults[:count]


async def _gather_statistics(parts: Parts) -> None:
    """Do at once what PostgreSQL would do by itself in the middle of a round."""
    if not parts.database.is_sqlite:
        async with parts.database.engine.begin() as connection:
            await connection.execute(text("ANALYZE"))
