"""The demo region of one run: migrated, seeded, and with people who have something on their home screen."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from uuid_utils.compat import uuid7

from backend.booking.values import Slot, SlotCriteria
from backend.clock import system_clock
from backend.entrypoints.bootstrap import Parts, open_parts
from backend.entrypoints.demo.people import DemoPerson, generate_people
from backend.entrypoints.demo.plan import Plan
from backend.entrypoints.demo.region import SPECIALTIES
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
        await _book(parts, tokens, tomorrow)
        await _gather_statistics(parts)
        actors = tuple(parts.tokens.verify(token) for token in tokens)
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


async def _book(parts: Parts, tokens: Sequence[str], tomorrow: datetime) -> None:
    """Book a slot in each of several specialties for everybody; each begins after the one before has ended."""
    begin = tomorrow
    for specialty in SPECIALTIES[:APPOINTMENTS]:
        slots = await _free_slots(parts, specialty.code, begin, len(tokens))
        for token, slot in zip(tokens, slots, strict=True):
            actor = parts.tokens.verify(token)
            held = await parts.services.appointments.hold_slot(
                actor, person_id=actor.person_id, slot_id=slot.id, idempotency_key=uuid7()
            )
            await parts.services.appointments.book_appointment(
                actor, person_id=actor.person_id, hold_id=held.value.id, idempotency_key=uuid7()
            )
        begin = max(slot.ends_at for slot in slots)


async def _free_slots(parts: Parts, specialty_code: str, begin: datetime, count: int) -> tuple[Slot, ...]:
    criteria = SlotCriteria(specialty_code=specialty_code, starts_from=begin)
    found = (await parts.services.slots.search(None, criteria=criteria, limit=count)).items
    if len(found) < count:
        raise BenchmarkFailed(f"the region has fewer than {count} free slots of {specialty_code}")
    return found


async def _gather_statistics(parts: Parts) -> None:
    """Do at once what PostgreSQL would do by itself in the middle of a round."""
    if not parts.database.is_sqlite:
        async with parts.database.engine.begin() as connection:
            await connection.execute(text("ANALYZE"))
